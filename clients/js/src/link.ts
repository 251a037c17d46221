import { Emitter, guarded } from './emitter.ts';
import { answered, type Close, type ErrorKind, HearthError } from './error.ts';
import { type Request, Requests } from './requests.ts';
import { type Clock, systemClock, Timers } from './timers.ts';
import type { AuthReason, ClientOptions, ClientState, ConnectionEvents, KeyAgreement, ServerKind, SocketLike } from './types.ts';
import { listenForWake } from './wake.ts';

/** For what is not to be hurried. */
const kMinute = 60_000;
/** How long requests under way hold up leaving a server that drains; it waits for 5 s. */
const kLinger = 4000;

/** Close codes after which there is nothing to come back to. */
const kFinal: Record<number, ErrorKind> = { 1000: 'closed', 4004: 'encryption', 4007: 'closed', 4009: 'closed', 4010: 'closed' };
const kAtOnce = [4002, 4005, 4006];
const kBadMessage = [1002, 1003, 1007, 1009];

export interface Envelope {
  readonly event: string;
  readonly data?: any;
  readonly id?: any;
  readonly [key: string]: any;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A connection that comes back: the states of docs/clients.md, their timers, and what is sent to stay alive. One file,
 * for it is one machine: what a timer does depends on the state, and the state on the timers.
 */
export abstract class Link {
  readonly state: ClientState = 'idle';
  /** The server's name for this connection; null while not ready. */
  readonly id: string | null = null;
  readonly userId: string | null = null;
  /** Which server it is; null until that is known. */
  readonly server: ServerKind | null;
  /** What becomes of the connection; never mixed with the application's events. */
  readonly connection = new Emitter<ConnectionEvents>();
  /** @internal */
  options_: ClientOptions;
  /** @internal */
  timers_: Timers;
  /** @internal */
  requests_: Requests;
  /** @internal What ended the last connection, or attempt. */
  ended_: { cause: HearthError; delay?: number; attempt?: number } | null = null;
  #url: string | (() => string | Promise<string>);
  #clock: Clock;
  #socket: SocketLike | null = null;
  /** Done when everything that was sent is sealed. */
  #sealing!: Promise<void>;
  /** Of the connection, where it is encrypted. */
  #agreement?: KeyAgreement;
  #seals = false;
  #attempt = new AbortController();
  #attempts = 0;
  #reason: AuthReason = 'connect';
  #faults = 0;
  #ids = 0;
  /** What `connected` brought. */
  #welcome: any;
  #refusal?: HearthError;
  /** When to leave a server that has asked for it; nothing more is sent to it. */
  #leaveAt = 0;
  #sentAt = 0;
  #receivedAt = 0;
  #wokeAt = 0;
  #unlisten?: () => void;

  /** @internal */
  constructor(url: string | (() => string | Promise<string>), options: ClientOptions & { clock?: Clock }) {
    this.#url = url;
    this.options_ = options;
    this.server = options.server ?? null;
    this.#clock = options.clock ?? systemClock;
    this.timers_ = new Timers(this.#clock, (late) => {
      this.connection.emit_('late', late);
      this.#probe();
    });
    this.requests_ = new Requests(this.timers_, options.timeout);
  }

  /** @internal It can be used. */
  protected abstract opened_(): void;
  /** @internal Of what comes, that which is not about the connection itself. */
  protected abstract received_(envelope: Envelope): void;
  /** @internal It is gone. */
  protected abstract lost_(): void;
  /** @internal Sends a request. */
  abstract request_(event: string, data: unknown, options?: object, repeats?: () => boolean): Promise<any>;
  /** @internal The server has said which rooms are left to this client. */
  protected abstract remaining_(rooms: unknown): void;

  /** @internal Whether what is sent now leaves now. */
  get usable_(): boolean {
    return this.state === 'ready' && !this.#leaveAt;
  }

  /** @internal */
  takeId_(): string {
    this.#ids += 1;
    return `${this.#ids}`;
  }

