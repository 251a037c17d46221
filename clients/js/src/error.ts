/** Why something did not come about; docs/clients.md has the table. */
export type ErrorKind =
  | 'timeout' | 'lost' | 'closed' | 'auth' | 'refused' | 'unavailable' | 'request' | 'queue' | 'protocol' | 'encryption';

export interface ErrorDetails {
  /** The server's number for it (docs/protocol.md, Answers to requests). */
  code?: number;
  /** Of a request: whether it has left, so that it may have been carried out. */
  sent?: boolean;
  /** The rooms that were refused. */
  rooms?: string[];
  /** How the connection ended. */
  close?: Close;
  cause?: unknown;
  /** Whether the same again may succeed. */
  retryable?: boolean;
}

export interface Close { readonly code: number; readonly reason: string }

/** Everything that this package rejects with or reports. */
export class HearthError extends Error {
  declare readonly kind: ErrorKind;
  declare readonly code?: number;
  declare readonly sent?: boolean;
  declare readonly rooms?: string[];
  declare readonly close?: Close;
  declare readonly cause?: unknown;
  declare readonly retryable: boolean;

  constructor(kind: ErrorKind, message: string, details?: ErrorDetails) {
    super(message);
    Object.assign(this,
      { name: 'HearthError', kind, retryable: /timeout|unavailable|queue/.test(kind) }, details);
  }

  /** A page may hold this package twice, bundled into two of its parts. */
  static override [Symbol.hasInstance](value: any): boolean {
    return value?.name === 'HearthError';
  }
}

/** What an `error` of the server's stands for. */
export function answered(data: any, sent?: boolean): HearthError {
  const code = data?.code;
  const kind = code > 299 || [109, 113, 201, 205].includes(code) ? 'unavailable'
    : code > 199 ? 'refused'
      : [103, 104, 110, 111].includes(code) ? 'auth'
        : [107, 108].includes(code) ? 'encryption' : 'request';
  return new HearthError(kind, `${data?.message}`, { code, sent, rooms: data?.rooms });
}
