import { type Close, HearthError } from './error.ts';
import type { Timers } from './timers.ts';
import type { RequestOptions } from './types.ts';

/** How long a publication is sent again under its key. The server knows keys for 5 min. */
const kRepeatedFor = 240_000;

/** What somebody waits for, and how. */
export interface Terms extends RequestOptions {
  /** What it is, for people. */
  name_: string;
  /** Of what is sent: the message, and what its answer will be found by. */
  text_?: string;
  id_?: string;
  /** Given if it may be sent twice, and says whether it may now. */
  repeats_?: () => boolean;
}

/** A request that is under way, in whatever sense. */
export interface Request {
  terms_: Terms;
  /** Ends it, once. */
  settle_: (error?: unknown, value?: any) => void;
  /** When it was first sent. */
  sentAt_?: number;
}

/** Everything that somebody waits for, until it is answered, given up, or too late. */
export class Requests {
  /** Those that are to be sent, in order. */
  waiting_ = new Set<Request>();
  /** Those on the wire, by their ids. */
  sent_ = new Map<string, Request>();
  /** The one sent last: the one to blame when the server finds fault with a message. */
  last_?: Request;
  timers_: Timers;
  timeout_: number;
  #open = new Set<Request>();

  constructor(timers: Timers, timeout: number) {
    this.timers_ = timers;
    this.timeout_ = timeout;
  }

  /** Throws if it is given up already. */
  start_(terms: Terms, done: (error?: unknown, value?: any) => void): Request {
    const { signal, timeout = this.timeout_ } = terms;
    signal?.throwIfAborted();
    const abort = () => request.settle_(signal!.reason);
    const request: Request = {
      terms_: terms,
      settle_: (error, value) => {
        if (!this.#open.delete(request)) return;
        this.waiting_.delete(request);
        this.sent_.delete(terms.id_!);
        this.timers_.stop_(request);
        signal?.removeEventListener('abort', abort);
        done(error, value);
      },
    };
    this.#open.add(request);
    signal?.addEventListener('abort', abort);
    this.timers_.start_(request, timeout, () => this.#fail(request, 'timeout', `no answer within ${timeout} ms`));
    return request;
  }

  /** Sends what waits. `write` says whether an answer will come. */
  flush_(write: (terms: Terms) => boolean): void {
    for (const request of this.waiting_) {
      this.waiting_.delete(request);
      const now = this.timers_.clock_.now();
      request.sentAt_ ??= now;
      if (now - request.sentAt_ > kRepeatedFor) {
        this.#lose(request);
        continue;
      }
      this.last_ = request;
      this.sent_.set(request.terms_.id_!, request);
      if (!write(request.terms_)) request.settle_();
    }
  }

  /** The connection is gone. What may be sent twice waits for the next one. */
  lost_(close: Close): void {
    const again: Request[] = [];
    for (const request of this.sent_.values()) {
      const { repeats_, timeout } = request.terms_;
      if (!repeats_?.()) {
        this.#lose(request, close);
        continue;
      }
      again.push(request);
      if (timeout === undefined) {
        const left = request.sentAt_! + kRepeatedFor - this.timers_.clock_.now();
        this.timers_.start_(request, left, () => this.#lose(request, close), false);
      }
    }
    this.sent_.clear();
    this.waiting_ = new Set([...again, ...this.waiting_]);
  }

  failAll_({ kind, message, close, cause, code }: HearthError): void {
    for (const request of this.#open) this.#fail(request, kind, message, { close, cause, code });
  }

  #lose(request: Request, close?: Close): void {
    this.#fail(request, 'lost', 'the connection broke', { close, retryable: !!request.terms_.repeats_ });
  }

  #fail(request: Request, kind: HearthError['kind'], text: string, details?: object): void {
    request.settle_(new HearthError(kind, `${request.terms_.name_}: ${text}`,
      { sent: request.sentAt_ !== undefined, ...details }));
  }
}