  /** @internal */
  writeText_(text: string): void {
    const socket = this.#socket!;
    const agreement = this.#agreement!;
    this.#sentAt = this.#clock.now();
    const send = (sealed?: string) => {
      if (socket !== this.#socket) return;
      this.#trace('out', text, sealed);
      socket.send(sealed ?? text);
    };
    if (this.#seals) this.#sealing = this.#sealing.then(() => agreement.seal(text)).then(send);
    else send();
  }

  /** @internal Sends it; the answer settles it. Ignis gives none to some. */
  transmit_(request: Request): void {
    const { sent_ } = this.requests_;
    sent_.set(request.id_!, request);
    this.writeText_(request.text_!);
    if (this.server !== 'ignis' || !/^(join|leave|publish)$/.test(request.name_!)) return;
    sent_.delete(request.id_!);
    request.settle_();
  }

  /** Now, whatever the back-off says. */
  reconnect(): void {
    if (this.state === 'ready') this.#break(1000, 'reconnect', 0);
    else if (this.state === 'waiting') this.#open();
    else this.start_();
  }

  /** For good, or until `connect`. Rooms that are wanted stay wanted. */
  close(code = 1000, reason = ''): void {
    if (code !== 1000 && !(code > 2999 && code < 5000)) throw new RangeError(`close code ${code} is not 1000, nor 3000 to 4999`);
    this.#end(new HearthError('closed', 'the client is closed', { close: { code, reason } }));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  start_(): void {
    if (this.state !== 'idle' && this.state !== 'closed') return;
    this.#attempts = this.#faults = this.#wokeAt = 0;
    this.#reason = 'connect';
    this.#unlisten = listenForWake(() => this.#woke(), () => this.#probe(), () => {
      this.#wokeAt = 0;
      this.#break(1000, 'page hidden', Infinity);
    });
    this.#open();
  }

  /** @internal Runs it after a pause of the back-off, if the connection is still there. */
  later_(timer: string, attempt: number, run: () => void, least = 0): void {
    this.timers_.start_(timer, least + this.#backoff(attempt), run, false);
  }

  #trace(direction: 'in' | 'out', text: string, sealed?: string): void {
    guarded(() => this.options_.trace?.(direction, text, sealed));
  }

