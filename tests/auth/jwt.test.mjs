/** Hearth's tokens and those of jose, both ways, in every algorithm. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isHmac, jose, JwtPeer, kAlgorithms, keysFor, kTestTimeout, signed } from './support.mjs';

const kClaims = {
  sub: 'ann',
  name: 'Zażółć 🔥 "gęślą"\n',
  list: [1, -2.5, true, null, { a: [] }],
  hearth: { join: ['chat:*'], metadata: { x: 1 } },
};
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const setOf = (...keys) => JSON.stringify({ keys });

describe('JwtVerifier and jose', { timeout: kTestTimeout }, () => {
  let peer;
  before(() => {
    peer = new JwtPeer();
  });
  after(() => peer.stop());

  for (const algorithm of kAlgorithms) {
    test(`agree on tokens of ${algorithm}`, async () => {
      const keys = await keysFor(algorithm);
      assert.deepEqual(await peer.trust([algorithm], keys.trust), { keys: 1, skipped: [] });

      const theirs = await signed(kClaims, algorithm, keys.signing);
      assert.deepEqual(await peer.verify(theirs), { userId: 'ann', claims: jose.decodeJwt(theirs) });

      const claims = { ...kClaims, exp: inAnHour() };
      const ours = await peer.ask({ do: 'sign', algorithm, key: keys.key, kid: 'k-1', claims });
      const { payload, protectedHeader } = await jose.jwtVerify(ours.token, keys.verifying, { algorithms: [algorithm] });
      assert.deepEqual(payload, claims);
      assert.deepEqual(protectedHeader, { alg: algorithm, typ: 'JWT', kid: 'k-1' });
      assert.equal((await peer.verify(ours.token)).userId, 'ann');
    });

    test(`agree on keys of ${algorithm} in a set`, async () => {
      const keys = await keysFor(algorithm);
      const other = await keysFor(algorithm, 'other');
      const jwks = setOf({ ...other.jwk, kid: 'other', alg: algorithm }, { ...keys.jwk, kid: 'mine', use: 'sig' });
      assert.deepEqual(await peer.trust([algorithm], { jwks }), { keys: 2, skipped: [] });
      const token = await signed(kClaims, algorithm, keys.signing, { kid: 'mine' });
      assert.equal((await peer.verify(token)).userId, 'ann');
      const unknown = await signed(kClaims, algorithm, keys.signing, { kid: 'new' });
      assert.equal((await peer.verify(unknown)).reason, 'kid');
      // jose has no secrets in sets.
      if (isHmac(algorithm)) return;
      await jose.jwtVerify(token, jose.createLocalJWKSet(JSON.parse(jwks)));
      const wrong = await signed(kClaims, algorithm, keys.signing, { kid: 'other' });
      assert.equal((await peer.verify(wrong)).reason, 'signature');
    });
  }

  test('agree that EdDSA is called Ed25519 too', async () => {
    const keys = await keysFor('Ed25519');
    await peer.trust(['EdDSA'], keys.trust);
    assert.equal((await peer.verify(await signed(kClaims, 'Ed25519', keys.signing))).userId, 'ann');
    await peer.trust(['EdDSA'], { jwks: setOf({ ...keys.jwk, alg: 'Ed25519', kid: 'k' }) });
    assert.equal((await peer.verify(await signed(kClaims, 'Ed25519', keys.signing, { kid: 'k' }))).userId, 'ann');
  });

  test('agree on issuer, audience and times', async () => {
    const { signing, trust } = await keysFor('ES256');
    await peer.trust(['ES256'], { ...trust, issuer: 'https://id.example.com', audience: ['hearth'] });
    const make = (change) => {
      const token = new jose.SignJWT({}).setProtectedHeader({ alg: 'ES256' }).setSubject('ann').setExpirationTime('1h')
        .setIssuer('https://id.example.com').setAudience(['other', 'hearth']).setIssuedAt().setJti('1');
      change(token);
      return token.sign(signing);
    };
    const reason = async (change) => (await peer.verify(await make(change))).reason;
    assert.equal(await reason(() => {}), undefined);
    assert.equal(await reason((token) => token.setIssuer('https://evil.example.com')), 'issuer');
    assert.equal(await reason((token) => token.setAudience('other')), 'audience');
    assert.equal(await reason((token) => token.setExpirationTime('-1m')), 'expired');
    assert.equal(await reason((token) => token.setExpirationTime('-5s')), undefined);
    assert.equal(await reason((token) => token.setNotBefore('1m')), 'not_yet_valid');
    assert.equal(await reason((token) => token.setNotBefore('5s')), undefined);
  });

  test('agree to refuse what is not a signed token', async () => {
    const { signing, verifying, trust } = await keysFor('ES256');
    await peer.trust(['ES256'], trust);
    const unsecured = new jose.UnsecuredJWT({ sub: 'ann' }).setExpirationTime('1h').encode();
    assert.equal((await peer.verify(unsecured)).reason, 'algorithm');
    const encrypted = await new jose.EncryptJWT({ sub: 'ann' }).setExpirationTime('1h')
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt((await jose.generateKeyPair('ECDH-ES')).publicKey);
    assert.equal((await peer.verify(encrypted)).reason, 'malformed');
    const unencoded = await new jose.CompactSign(new TextEncoder().encode('{"sub":"ann"}'))
      .setProtectedHeader({ alg: 'ES256', crit: ['x'], x: 1 }).sign(signing, { crit: { x: true } });
    assert.equal((await peer.verify(unencoded)).reason, 'unsupported');
    await assert.rejects(jose.jwtVerify(unencoded, verifying));
  });

  test('refuse a token of jose once a character of it is another', async () => {
    for (const algorithm of ['HS256', 'RS256', 'PS256', 'ES512', 'EdDSA']) {
      const { signing, trust } = await keysFor(algorithm);
      await peer.trust([algorithm], trust);
      const token = await signed({ sub: 'ann' }, algorithm, signing);
      assert.equal((await peer.verify(token)).userId, 'ann');
      // Also at its end, where jose takes a character that stands for the same bytes.
      for (const at of [...Array(token.length).keys()].filter((i) => i % 7 === 0 || i === token.length - 1)) {
        const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
        const answer = await peer.verify(changed);
        assert.ok(['signature', 'malformed', 'algorithm'].includes(answer.reason), `${at}: ${JSON.stringify(answer)}`);
      }
    }
  });

  test('say why a key cannot be used', async () => {
    const { publicKey } = await jose.generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
    const { keys, skipped } = await peer.trust(['EdDSA'], { jwks: setOf(await jose.exportJWK(publicKey)) });
    assert.equal(keys, 0);
    assert.match(skipped[0], /`X25519` is not Ed25519/);
    const { error } = await peer.trust(['HS256'], { publicKey: [await jose.exportSPKI(publicKey)] });
    assert.match(error, /jwt\[0\]\.public_key\[0\] is a key of the kind X25519, which fits none of HS256/);
  });
});
