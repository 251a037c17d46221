/** jose, keys of all kinds, and Hearth's other end, for the tests. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// Node.js 18 has them, and not as globals, where jose looks for them.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
export const jose = await import('jose');

const kBuild = fileURLToPath(new URL('../../build/release/', import.meta.url));
const kPeer = process.env.TEST_JWT_PEER ?? `${kBuild}tests/jwt_peer`;

export const kTestTimeout = 60_000;
export const kAlgorithms = [
  'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
];
export const isHmac = (algorithm) => algorithm.startsWith('HS');

const kHmacSecret = 'a text of sixty-four bytes and more, which is enough for each of the three';
const made = new Map();

/** What signs and verifies with an algorithm: made once, and for RSA, which takes its time, once for all of it. */
export async function keysFor(algorithm, which = 'mine') {
  const kind = `${/^[RP]S/.test(algorithm) ? 'RSA' : algorithm} ${which}`;
  if (!made.has(kind)) made.set(kind, await makeKeys(algorithm));
  return made.get(kind);
}

async function makeKeys(algorithm) {
  if (isHmac(algorithm)) {
    const secret = new TextEncoder().encode(kHmacSecret);
    const jwk = { kty: 'oct', k: jose.base64url.encode(secret) };
    return { signing: secret, verifying: secret, jwk, trust: { secret: [kHmacSecret] }, key: kHmacSecret };
  }
  const { privateKey, publicKey } = /^[RP]S/.test(algorithm)
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : await jose.generateKeyPair(algorithm, { extractable: true });
  return {
    signing: privateKey,
    verifying: publicKey,
    jwk: await jose.exportJWK(publicKey),
    trust: { publicKey: [await jose.exportSPKI(publicKey)] },
    key: await jose.exportPKCS8(privateKey),
  };
}

export function signed(claims, algorithm, key, header = {}) {
  return new jose.SignJWT(claims).setProtectedHeader({ alg: algorithm, ...header }).setExpirationTime('1h').sign(key);
}

/** `JwtVerifier` and `JwtSigner` in a process of their own. */
export class JwtPeer {
  #process = spawn(kPeer, { stdio: ['pipe', 'pipe', 'inherit'] });
  #lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();

  async ask(command) {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    assert.ok(!done, 'jwt_peer ended');
    return JSON.parse(value);
  }

  trust(algorithms, how) {
    return this.ask({ do: 'trust', algorithms, ...how });
  }

  verify(token) {
    return this.ask({ do: 'verify', token });
  }

  async stop() {
    const gone = once(this.#process, 'exit');
    this.#process.stdin.end();
    const [code] = await gone;
    assert.equal(code, 0);
  }
}
