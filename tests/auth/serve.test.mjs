/** Tokens of jose, good ones and others, for `hearth serve`. */
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, createSign, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Client, Hearth } from '../backend/support.mjs';
import { isHmac, jose, kAlgorithms, keysFor, kTestTimeout, signed } from './support.mjs';

/** An issuer for each algorithm, by its name. */
async function configuration() {
  let text = '';
  for (const algorithm of kAlgorithms) {
    const { key, trust } = await keysFor(algorithm);
    const source = isHmac(algorithm) ? `secret = ${JSON.stringify(key)}` : `public_key = '''\n${trust.publicKey[0]}'''`;
    text += `[[auth.jwt]]\nissuer = "${algorithm}"\nalgorithms = ["${algorithm}"]\n${source}\n`;
  }
  return text;
}

const encode = (part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const inAnHour = Math.floor(Date.now() / 1000) + 3600;
const kHeader = { alg: 'ES256', typ: 'JWT' };
const kClaims = { iss: 'ES256', sub: 'ann', exp: inAnHour };

/** A token of any header and payload, with a signature of ES256. */
async function made(header = kHeader, payload = kClaims, { signing } = { }) {
  const text = `${encode(header)}.${encode(payload)}`;
  const key = createPrivateKey((await keysFor('ES256')).key);
  return `${text}.${sign('sha256', Buffer.from(text), { key: signing ?? key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** Whatever somebody may try. All but what the name says is good. */
async function malformed() {
  const good = await made();
  const [header, payload, signature] = good.split('.');
  const withSignature = (bytes) => `${header}.${payload}.${Buffer.from(bytes).toString('base64url')}`;
  const hmac = (text, secret) => `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  const rsa = await keysFor('RS256');
  const es = await keysFor('ES256');
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const zero = Buffer.alloc(32);
  const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])]);
  const claims = (more) => made(kHeader, { ...kClaims, ...more });
  const raw = (more) => made(kHeader, `{"iss":"ES256","sub":"ann","exp":${inAnHour}${more}}`);
  const encrypting = await jose.generateKeyPair('ECDH-ES');
  return {
    'nothing': '',
    'one part': 'x',
    'two parts': `${header}.${payload}`,
    'four parts': `${good}.x`,
    'no signature': `${header}.${payload}.`,
    'padding': `${good}=`,
    'another alphabet': `${header}.${payload}.${signature.slice(0, -2)}+/`,
    'a line feed at its end': `${good}\n`,
    'Bearer before it': `Bearer ${good}`,
    'more than 8 KiB': await claims({ filling: 'x'.repeat(8192) }),
    'alg none': new jose.UnsecuredJWT(kClaims).encode(),
    'alg None and a signature': await made({ alg: 'None' }),
    'no alg': await made({ typ: 'JWT' }),
    'alg that is a list': await made({ alg: ['ES256'] }),
    'an HMAC with the public key': hmac(`${encode({ alg: 'HS256' })}.${payload}`, es.trust.publicKey[0]),
    'an HMAC with the public key of RSA': hmac(`${encode({ alg: 'HS256' })}.${encode({ ...kClaims, iss: 'RS256' })}`, rsa.trust.publicKey[0]),
    'the algorithm of another issuer': await signed({ ...kClaims, iss: 'RS384' }, 'RS256', rsa.signing),
    'PS256 where RS256 is taken': await signed({ ...kClaims, iss: 'RS256' }, 'PS256', rsa.signing),
    'the wrong curve': await made(kHeader, kClaims, { signing: p384 }),
    'the wrong curve by its name': await made({ alg: 'ES384' }, { ...kClaims, iss: 'ES384' }),
    'the key of somebody else': await made(kHeader, kClaims, { signing: other.privateKey }),
    'a key of its own': await made({ ...kHeader, jwk: other.publicKey.export({ format: 'jwk' }) }, kClaims, { signing: other.privateKey }),
    'r and s of zero': withSignature(Buffer.concat([zero, zero])),
    'r and s of the order': withSignature(Buffer.concat([order, order])),
    's of zero': withSignature(Buffer.concat([one, zero])),
    'a signature in DER': withSignature(createSign('sha256').update(`${header}.${payload}`).sign(es.key)),
    'a signature that is cut off': withSignature(Buffer.from(signature, 'base64url').subarray(0, 63)),
    'crit': await made({ ...kHeader, crit: ['exp'], exp: inAnHour }),
    'b64 false': await made({ ...kHeader, b64: false, crit: ['b64'] }),
    'zip': await made({ ...kHeader, zip: 'DEF' }),
    'encryption': await new jose.EncryptJWT(kClaims).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(encrypting.publicKey),
    'alg twice': await made('{"alg":"none","alg":"ES256"}'),
    'sub twice': await raw(',"sub":"root"'),
    'sub twice, once escaped': await raw(',"s\\u0075b":"root"'),
    'a grant twice': await raw(',"hearth":{"join":["a"],"join":["**"]}'),
    'a kid that is a number': await made({ ...kHeader, kid: 7 }),
    'a payload that is a list': await made(kHeader, ['ann']),
    'a payload that is cut off': await made(kHeader, '{"sub":"ann"'),
    'a payload a thousand levels deep': await raw(`,"x":${'['.repeat(1000)}${']'.repeat(1000)}`),
    'an exp of 1e300': await made(kHeader, '{"iss":"ES256","sub":"ann","exp":1e300}'),
    'an exp past 64 bits': await made(kHeader, '{"iss":"ES256","sub":"ann","exp":18446744073709551616}'),
    'an exp that is a text': await claims({ exp: String(inAnHour) }),
    'no exp': await made(kHeader, { iss: 'ES256', sub: 'ann' }),
    'an nbf to come': await claims({ nbf: inAnHour }),
    'an aud that nobody has asked for': await claims({ aud: 'hearth' }),
    'no iss': await made(kHeader, { sub: 'ann', exp: inAnHour }),
    'an iss of nobody': await claims({ iss: 'https://evil.example' }),
    'no sub': await made(kHeader, { iss: 'ES256', exp: inAnHour }),
    'an empty sub': await claims({ sub: '' }),
    'a sub that is too long': await claims({ sub: 'x'.repeat(257) }),
    'a sub that is an object': await claims({ sub: { id: 'ann' } }),
    'a jti that is a number': await claims({ jti: 7 }),
    'grants that are a text': await claims({ hearth: 'chat:*' }),
    'a grant with a placeholder': await claims({ hearth: { join: ['user:{user}'] } }),
    'too many grants': await claims({ hearth: { join: Array(65).fill('a') } }),
  };
}

