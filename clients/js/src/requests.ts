import { type Close, type ErrorKind, HearthError } from './error.ts';
import type { Timers } from './timers.ts';
import type { RequestOptions } from './types.ts';

/** How long a publication is sent again under its key. The server knows keys for 5 min. */
const kRepeatedFor = 240_000;

/** What somebody waits for, and how. */
export interface Terms extends RequestOptions {
  /** What it is, for people. */
  name_?: string;
  /** Of what is sent: the message, and what its answer will be found by. */
  text_?: string;
  id_?: string;
  /** Whether it may be sent twice. */
  repeats_?: boolean;
}

/** A request that is under way, in whatever sense. */
export interface Request extends Terms {
  /** Ends it; once more means nothing. */
  settle_(error?: any, value?: any): void;
  /** When it was first sent. */
  sentAt_?: number;
}

/** Ends all of them. */
export function settle(requests: Set<Request>, error?: unknown, value?: unknown): void {
  for (const request of requests) request.settle_(error, value);
}

/** Everything that somebody waits for, until it is answered, given up, or too late. */
export class Requests {
  /** Those that are to be sent, in order. */
  waiting_ = new Set<Request>();
  /** Those on the wire, by their ids. */
  sent_ = new Map<string, Request>();
  /** The one sent last: the one to blame when the server finds fault with a message. */
  last_?: Request;
  #timers: Timers;
  #timeout: number;
  #open = new Set<Request>();

  constructor(timers: Timers, timeout = 10_000) {
    this.#timers = timers;
    this.#timeout = timeout;
  }

  /** A promise of what will be settled; the request is among `others` until then. */
  wait_(terms: Terms, others: Set<Request>): Promise<any> {
    return new Promise((resolve, reject) => {
      const { signal, timeout = this.#timeout } = terms;
      signal?.throwIfAborted();
      const abort = () => request.settle_(signal!.reason);
      const request: Request = {
        ...terms,
        settle_: (error, value) => {
          this.#open.delete(request);
          this.waiting_.delete(request);
          others.delete(request);
          this.sent_.delete(terms.id_!);
          this.#timers.stop_(request);
          signal?.removeEventListener('abort', abort);
          if (error === undefined) resolve(value);
          else reject(error);
        },
      };
      this.#open.add(request);
      others.add(request);
      signal?.addEventListener('abort', abort);
      this.#timers.start_(request, timeout, () => this.#fail(request, 'timeout', `no answer within ${timeout} ms`));
    });
  }

  /** Sends what waits. */
  flush_(write: (request: Request) => void): void {
    const now = this.#timers.now_();
    for (const request of this.waiting_) {
      this.waiting_.delete(request);
      request.sentAt_ ??= now;
      if (now - request.sentAt_ > kRepeatedFor) {
        this.#lose(request);
      } else {
        this.last_ = request;
        write(request);
      }
    }
  }

  /** The connection is gone. What may be sent twice waits for the next one. */
  lost_(close: Close): void {
    const again = [...this.sent_.values()].filter((request) => {
      if (!request.repeats_) return this.#lose(request, close);
      if (request.timeout === undefined) {
        const left = request.sentAt_! + kRepeatedFor - this.#timers.now_();
        this.#timers.start_(request, left, () => this.#lose(request, close), false);
      }
      return true;
    });
    this.sent_.clear();
    this.waiting_ = new Set([...again, ...this.waiting_]);
  }

  /** None of them will come about. */
  fail_(error: HearthError): void {
    for (const request of this.#open) this.#fail(request, error.kind, error.message, error);
  }

  #lose(request: Request, close?: Close): void {
    this.#fail(request, 'lost', 'the connection ended', { close, retryable: !!request.repeats_ });
  }

  #fail(request: Request, kind: ErrorKind, text: string, details?: object): void {
    request.settle_(new HearthError(kind, `${request.name_}: ${text}`, { sent: request.sentAt_ !== undefined, ...details }));
  }
}
