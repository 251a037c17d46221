import { Emitter, guarded } from './emitter.ts';
import { answered, type Close, type ErrorKind, HearthError } from './error.ts';
import { Requests } from './requests.ts';
import { type Clock, systemClock, Timers } from './timers.ts';
import type { AuthReason, ClientOptions, ClientState, ConnectionEvents, KeyAgreement, ServerKind, SocketLike } from './types.ts';
import { listenForWake } from './wake.ts';

const kConnectDeadline = 15_000;
/** The server decides within 15 s. */
const kAuthenticateDeadline = 16_000;
/** Hearth's `ack` comes in the same write as `connected`. */
const kAckDeadline = 1000;
const kStable = 10_000;
const kSilent = 45_000;
const kProbe = 10_000;
/** For what is not to be hurried. */
const kMinute = 60_000;
/** How long requests under way hold up leaving a server that drains; it waits for 5 s. */
const kLinger = 4000;

const kFinal = [1000, 4007, 4009, 4010];
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
  #url: string | (() => string | Promise<string>);
  #clock: Clock;
  #socket: SocketLike | null = null;
  #attempt = new AbortController();
  #attempts = 0;
  #reason: AuthReason = 'connect';
  #refused = false;
  #faults = 0;
  #ids = 0;
  #authId = '';
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
    this.requests_ = new Requests(this.timers_, options.timeout ?? 10_000);
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
  write_(event: string, data: unknown, id?: string): void {
    this.writeText_(JSON.stringify({ event, data, id }));
  }

  /** @internal */
  writeText_(text: string): void {
    this.#sentAt = this.#clock.now();
    const socket = this.#socket!;
    if (!socket.seals) this.#trace('out', text);
    socket.send(text);
  }

  /** Now, whatever the back-off says. */
  reconnect(): void {
    if (this.state === 'ready') this.#break(1000, 'reconnect', 0);
    else if (this.state === 'waiting') this.#open();
    else this.start_();
  }

  /** For good, or until `connect`. Rooms that are wanted stay wanted. */
  close(code = 1000, reason = ''): void {
    if (code !== 1000 && !(code > 2999 && code < 5000)) throw new RangeError(`close code ${code}: 1000 and 3000 to 4999 may be sent`);
    this.#end(new HearthError('closed', 'the client is closed', { close: { code, reason } }));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  start_(): void {
    if (this.state !== 'idle' && this.state !== 'closed') return;
    this.#attempts = this.#faults = this.#wokeAt = 0;
    this.#refused = false;
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

  /** `meanwhile` happens in the new state, before anybody is told of it; false: somebody has gone on from there. */
  #enter(state: ClientState, meanwhile?: () => void): boolean {
    const previous = this.state;
    const attempt = this.#attempt;
    const still = () => this.state === state && this.#attempt === attempt;
    (this as Writable<this>).state = state;
    meanwhile?.();
    if (still()) this.connection.emit_('state', state, previous);
    return still();
  }

  async #open(): Promise<void> {
    const { encryption, WebSocket = globalThis.WebSocket } = this.options_;
    const { signal } = this.#attempt = new AbortController();
    this.#limit(kConnectDeadline, 'connecting took too long');
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
      this.#use(new WebSocket(url), data, agreement);
    } catch (cause: any) {
      if (signal.aborted) return;
      if (cause?.kind === 'auth') final = 'auth';
      const reason = `${cause?.message ?? cause}`;
      if (final) this.#end(new HearthError(final, reason, { cause }));
      else this.#break(1006, reason, undefined, cause ?? reason);
    }
  }

  async #ask(reason: AuthReason, signal: AbortSignal): Promise<object> {
    const { auth = {} } = this.options_;
    const data = typeof auth === 'function' ? await auth({ reason, signal }) : auth;
    if (!data) throw new HearthError('auth', 'auth() says that nobody is allowed in');
    return data;
  }

  /** How long the state may last. */
  #limit(ms: number, reason: string): void {
    this.timers_.start_('state', ms, () => this.#break(1006, reason));
  }

  #use(raw: SocketLike, data: object, agreement?: KeyAgreement): void {
    const socket = this.#socket = agreement?.wrap(raw, (...words) => this.#trace(...words)) ?? raw;
    this.#welcome = this.#refusal = undefined;
    socket.binaryType = 'arraybuffer';
    const mine = (handler: (value: any) => void) => (value: any) => {
      if (socket === this.#socket) handler(value);
    };
    socket.onopen = mine(() => {
      this.#limit(kAuthenticateDeadline, 'no answer to authenticate');
      this.#authId = this.takeId_();
      this.write_('authenticate', { ...data, publicKey: agreement?.publicKey }, this.#authId);
      this.#enter('authenticating');
    });
    socket.onmessage = mine(({ data: text, sealed }) => {
      this.#receivedAt = this.#clock.now();
      this.timers_.stop_('probe');
      this.#receive(typeof text === 'string' ? text : new TextDecoder().decode(text), sealed);
    });
    socket.onerror = mine(({ fault }) => {
      // Not all say `close` as well when they cannot connect.
      if (this.state === 'connecting') return this.#break(1006, 'cannot connect');
      // Encryption found a message that does not open.
      if (!fault) return;
      this.#faults += 1;
      const error = new HearthError('encryption', 'a message did not open', { cause: fault });
      if (this.#faults > 2) this.#end(error);
      else this.#break(1000, error.message, undefined, error);
    });
    socket.onclose = mine(({ code, reason }) => this.#break(code, `${reason}`));
  }

  #receive(text: string, sealed?: string): void {
    const socket = this.#socket;
    this.#trace('in', text, sealed);
    let envelope: Envelope | undefined;
    try {
      envelope = JSON.parse(text);
    } catch {
      // The same as what is no envelope.
    }
    if (socket !== this.#socket) return;
    if (typeof envelope?.event !== 'string') {
      return this.connection.emit_('error', new HearthError('protocol', `no envelope: ${text.slice(0, 80)}`));
    }
    const { event, data, id } = envelope;
    const mine = id === this.#authId;
    const hearth = this.server === 'hearth';
    if (event === 'connected') {
      if (this.state === 'authenticating' && !this.#welcome) this.#welcomed(data ?? {});
    } else if (mine && event === 'ack') {
      (this as Writable<this>).server = 'hearth';
      this.#ready();
    } else if (mine && event === 'error') {
      this.#refusal = answered(data);
    } else if (hearth && event === 'reconnect') {
      this.#leave(data?.afterMs);
    } else if (hearth && event === 'token_expiring') {
      this.#renew(0);
    } else {
      try {
        this.received_(envelope);
      } catch (cause) {
        this.connection.emit_('error', new HearthError('protocol', `not understood: ${text.slice(0, 80)}`, { cause }));
      }
    }
  }

  #welcomed(welcome: any): void {
    this.#welcome = welcome;
    if (this.options_.encryption?.optional === false && !welcome.serverPublicKey) {
      return this.#end(new HearthError('encryption', 'the server does not encrypt'));
    }
    if (this.server) return this.#ready();
    this.timers_.start_('state', kAckDeadline, () => {
      (this as Writable<this>).server = 'ignis';
      this.#ready();
    });
  }

  #ready(): void {
    const { id, userId = null, serverPublicKey } = this.#welcome ?? {};
    if (this.state !== 'authenticating' || !id) return;
    this.timers_.stop_('state');
    this.timers_.start_('stable', kStable, () => {
      this.#attempts = this.#faults = 0;
    });
    Object.assign(this, { id, userId });
    this.#reason = 'connect';
    this.#refused = false;
    // Ignis opens nothing.
    this.#socket!.seals = serverPublicKey && this.server === 'hearth';
    this.#watch();
    this.#enter('ready');
    if (this.usable_) this.opened_();
  }

  /** Wakes up when a heartbeat is due, or the silence is too long. */
  #watch(): void {
    const { heartbeat = 25_000 } = this.options_;
    const left = (judges: boolean) => Math.min(this.#sentAt + heartbeat,
      judges ? this.#receivedAt + kSilent : Infinity) - this.#clock.now();
    const judges = this.server === 'hearth' && !this.#leaveAt && !this.timers_.has_('probe');
    this.timers_.start_('beat', Math.max(left(judges), 1), () => {
      if (left(false) <= 0) this.#beat();
      else if (left(judges) <= 0) this.#probe();
      this.#watch();
    });
  }

  #beat(): void {
    if (this.usable_) this.write_('heartbeat', undefined, this.takeId_());
    else this.#sentAt = this.#clock.now();
  }

  /** A heartbeat that has to be answered, where heartbeats are. */
  #probe(): void {
    if (!this.usable_) return;
    this.#beat();
    if (this.server === 'ignis' || this.timers_.has_('probe')) return;
    this.timers_.start_('probe', kProbe, () => this.#break(1006, 'no answer to a heartbeat'));
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
    const now = this.#clock.now();
    const at = this.#leaveAt = now + (ms > 0 ? Math.min(ms, kMinute) : 0);
    const leave = () => {
      if (this.requests_.sent_.size > 0 && this.#clock.now() < at + kLinger) this.timers_.start_('leave', 50, leave, false);
      else this.#break(1000, 'as asked', 0);
    };
    this.timers_.start_('leave', at - now, leave, false);
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
    try {
      socket?.close(code, reason);
    } catch {
      // Codes of the server's are not for clients to send.
      socket.close();
    }
    // One of `ws` would keep the process for half a minute.
    if (code === 1006) socket?.terminate?.();
    if (kBadMessage.includes(code)) {
      this.requests_.last_?.settle_(new HearthError('protocol', `the server found fault with it: ${code} ${reason}`,
        { sent: true, close }));
    }
    this.requests_.lost_(close);
    this.lost_();
  }

  #end(error: HearthError): void {
    if (this.state === 'closed') return;
    this.#unlisten?.();
    this.#enter('closed', () => {
      this.requests_.failAll_(error);
      this.#drop(error.close ?? { code: 1000, reason: '' });
    });
    this.connection.emit_('closed', error);
  }

  /** What follows when a connection or an attempt has ended; `delay` if that is already known. */
  #break(code: number, reason: string, delay?: number, cause?: unknown): void {
    const close = { code, reason };
    const { auth, shouldReconnect } = this.options_;
    let final: ErrorKind | undefined;
    if (delay === undefined && !cause) {
      if (kFinal.includes(code)) {
        final = 'closed';
      } else if (code === 4004) {
        final = 'encryption';
      } else if (code === 4003) {
        if (this.#refused || typeof auth !== 'function') final = 'auth';
        this.#refused = true;
        this.#reason = 'refused';
      } else if (code === 4006) {
        this.#reason = 'expired';
      } else if (![4008, ...kAtOnce, ...kBadMessage].includes(code) && guarded(() => shouldReconnect?.(close)) === false) {
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
    if (this.#enter('waiting', () => {
      this.#drop(close);
      if (this.state === 'waiting') this.timers_.start_('state', delay, () => this.#open(), false);
    })) this.connection.emit_('waiting', { delay, cause: error, attempt: this.#attempts });
  }
}