describe('hearth serve', { timeout: kTestTimeout }, () => {
  let hearth;
  before(async () => {
    hearth = await Hearth.start(await configuration());
  });
  after(() => hearth.stop());

  test('takes tokens of jose in every algorithm', async () => {
    for (const algorithm of kAlgorithms) {
      const token = await signed({ iss: algorithm, sub: algorithm }, algorithm, (await keysFor(algorithm)).signing);
      const client = await Client.connect(hearth);
      client.send('authenticate', { token });
      assert.equal((await client.event('connected')).data.userId, algorithm);
      await client.leave();
    }
    await (await Client.enter(hearth, { token: await made() })).leave();
  });

  test('takes no other, and does not say why', async () => {
    const accepted = await hearth.metric('hearth_authentications_total{method="jwt",outcome="accepted"}');
    const tokens = Object.entries(await malformed());
    assert.ok(tokens.length >= 40);
    for (const [name, token] of tokens) {
      const client = await Client.connect(hearth);
      const answer = await client.ask('authenticate', { token });
      assert.equal(answer.event, 'error', name);
      assert.deepEqual([answer.data.code, answer.data.message], [103, 'Authentication failed'], name);
      assert.deepEqual(await client.closed, { code: 4003, reason: 'Authentication failed' }, name);
      if (token.length > 10) assert.ok(!hearth.log.includes(token), name);
    }
    assert.equal(await hearth.metric('hearth_authentications_total{method="jwt",outcome="accepted"}'), accepted);
    assert.equal(await hearth.metric('hearth_authentications_total{method="jwt",outcome="rejected"}'), tokens.length);
  });
});
