/** `hearth::crypto::EcdhSession` against other implementations of the scheme, both ways. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HearthPeer, kImplementations, kTestTimeout } from './crypto_support.mjs';

const kTexts = ['', 'a', 'Grüße, 世界 🔥', JSON.stringify({ event: 'm', data: [1, 2, 3] }), 'x'.repeat(100_000)];

for (const [name, Session] of Object.entries(kImplementations)) {
  describe(`EcdhSession and ${name}`, { timeout: kTestTimeout }, () => {
    let peer;
    before(() => {
      peer = new HearthPeer();
    });
    after(() => peer.stop());

    /** Both ends with the same key. */
    async function agree(info, ownInfo = info) {
      const session = await Session.generate(info);
      const { publicKey, salt } = await peer.ask({ do: 'generate', ...(ownInfo && { info: ownInfo }) });
      await session.derive(publicKey, salt);
      assert.deepEqual(await peer.ask({ do: 'derive', publicKey: session.publicKey, salt }), {});
      return session;
    }

    test('open what the other encrypted', async () => {
      const session = await agree();
      for (const text of kTexts) {
        assert.equal(await session.decrypt(await peer.ask({ do: 'encrypt', text })), text);
        assert.deepEqual(await peer.ask({ do: 'decrypt', ...(await session.encrypt(text)) }), { text });
      }
    });

    test('agree on a key every time', async () => {
      for (let i = 0; i < 50; i += 1) {
        const session = await agree();
        assert.equal(await session.decrypt(await peer.ask({ do: 'encrypt', text: `${i}` })), `${i}`);
      }
    });

    test('agree with an info of their own, and not with another', async () => {
      const same = await agree('my application');
      assert.equal(await same.decrypt(await peer.ask({ do: 'encrypt', text: 'text' })), 'text');
      const other = await agree('my application', 'another');
      await assert.rejects(other.decrypt(await peer.ask({ do: 'encrypt', text: 'text' })));
      assert.match((await peer.ask({ do: 'decrypt', ...(await other.encrypt('text')) })).error, /not encrypted with/);
    });

    test('bind additional data', async () => {
      const session = await agree();
      const additionalData = 'raum:grün';
      const sealed = await peer.ask({ do: 'encrypt', text: 'text', additionalData });
      assert.equal(await session.decrypt(sealed, additionalData), 'text');
      await assert.rejects(session.decrypt(sealed, 'other'));
      const theirs = await session.encrypt('text', additionalData);
      assert.deepEqual(await peer.ask({ do: 'decrypt', ...theirs, additionalData }), { text: 'text' });
      assert.match((await peer.ask({ do: 'decrypt', ...theirs })).error, /not encrypted with/);
    });
  });
}
