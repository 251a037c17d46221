/** Tokens of jose for `hearth token verify`, and tokens of `hearth token` for jose, in every algorithm. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isHmac, jose, kAlgorithms, keysFor, kTestTimeout, signed } from './support.mjs';

const kCommand = process.env.TEST_COMMAND ?? fileURLToPath(new URL('../../build/release/app/hearth', import.meta.url));

describe('hearth token and jose', { timeout: kTestTimeout }, () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearth-token-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function write(name, text) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o600);
  }
  const verify = (token) =>
    spawnSync(kCommand, ['token', 'verify', '-'], { cwd: folder, input: token, encoding: 'utf8' });

  for (const algorithm of kAlgorithms) {
    test(`agree on ${algorithm}`, async () => {
      const keys = await keysFor(algorithm);
      const source = isHmac(algorithm)
        ? `secret = ${JSON.stringify(keys.key)}`
        : `public_key = '''\n${keys.trust.publicKey[0]}'''`;
      write('hearth.toml', `[[auth.jwt]]\n${source}\nalgorithms = ["${algorithm}"]\naudience = "me"\n`);
      const theirs = verify(await signed({ sub: 'ann', aud: 'me' }, algorithm, keys.signing));
      assert.equal(theirs.status, 0, theirs.stdout + theirs.stderr);
      assert.match(theirs.stdout, /good: the user is ann/);
      const foreign = verify(await signed({ sub: 'ann', aud: 'you' }, algorithm, keys.signing));
      assert.match(foreign.stdout, /refused: audience/);

      write('key.pem', keys.key);
      const key = isHmac(algorithm) ? [] : ['--key', 'key.pem', '--alg', algorithm];
      const ours = execFileSync(kCommand, ['token', '--user', 'ben', ...key], { cwd: folder, encoding: 'utf8' }).trim();
      const { payload } = await jose.jwtVerify(ours, keys.verifying, { algorithms: [algorithm], audience: 'me' });
      assert.equal(payload.sub, 'ben');
      assert.equal(payload.exp - payload.iat, 3600);
    });
  }

  test('agree on keys in a file', async () => {
    const keys = await keysFor('ES256');
    write('keys.json', JSON.stringify({ keys: [{ ...keys.jwk, kid: 'a' }] }));
    write('hearth.toml', '[[auth.jwt]]\njwks_file = "keys.json"\nalgorithms = ["ES256"]\n');
    assert.equal(verify(await signed({ sub: 'ann' }, 'ES256', keys.signing, { kid: 'a' })).status, 0);
    assert.match(verify(await signed({ sub: 'ann' }, 'ES256', keys.signing, { kid: 'b' })).stdout, /refused: kid/);
  });
});
