const kCurve = { name: 'ECDH', namedCurve: 'P-256' };
const kCipher = 'AES-GCM';
const kIvBytes = 12;
const kInfo = new TextEncoder().encode('ignis-ecdh-p256-aes-256-gcm-v1');

const kEncoder = new TextEncoder();
const kDecoder = new TextDecoder();

const toBase64 = (buffer) => {
  let text = '';
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text);
};
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** Browsers do cryptography on pages that came over TLS or from this computer, and on no others. */
export const kCanEncrypt = globalThis.crypto?.subtle !== undefined;

/** A key of this connection's own, agreed on with the server, and what is encrypted with it (docs/encryption.md). */
export class Agreement {
  #pair;
  #key = null;
  publicKey = '';

  static async begin() {
    const agreement = new Agreement();
    agreement.#pair = await crypto.subtle.generateKey(kCurve, false, ['deriveBits']);
    agreement.publicKey = toBase64(await crypto.subtle.exportKey('raw', agreement.#pair.publicKey));
    return agreement;
  }

  get isDone() {
    return this.#key !== null;
  }

  /** Takes what `connected` brings. */
  async finish({ serverPublicKey, salt }) {
    const server = await crypto.subtle.importKey('raw', fromBase64(serverPublicKey), kCurve, false, []);
    const bits = await crypto.subtle.deriveBits({ name: 'ECDH', public: server }, this.#pair.privateKey, 256);
    const secret = await crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey']);
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt: fromBase64(salt), info: kInfo };
    const use = ['encrypt', 'decrypt'];
    this.#key = await crypto.subtle.deriveKey(derivation, secret, { name: kCipher, length: 256 }, false, use);
  }

  /** The `data` of an `encrypted` event. */
  async seal(text) {
    const iv = crypto.getRandomValues(new Uint8Array(kIvBytes));
    const ct = await crypto.subtle.encrypt({ name: kCipher, iv }, this.#key, kEncoder.encode(text));
    return { iv: toBase64(iv), ct: toBase64(ct) };
  }

  async open({ iv, ct }) {
    return kDecoder.decode(await crypto.subtle.decrypt({ name: kCipher, iv: fromBase64(iv) }, this.#key, fromBase64(ct)));
  }
}
