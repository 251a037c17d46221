/** jose, in any Node.js: 18 has what it looks for among the globals, and not there. */
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
export const jose = await import('jose');
