/** The two other implementations of the scheme, and Hearth's ends of it, for the tests. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';

// Node.js 18 has WebCrypto, and not as a global, where Ignis looks for it.
globalThis.crypto ??= webcrypto;
// It opens its log as soon as it is loaded, by default where the tests run.
const kIgnisLog = mkdtempSync(join(tmpdir(), 'hearth-interop-'));
process.env.APP_ENV_LOGGER_FOLDER_PATH = kIgnisLog;
process.on('exit', () => rmSync(kIgnisLog, { recursive: true, force: true }));
// The package is CommonJS, and asks for modules that need not be there when it is imported otherwise.
const { ECDH } = createRequire(import.meta.url)('@venizia/ignis-helpers');

const { subtle } = webcrypto;
const kBuild = fileURLToPath(new URL('../../build/release/', import.meta.url));
const kCommand = process.env.TEST_COMMAND ?? `${kBuild}app/hearth`;
const kPeer = process.env.TEST_CRYPTO_PEER ?? `${kBuild}tests/crypto_peer`;

export const kTestTimeout = 60_000;
export const kDefaultInfo = 'ignis-ecdh-p256-aes-256-gcm-v1';

const toBase64 = (bytes) => Buffer.from(bytes).toString('base64');
const fromBase64 = (text) => new Uint8Array(Buffer.from(text, 'base64'));
const kCurve = { name: 'ECDH', namedCurve: 'P-256' };

/** The scheme written with WebCrypto, as docs/encryption.md shows it. */
export class WebCryptoSession {
  static async generate(info = kDefaultInfo) {
    const session = new WebCryptoSession();
    session.info = new TextEncoder().encode(info);
    session.pair = await subtle.generateKey(kCurve, false, ['deriveBits']);
    session.publicKey = toBase64(await subtle.exportKey('raw', session.pair.publicKey));
    return session;
  }

  async derive(publicKey, salt) {
    const peer = await subtle.importKey('raw', fromBase64(publicKey), kCurve, false, []);
    const bits = await subtle.deriveBits({ name: 'ECDH', public: peer }, this.pair.privateKey, 256);
    const secret = await subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey']);
    this.key = await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: fromBase64(salt), info: this.info },
      secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  }

  #algorithm(iv, additionalData) {
    return { name: 'AES-GCM', iv, ...(additionalData && { additionalData: new TextEncoder().encode(additionalData) }) };
  }

  async encrypt(text, additionalData) {
    const iv = webcrypto.getRandomValues(new Uint8Array(12));
    const ct = await subtle.encrypt(this.#algorithm(iv, additionalData), this.key, new TextEncoder().encode(text));
    return { iv: toBase64(iv), ct: toBase64(ct) };
  }

  async decrypt({ iv, ct }, additionalData) {
    const text = await subtle.decrypt(this.#algorithm(fromBase64(iv), additionalData), this.key, fromBase64(ct));
    return new TextDecoder().decode(text);
  }
}

/** The same over the `ECDH` of Ignis. */
export class IgnisSession {
  static async generate(info) {
    const session = new IgnisSession();
    session.ecdh = ECDH.withAlgorithm(info && { hkdfInfo: info });
    const { keyPair, publicKeyB64 } = await session.ecdh.generateKeyPair();
    session.pair = keyPair;
    session.publicKey = publicKeyB64;
    return session;
  }

  async derive(publicKey, salt) {
    const peerPublicKey = await this.ecdh.importPublicKey({ rawKeyB64: publicKey });
    const { key } = await this.ecdh.deriveAESKey({ privateKey: this.pair.privateKey, peerPublicKey, salt });
    this.key = key;
  }

  encrypt(message, additionalData) {
    return this.ecdh.encrypt({ message, secret: this.key, opts: { additionalData } });
  }

  decrypt(message, additionalData) {
    return this.ecdh.decrypt({ message, secret: this.key, opts: { additionalData } });
  }
}

export const kImplementations = { WebCrypto: WebCryptoSession, Ignis: IgnisSession };

/** `hearth::crypto::EcdhSession` in a process of its own. */
export class HearthPeer {
  #process = spawn(kPeer, { stdio: ['pipe', 'pipe', 'inherit'] });
  #lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();

  async ask(command) {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    assert.ok(!done, 'crypto_peer ended');
    return JSON.parse(value);
  }

  async stop() {
    const gone = once(this.#process, 'exit');
    this.#process.stdin.end();
    const [code] = await gone;
    assert.equal(code, 0);
  }
}

/** A running `hearth serve --dev`. */
export class Server {
  static async start(...flags) {
    const server = new Server();
    server.process = spawn(kCommand, ['serve', '--dev', '--listen', '127.0.0.1:0', ...flags],
      { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const line of createInterface({ input: server.process.stdout })) {
      const port = /listening on \S*?:(\d+)\b/.exec(line)?.[1];
      if (!port) continue;
      server.url = `ws://127.0.0.1:${port}/ws`;
      server.process.stdout.resume();
      return server;
    }
    throw new Error(`${kCommand} ended before it listened`);
  }

  async stop() {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await gone;
  }
}

/** A client whose key agreement and encryption are one of the implementations above. */
export class Client {
  #inbox = [];
  #waiting = null;
  /** Every message as it came. */
  wire = [];

  static async connect(url, session, userId) {
    const client = new Client();
    client.session = session;
    client.socket = new WebSocket(url);
    client.closed = once(client.socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
    client.socket.on('message', (data) => {
      client.wire.push(String(data));
      client.#inbox.push(JSON.parse(data));
      client.#waiting?.();
    });
    await once(client.socket, 'open');
    client.sendPlain({ event: 'authenticate', data: { userId, publicKey: session?.publicKey } });
    const connected = await client.nextRaw();
    if (connected.event !== 'connected') throw new Error(JSON.stringify(connected));
    client.self = connected.data;
    if (session) await session.derive(client.self.serverPublicKey, client.self.salt);
    return client;
  }

  sendPlain(envelope) {
    this.socket.send(JSON.stringify(envelope));
  }

  async send(envelope) {
    this.sendPlain({ event: 'encrypted', data: await this.session.encrypt(JSON.stringify(envelope)) });
  }

  async nextRaw() {
    while (this.#inbox.length === 0) {
      await new Promise((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#inbox.shift();
  }

  /** The next message, which must be encrypted, opened. */
  async next() {
    const { event, data } = await this.nextRaw();
    assert.equal(event, 'encrypted');
    return JSON.parse(await this.session.decrypt(data));
  }
}
