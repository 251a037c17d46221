import type { Encryption, KeyAgreement } from './types.ts';

const kCurve = { name: 'ECDH', namedCurve: 'P-256' };
const kCipher = 'AES-GCM';
const kIvBytes = 12;

const encode = (text: string) => new TextEncoder().encode(text);
const toBase64 = (buffer: ArrayBuffer | Uint8Array<ArrayBuffer>) =>
  btoa(new Uint8Array(buffer).reduce((text, byte) => text + String.fromCharCode(byte), ''));
const fromBase64 = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export interface EncryptionOptions {
  /** The info of HKDF, as the server has it. */
  info?: string;
  /** Also connects to servers that do not encrypt. */
  optional?: boolean;
}

/**
 * The option `encryption` of a client: a key of each connection's own, agreed on with the server (docs/encryption.md).
 * Browsers do cryptography on pages that came over TLS or from this computer, and on no others.
 */
export function encryption({ info = 'ignis-ecdh-p256-aes-256-gcm-v1', optional = false }: EncryptionOptions = {}): Encryption {
  return { optional, begin: () => begin(info) };
}

async function begin(info: string): Promise<KeyAgreement> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new Error('no WebCrypto: it is on https:// and localhost alone');
  const { publicKey, privateKey } = await subtle.generateKey(kCurve, false, ['deriveKey']) as CryptoKeyPair;
  let key: CryptoKey | undefined;

  return {
    publicKey: toBase64(await subtle.exportKey('raw', publicKey)),

    async seal(text) {
      const iv = crypto.getRandomValues(new Uint8Array(kIvBytes));
      const ct = await subtle.encrypt({ name: kCipher, iv }, key!, encode(text));
      return JSON.stringify({ event: 'encrypted', data: { iv: toBase64(iv), ct: toBase64(ct) } });
    },

    async open(text) {
      const { event, data } = JSON.parse(text);
      if (event === 'connected' && data?.serverPublicKey) {
        const server = await subtle.importKey('raw', fromBase64(data.serverPublicKey), kCurve, false, []);
        const secret = await subtle.deriveKey({ name: 'ECDH', public: server }, privateKey, 'HKDF', false, ['deriveKey']);
        const derivation = { name: 'HKDF', hash: 'SHA-256', salt: fromBase64(data.salt), info: encode(info) };
        key = await subtle.deriveKey(derivation, secret, { name: kCipher, length: 256 }, false, ['encrypt', 'decrypt']);
      }
      if (event !== 'encrypted' || !key) return undefined;
      const cipher = { name: kCipher, iv: fromBase64(data.iv) };
      return new TextDecoder().decode(await subtle.decrypt(cipher, key, fromBase64(data.ct)));
    },
  };
}
