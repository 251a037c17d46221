import type { Encryption, KeyAgreement, SocketLike } from './types.ts';

const kCurve = { name: 'ECDH', namedCurve: 'P-256' };
const kCipher = 'AES-GCM';
const kIvBytes = 12;

const encode = (text: string) => new TextEncoder().encode(text);

function toBase64(buffer: ArrayBuffer | Uint8Array): string {
  let text = '';
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

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
  if (!subtle) throw new Error('no WebCrypto here: browsers have it on https:// and localhost alone');
  const pair = await subtle.generateKey(kCurve, false, ['deriveBits']) as CryptoKeyPair;
  let key: CryptoKey | undefined;

  /** Takes what `connected` brings. */
  async function finish({ serverPublicKey, salt }: any): Promise<void> {
    const server = await subtle.importKey('raw', fromBase64(serverPublicKey), kCurve, false, []);
    const bits = await subtle.deriveBits({ name: 'ECDH', public: server }, pair.privateKey, 256);
    const secret = await subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey']);
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt: fromBase64(salt), info: encode(info) };
    key = await subtle.deriveKey(derivation, secret, { name: kCipher, length: 256 }, false, ['encrypt', 'decrypt']);
  }

  async function seal(text: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(kIvBytes));
    const ct = await subtle.encrypt({ name: kCipher, iv }, key!, encode(text));
    return JSON.stringify({ event: 'encrypted', data: { iv: toBase64(iv), ct: toBase64(ct) } });
  }

  /** What is to be handed on of a message that came. */
  async function open(text: string): Promise<{ data: string; sealed?: string }> {
    let envelope;
    try {
      envelope = JSON.parse(text);
    } catch {
      return { data: text };
    }
    const { event, data } = envelope ?? {};
    if (event === 'connected' && data?.serverPublicKey) await finish(data);
    if (event !== 'encrypted' || !key) return { data: text };
    const cipher = { name: kCipher, iv: fromBase64(data.iv) };
    return { data: new TextDecoder().decode(await subtle.decrypt(cipher, key, fromBase64(data.ct))), sealed: text };
  }

  return {
    publicKey: toBase64(await subtle.exportKey('raw', pair.publicKey)),
    wrap(socket, trace) {
      // Encrypting and opening take their time; each direction keeps its order.
      let sealing = Promise.resolve();
      let opening = Promise.resolve();
      const outer: SocketLike & Record<string, any> = {
        onopen: null, onmessage: null, onclose: null, onerror: null, binaryType: '', readyState: 0,
        send(text) {
          if (!outer.seals) return socket.send(text);
          sealing = sealing.then(async () => {
            const sealed = await seal(text);
            if (socket.readyState !== 1) return;
            trace('out', text, sealed);
            socket.send(sealed);
          });
        },
        close: (code, reason) => socket.close(code, reason),
        terminate: () => (socket as any).terminate?.(),
      };
      const fault = (error: unknown) => outer.onerror({ fault: error });
      socket.onopen = () => outer.onopen();
      socket.onerror = (event: any) => outer.onerror(event);
      socket.onmessage = ({ data }: any) => {
        opening = opening.then(async () => outer.onmessage(await open(data))).catch(fault);
      };
      // What came before is handled before.
      socket.onclose = (event: any) => opening.then(() => outer.onclose(event));
      return outer;
    },
  };
}
