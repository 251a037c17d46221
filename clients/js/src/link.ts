import { Emitter, guarded } from './emitter.ts';
import { answered, type Close, type ErrorKind, HearthError } from './error.ts';
import { type Request, Requests } from './requests.ts';
import { type Clock, Timers } from './timers.ts';
import type { AuthReason, ClientOptions, ClientState, ConnectionEvents, EventMap, Heard, KeyAgreement, ServerKind, SocketLike } from './types.ts';
import { listenForWake } from './wake.ts';

/** For what is not to be hurried. */
const kMinute = 60_000;
/** How long requests under way hold up leaving a server that drains; it waits for 5 s. */
const kLinger = 4000;

/** What follows the close codes that say so: the end, of that kind; or another attempt. */
const kFollows: Record<number, string> = {
  1000: 'closed', 1002: 'protocol', 1003: 'protocol', 1007: 'protocol', 1009: 'protocol', 4002: 'at once', 4003: 'refused',
  4004: 'encryption', 4005: 'at once', 4006: 'expired', 4007: 'closed', 4008: 'a minute', 4009: 'closed', 4010: 'closed',
};

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
export abstract class Link<E extends EventMap> extends Emitter<Heard<E>> {
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
  #socket: SocketLike | null = null;
  /** Of the connection, where it is encrypted. */
  #agreement?: KeyAgreement;
  /** Done when everything that was sent is sealed, where it is to be. */
  #sealing?: Promise<void>;
  #attempt = new AbortController();
  #attempts = 0;
  /** How often the state has changed. */
  #changes = 0;
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
  /** From `connect` to `close`. */
  #life!: AbortController;

  /** Nothing is opened yet, and no timer runs. */
  constructor(url: string | (() => string | Promise<string>), options: ClientOptions = {}) {
    super();
    this.#url = url;
    this.options_ = options;
    this.server = options.server ?? null;
    this.timers_ = new Timers((options as { clock?: Clock }).clock ?? globalThis, (late) => {
      this.connection.emit_('late', late);
      this.#probe();
    });
    this.requests_ = new Requests(this.timers_, options.timeout);
    options.signal?.addEventListener('abort', () => this.close());
  }

  /** @internal It can be used. */
  protected abstract opened_(): void;
  /** @internal Of what comes, that which is not about the connection itself. */
  protected abstract received_(envelope: Envelope): void;
  /** @internal It is gone. */
  protected abstract lost_(): void;
  /** @internal Sends a request. */
  abstract request_(event: string, data: unknown): Promise<any>;
  /** @internal The server has said which rooms are left to this client. */
  protected abstract remaining_(rooms: unknown): void;

  /** @internal Whether what is sent now leaves now. */
  get usable_(): boolean {
    return this.state === 'ready' && !this.#leaveAt;
  }

  /** @internal */
  takeId_(): string {
    return `${this.#ids += 1}`;
  }