  /** With `close`, the connection goes meanwhile. False: somebody has gone on from there. */
  #enter(state: ClientState, close?: Close): boolean {
    const previous = this.state;
    const attempt = this.#attempt;
    const still = () => this.state === state && this.#attempt === attempt;
    (this as Writable<this>).state = state;
    if (close) this.#drop(close);
    if (still()) this.connection.emit_('state', state, previous);
    return still();
  }

  async #open(): Promise<void> {
    const { encryption, WebSocket = globalThis.WebSocket } = this.options_;
    const { signal } = this.#attempt = new AbortController();
    this.#limit(15_000, 'connecting took too long');
    this.#enter('connecting');
    // What failing means: the end, if it is named.
    let final: ErrorKind | undefined;
    try {
      const data = await this.#ask(this.#reason, signal);
      final = 'encryption';
      const agreement = await encryption?.begin();
      final = undefined;
      const url = typeof this.#url === 'string' ? this.#url : await this.#url();
      if (signal.aborted) return;
      final = 'protocol';
      if (!WebSocket) throw new Error('no WebSocket here: pass one as the option WebSocket');
      this.#agreement = agreement;
      this.#use(new WebSocket(url), data);
    } catch (cause: any) {
      if (signal.aborted) return;
      if (cause?.kind === 'auth') final = 'auth';
      this.#fail(cause, final);
    }
  }

  async #ask(reason: AuthReason, signal: AbortSignal): Promise<object> {
    const { auth = {} } = this.options_;
    const data = typeof auth === 'function' ? await auth({ reason, signal }) : auth;
    if (!data) throw new HearthError('auth', 'auth() lets nobody in');
    return data;
  }

  /** How long the state may last. */
  #limit(ms: number, reason: string): void {
    this.timers_.start_('state', ms, () => this.#break(1006, reason));
  }

  #use(socket: SocketLike, data: object): void {
    this.#socket = socket;
    this.#sealing = Promise.resolve();
    this.#welcome = this.#refusal = undefined;
    const mine = (handler: (event: any) => unknown) => (event: any) => socket === this.#socket && handler(event);
    // To open a message takes its time; what comes later is handled later. Without encryption nothing takes time.
    let handled: Promise<unknown> = Promise.resolve();
    const inOrder = (handler: (event: any) => unknown) => (this.#agreement ? (event: any) => {
      handled = handled.then(() => mine(handler)(event));
    } : mine(handler));
    socket.onopen = mine(() => {
      // The server decides within 15 s.
      this.#limit(16_000, 'no answer to authenticate');
      this.#authenticate({ ...data, publicKey: this.#agreement?.publicKey });
      this.#enter('authenticating');
    });
    socket.onmessage = inOrder(({ data: text }) => this.#receive(text, socket));
    // Not all say `close` as well when they cannot connect.
    socket.onerror = mine(() => this.state === 'connecting' && this.#break(1006, 'cannot connect'));
    socket.onclose = inOrder(({ code, reason }) => this.#break(code, `${reason}`));
  }

  #authenticate(data: object): void {
    const id = this.takeId_();
    this.transmit_({
      id_: id, text_: JSON.stringify({ event: 'authenticate', data, id }), settle_: (error) => {
        if (!error) {
          (this as Writable<this>).server = 'hearth';
          this.#ready();
        } else if (this.state === 'authenticating') {
          this.#refusal = error;
        }
      },
    });
  }

  /** `sealed` is what came in place of it. */
  async #receive(text: string, socket: SocketLike, sealed?: string): Promise<void> {
    this.#receivedAt = this.#clock.now();
    this.timers_.stop_('probe');
    let envelope: any;
    let opened: string | undefined;
    try {
      envelope = JSON.parse(text);
    } catch {
      // The same as what is no envelope.
    }
    try {
      if (!sealed && this.#agreement) opened = await this.#agreement.open(envelope);
    } catch (cause) {
      if (socket !== this.#socket) return;
      this.#faults += 1;
      return this.#fail(new HearthError('encryption', 'a message did not open', { cause }), this.#faults > 2 ? 'encryption' : undefined);
    }
    if (opened !== undefined) return this.#receive(opened, socket, text);
    if (socket === this.#socket) this.#trace('in', text, sealed);
    if (socket !== this.#socket) return;
    try {
      this.#handle(envelope);
    } catch (cause) {
      this.connection.emit_('error', new HearthError('protocol', `not understood: ${text.slice(0, 80)}`, { cause }));
    }
  }

  /** It is this side that cannot go on; `final` if it never will. */
  #fail(cause: any, final?: ErrorKind): void {
    const reason = `${cause?.message ?? cause}`;
    if (final) this.#end(new HearthError(final, reason, { cause }));
    else this.#break(1006, reason, undefined, cause ?? reason);
  }

  #handle(envelope: Envelope): void {
    const { event, data, id } = envelope;
    if (typeof event !== 'string') throw new TypeError('no envelope');
    const { sent_ } = this.requests_;
    const request = sent_.get(id);
    const error = event === 'error' ? answered(data, !!request) : undefined;
    if (request) {
      sent_.delete(id);
      request.settle_(error, data);
    } else if (error) {
      this.connection.emit_('error', error);
    } else if (event === 'connected') {
      if (this.state === 'authenticating' && !this.#welcome) this.#welcomed(data ?? {});
    } else if (this.server === 'hearth' && event === 'reconnect') {
      this.#leave(data?.afterMs);
    } else if (this.server === 'hearth' && event === 'token_expiring') {
      this.#renew(0);
    } else if (event !== 'ack') {
      this.received_(envelope);
    }
  }

  #welcomed(welcome: any): void {
    this.#welcome = welcome;
    if (this.options_.encryption?.optional === false && !welcome.serverPublicKey) {
      return this.#end(new HearthError('encryption', 'the server does not encrypt'));
    }
    if (this.server) return this.#ready();
    // Hearth's `ack` comes in the same write as `connected`.
    this.timers_.start_('state', 1000, () => {
      (this as Writable<this>).server = 'ignis';
      this.#ready();
    });
  }

  #ready(): void {
    const { heartbeat = 25_000 } = this.options_;
    const { id, userId = null, serverPublicKey } = this.#welcome ?? {};
    if (this.state !== 'authenticating' || !id) return;
    this.timers_.stop_('state');
    this.timers_.start_('stable', 10_000, () => {
      this.#attempts = this.#faults = 0;
    });
    Object.assign(this, { id, userId });
    this.#reason = 'connect';
    // Ignis opens nothing.
    this.#seals = serverPublicKey && this.#agreement && this.server === 'hearth';
    this.#whenQuiet('beat', heartbeat, () => this.#sentAt, () => this.#beat());
    this.#whenQuiet('silence', 45_000, () => this.#receivedAt, () => this.#probe());
    this.#enter('ready');
    if (this.usable_) this.opened_();
  }

  /** Runs it whenever nothing has happened for so long; `last` says when something did. */
  #whenQuiet(timer: string, ms: number, last: () => number, run: () => void): void {
    const left = last() + ms - this.#clock.now();
    this.timers_.start_(timer, left > 0 ? left : ms, () => this.#whenQuiet(timer, ms, last, run));
    if (left <= 0) run();
  }

  #beat(): void {
    if (this.usable_) this.writeText_(JSON.stringify({ event: 'heartbeat', id: this.takeId_() }));
  }

  /** A heartbeat that has to be answered, where heartbeats are. */
  #probe(): void {
    this.#beat();
    if (!this.usable_ || this.server === 'ignis' || this.timers_.running_.has('probe')) return;
    this.timers_.start_('probe', 10_000, () => this.#break(1006, 'no answer to a heartbeat'));
  }

  #woke(): void {
    const now = this.#clock.now();
    if (this.state === 'ready' && this.server === 'ignis' && now - this.#receivedAt > kMinute) {
      this.reconnect();
    } else if (this.state === 'waiting' && now - this.#wokeAt >= 1000) {
      this.#wokeAt = now;
      this.#open();
    }
    this.#probe();
  }

  /** The server wants this connection to end, and a new one elsewhere; it has spread its clients over time. */
  #leave(ms: any): void {
    if (!this.usable_) return;
    const at = this.#clock.now() + (ms > 0 ? Math.min(ms, kMinute) : 0);
    const leave = (wait: number) => this.timers_.start_('leave', wait, () => {
      if (this.requests_.sent_.size > 0 && this.#clock.now() < at + kLinger) leave(50);
      else this.#break(1000, 'as asked', 0);
    }, false);
    leave(at - this.#clock.now());
    this.#leaveAt = at;
  }

  async #renew(failures: number): Promise<void> {
    if (typeof this.options_.auth !== 'function') return;
    const { signal } = this.#attempt;
    try {
      const { rooms } = await this.request_('authenticate', await this.#ask('expiring', signal)) ?? {};
      this.remaining_(rooms);
    } catch (cause: any) {
      if (signal.aborted) return;
      this.connection.emit_('error', new HearthError('auth', `renewal: ${cause?.message}`, { cause, retryable: true }));
      // The server wants a second between two.
      this.later_('renew', failures, () => this.#renew(failures + 1), 1000);
    }
  }

  #backoff(attempt: number): number {
    const { min = 1000, max = 30_000 } = this.options_.backoff ?? {};
    return this.#clock.random() * Math.min(max, min * 2 ** attempt);
  }

  /** Lets go of the socket without waiting for its end, which browsers may put off for a minute. */
  #drop(close: Close): void {
    const { code, reason } = close;
    const socket: any = this.#socket;
    this.#socket = null;
    this.#attempt.abort();
    this.timers_.stopNamed_();
    Object.assign(this, { id: null, userId: null });
    this.#leaveAt = 0;
    this.#seals = false;
    try {
      socket?.close(code, reason);
    } catch {
      // Codes of the server's are not for clients to send.
      socket.close();
    }
    // One of `ws` would keep the process for half a minute.
    if (code === 1006) socket?.terminate?.();
    if (kBadMessage.includes(code)) {
      this.requests_.last_?.settle_(new HearthError('protocol', `not accepted: ${code} ${reason}`,
        { sent: true, close }));
    }
    this.lost_();
    this.requests_.lost_(close);
  }

  #end(error: HearthError): void {
    if (this.state === 'closed') return;
    this.#unlisten?.();
    this.requests_.fail_(error);
    this.ended_ = { cause: error };
    if (this.#enter('closed', error.close ?? { code: 1000, reason: '' })) this.connection.emit_('closed', error);
  }

  /** What follows when a connection or an attempt has ended; `delay` if that is already known. */
  #break(code: number, reason: string, delay?: number, cause?: unknown): void {
    const close = { code, reason };
    const { auth, shouldReconnect } = this.options_;
    let final: ErrorKind | undefined;
    if (delay === undefined && !cause) {
      final = kFinal[code];
      if (code === 4003) {
        if (this.#reason === 'refused' || typeof auth !== 'function') final = 'auth';
        this.#reason = 'refused';
      } else if (code === 4006) {
        this.#reason = 'expired';
      } else if (!final && ![4008, ...kAtOnce, ...kBadMessage].includes(code) && guarded(() => shouldReconnect?.(close)) === false) {
        final = 'closed';
      }
    }
    const error = new HearthError(final ?? 'lost', this.#refusal?.message ?? `the connection ended: ${code} ${reason}`,
      { code: this.#refusal?.code, close, cause });
    if (final) return this.#end(error);
    // A server that closes a connection which it has asked to leave has not changed the time.
    if (this.#leaveAt) delay ??= Math.max(this.#leaveAt - this.#clock.now(), 0);
    if (delay === undefined) {
      delay = kAtOnce.includes(code) && !this.#attempts ? 0 : this.#backoff(this.#attempts);
      if (code === 4008) delay = Math.max(delay, kMinute);
      this.#attempts += 1;
    }
    const ended = this.ended_ = { delay, cause: error, attempt: this.#attempts };
    if (this.#enter('waiting', close)) {
      this.timers_.start_('state', delay, () => this.#open(), false);
      this.connection.emit_('waiting', ended);
    }
  }
}