  /** @internal */
  writeText_(text: string): void {
    const socket = this.#socket!;
    const agreement = this.#agreement!;
    this.#sentAt = this.timers_.now_();
    const send = (sealed?: string) => {
      if (socket !== this.#socket) return;
      guarded(() => this.options_.trace?.('out', text, sealed));
      socket.send(sealed ?? text);
    };
    if (this.#sealing) this.#sealing = this.#sealing.then(() => agreement.seal(text)).then(send);
    else send();
  }

  /** @internal Sends it; the answer settles it. Ignis gives none to some. */
  transmit_(request: Request): void {
    this.writeText_(request.text_!);
    if (this.server === 'ignis' && /^(join|leave|publish)$/.test(request.name_!)) request.settle_();
    else this.requests_.sent_.set(request.id_!, request);
  }

  /** @internal Asks the server at once; `settle` gets the answer. */
  ask_(event: string, data: unknown, settle_: Request['settle_']): void {
    const id = this.takeId_();
    this.transmit_({ name_: event, id_: id, text_: JSON.stringify({ event, data, id }), settle_ });
  }

  /** Now, whatever the back-off says. */
  reconnect(): void {
    if (this.state === 'ready') this.#break(1000, 'reconnect', 0);
    else if (this.state === 'waiting') this.#open();
    else this.start_();
  }

  /** For good, or until `connect`. Rooms that are wanted stay wanted. */
  close(code = 1000, reason = ''): void {
    if (code !== 1000 && !(code > 2999 && code < 5000)) throw new RangeError(`close code ${code}: neither 1000 nor 3000 to 4999`);
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
    this.#life = new AbortController();
    listenForWake(this.#life.signal, () => this.#woke(), () => this.#probe(), () => {
      this.#wokeAt = 0;
      this.#break(1000, 'page hidden', Infinity);
    });
    this.#open();
  }

  /** @internal Runs it after a pause of the back-off, if the connection is still there. */
  later_(timer: string, attempt: number, run: () => void, least = 0): void {
    this.timers_.start_(timer, least + this.#backoff(attempt), run, false);
  }

  /** With `close`, the connection goes meanwhile. False: somebody has gone on from there. */
  #enter(state: ClientState, close?: Partial<Close>): boolean {
    const previous = this.state;
    const change = this.#changes += 1;
    const still = () => change === this.#changes;
    (this as Writable<this>).state = state;
    if (close) this.#drop(close);
    if (still()) this.connection.emit_('state', state, previous);
    return still();
  }

  async #open(): Promise<void> {
    const { encryption, WebSocket = globalThis.WebSocket } = this.options_;
    const { signal } = this.#attempt = new AbortController();
    this.#sealing = this.#welcome = this.#refusal = undefined;
    this.#limit('state', 15_000);
    this.#enter('connecting');
    // What failing means: the end, if it is named.
    let final: ErrorKind | undefined;
    try {
      const data = await this.#ask(this.#reason, signal);
      final = 'encryption';
      const agreement = await encryption?.begin();
      final = undefined;
      const url = typeof this.#url === 'function' ? await this.#url() : this.#url;
      if (signal.aborted) return;
      final = 'protocol';
      if (!WebSocket) throw new Error('no WebSocket: pass one as an option');
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

  /** How long something may take, or that is the end of the connection. */
  #limit(timer: string, ms: number): void {
    this.timers_.start_(timer, ms, () => this.#break(1006, `no answer within ${ms} ms`));
  }

  #use(socket: SocketLike, data: object): void {
    this.#socket = socket;
    // To open a message takes its time; what comes later is handled later.
    let handled: Promise<unknown> = Promise.resolve();
    const inOrder = (handler: (event: any) => unknown) => (event: any) => {
      handled = handled.then(() => socket === this.#socket && handler(event));
    };
    socket.onopen = inOrder(() => {
      // The server decides within 15 s.
      this.#limit('state', 16_000);
      this.ask_('authenticate', { ...data, publicKey: this.#agreement?.publicKey }, (error) => {
        if (!error) {
          (this as Writable<this>).server = 'hearth';
          this.#ready();
        } else if (this.state === 'authenticating') {
          this.#refusal = error;
        }
      });
      this.#enter('authenticating');
    });
    socket.onmessage = inOrder(({ data: text }) => this.#receive(text, socket));
    // Not all say `close` as well when they cannot connect.
    socket.onerror = inOrder(() => this.state === 'connecting' && this.#break(1006, 'cannot connect'));
    socket.onclose = inOrder(({ code, reason }) => this.#break(code, `${reason}`));
  }

  async #receive(wire: string, socket: SocketLike): Promise<void> {
    this.#receivedAt = this.timers_.now_();
    this.timers_.stop_('probe');
    let opened: string | undefined;
    try {
      opened = await this.#agreement?.open(wire);
    } catch (cause) {
      if (socket !== this.#socket) return;
      this.#faults += 1;
      return this.#fail(new HearthError('encryption', 'cannot open a message', { cause }), this.#faults > 2 ? 'encryption' : undefined);
    }
    const text = opened ?? wire;
    if (socket === this.#socket) guarded(() => this.options_.trace?.('in', text, opened && wire));
    if (socket !== this.#socket) return;
    try {
      this.#handle(JSON.parse(text));
    } catch (cause) {
      this.connection.emit_('error', new HearthError('protocol', `not understood: ${text.slice(0, 80)}`, { cause }));
    }
  }

  /** It is this side that cannot go on; `final` if it never will. */
  #fail(cause: any, final?: ErrorKind): void {
    const reason = `${cause?.message ?? cause}`;
    if (final) this.#end(new HearthError(final, reason, { cause }));
    else this.#break(1006, reason, undefined, cause);
  }

  #handle(envelope: Envelope): void {
    const { event, data, id } = envelope;
    if (typeof event !== 'string') throw new TypeError();
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
      if (this.usable_) this.#leaveIn(data?.afterMs);
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
    this.timers_.start_('state', 10_000, () => {
      this.#attempts = this.#faults = 0;
    });
    Object.assign(this, { id, userId });
    this.#reason = 'connect';
    // Ignis opens nothing.
    if (serverPublicKey && this.#agreement && this.server === 'hearth') this.#sealing = Promise.resolve();
    this.#whenQuiet('beat', heartbeat, () => this.#sentAt, () => this.#beat());
    this.#whenQuiet('silence', 45_000, () => this.#receivedAt, () => this.#probe());
    if (this.#enter('ready')) this.opened_();
  }

  /** Runs it whenever nothing has happened for so long; `last` says when something did. */
  #whenQuiet(timer: string, ms: number, last: () => number, run: () => void): void {
    const left = last() + ms - this.timers_.now_();
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
    this.#limit('probe', 10_000);
  }

  #woke(): void {
    const now = this.timers_.now_();
    if (this.state === 'ready' && this.server === 'ignis' && now - this.#receivedAt > kMinute) {
      this.reconnect();
    } else if (this.state === 'waiting' && now - this.#wokeAt >= 1000) {
      this.#wokeAt = now;
      this.#open();
    }
    this.#probe();
  }

  /** The server wants this connection to end, and a new one elsewhere; it has spread its clients over time. */
  #leaveIn(ms: any): void {
    this.#leaveAt = this.timers_.now_() + (ms > 0 ? Math.min(ms, kMinute) : 0);
    this.#leave();
  }

  #leave(): void {
    const left = this.#leaveAt - this.timers_.now_();
    if (left > 0 || (this.requests_.sent_.size && left > -kLinger)) {
      this.timers_.start_('leave', left > 0 ? left : 50, () => this.#leave(), false);
    } else {
      this.#break(1000, 'as asked', 0);
    }
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
    return this.timers_.clock_.Math.random() * Math.min(max, min * 2 ** attempt);
  }

  /** Lets go of the socket without waiting for its end, which browsers may put off for a minute. */
  #drop({ code = 1000, reason = '' }: Partial<Close>): void {
    const socket: any = this.#socket;
    this.#socket = null;
    this.#attempt.abort();
    this.timers_.stopNamed_();
    Object.assign(this, { id: null, userId: null });
    this.#leaveAt = 0;
    try {
      socket?.close(code, reason);
    } catch {
      // Codes of the server's are not for clients to send. One of `ws` would keep the process for half a minute.
      socket.terminate?.();
      socket.close();
    }
    this.lost_();
    this.requests_.lost_({ code, reason });
  }

  #end(error: HearthError): void {
    if (this.state === 'closed') return;
    this.#life?.abort();
    this.requests_.fail_(error);
    this.ended_ = { cause: error };
    if (this.#enter('closed', error.close ?? {})) this.connection.emit_('closed', error);
  }

  /** What follows when a connection or an attempt has ended; `delay` if that is already known. */
  #break(code: number, reason: string, delay?: number, cause?: unknown): void {
    const close = { code, reason };
    const { auth, shouldReconnect } = this.options_;
    const refusal = this.#refusal;
    let follows = 'lost';
    if (delay === undefined) {
      follows = kFollows[code] ?? (guarded(() => shouldReconnect?.(close)) === false ? 'closed' : follows);
      if (follows === 'refused' && (this.#reason === follows || typeof auth !== 'function')) follows = 'auth';
    }
    const kind = ['auth', 'closed', 'encryption', 'protocol'].includes(follows) ? follows as ErrorKind : 'lost';
    const error = new HearthError(kind, refusal?.message ?? `the connection ended: ${code} ${reason}`, { code: refusal?.code, close, cause });
    if (kind === 'protocol') this.requests_.last_?.settle_(Object.assign(error, { sent: true }));
    else if (kind !== 'lost') return this.#end(error);
    if (follows === 'refused' || follows === 'expired') this.#reason = follows;
    // A server that closes a connection which it has asked to leave has not changed the time.
    if (this.#leaveAt) delay ??= Math.max(this.#leaveAt - this.timers_.now_(), 0);
    if (delay === undefined) {
      delay = /at once|expired/.test(follows) && !this.#attempts ? 0 : this.#backoff(this.#attempts);
      if (follows === 'a minute') delay = Math.max(delay, kMinute);
      this.#attempts += 1;
    }
    const ended = this.ended_ = { delay, cause: error, attempt: this.#attempts };
    if (this.#enter('waiting', close)) {
      this.timers_.start_('state', delay, () => this.#open(), false);
      this.connection.emit_('waiting', ended);
    }
  }
}
