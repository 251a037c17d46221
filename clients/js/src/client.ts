import { Emitter } from './emitter.ts';
import { answered, HearthError } from './error.ts';
import { type Envelope, Link } from './link.ts';
import type { Request, Terms } from './requests.ts';
import { Room } from './room.ts';
import type { ClientOptions, EventMap, EventSource, ListenOptions, Message, RequestOptions, RoomOptions } from './types.ts';

/** What one `join` may hold, in characters of names; the server takes 128 KiB, and a position may come with each. */
const kMostNames = 16_384;

/** How many of its former names a client knows. */
const kFormerIds = 32;

/** One connection to Hearth, or Ignis, that comes back by itself, and what is sent and heard over it. */
export class HearthClient<E extends EventMap = EventMap> extends Link implements EventSource<E> {
  #messages = new Emitter<any>();
  #rooms = new Map<string, Room<any>>();
  /** Rooms of which the server may have to be told. */
  #changed = new Set<Room<any>>();
  /** What joins and leaves do with their answers, by their ids. */
  #answers = new Map<string, (error: any, data: any) => void>();
  /** Joins that have not been answered, of this connection. */
  #joins = 0;
  #retries = 0;
  #announced = true;
  #connecting = new Set<Request>();
  /** Names that this client had. */
  #former = new Set<string>();

  /** Nothing is opened yet, and no timer runs. */
  constructor(url: string | (() => string | Promise<string>), options: ClientOptions = {}) {
    super(url, options);
    options.signal?.addEventListener('abort', () => this.close());
  }

  /** Resolves at `ready`, rejects at `closed`. `signal` ends the waiting, not the client. */
  connect({ signal }: { signal?: AbortSignal } = {}): Promise<this> {
    const { signal: end } = this.options_;
    if (!end?.aborted) this.start_();
    const promise = this.promise_({ signal: end?.aborted ? end : signal, timeout: Infinity, name_: 'connect' }, (request) => {
      this.#connecting.add(request);
      if (this.state === 'ready') request.settle_(undefined, this);
    }, (request) => this.#connecting.delete(request));
    // `connection` tells of it, also to who does not look at the promise.
    promise.catch(() => {});
    return promise;
  }

  /** Every message of the application's, also those of rooms. */
  on<K extends keyof E & string>(event: K | '*', handler: (data: E[K], message: Message<K, E[K]>) => void,
    options?: ListenOptions): () => void {
    return this.#messages.on(event, handler as any, options);
  }

  /** The same object for the same name; `options` are taken over. */
  room<R extends EventMap = E>(name: string, options?: RoomOptions): Room<R> {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, room = new Room(name, this));
    Object.assign(room.options_, options);
    return room;
  }

  /** Sends a message to the application that wants no answer. False, and not sent, if not ready. */
  send(event: string, data?: unknown): boolean {
    const text = this.#text({ event, data });
    if (!this.usable_) return false;
    this.#tell();
    this.writeText_(text);
    return true;
  }

  /** Sends a message to the application that it answers under its id, now or once there is a connection. */
  request<T = unknown>(event: string, data?: unknown, options?: RequestOptions): Promise<T> {
    return this.request_(event, data, options);
  }

  /** @internal A promise of what somebody will settle. */
  promise_(terms: Terms, started: (request: Request) => void, ended?: (request: Request) => void): Promise<any> {
    return new Promise((resolve, reject) => {
      if (this.state === 'closed') throw new HearthError('closed', `${terms.name_}: the client is closed`, { sent: false });
      const request = this.requests_.start_(terms, (error, value) => {
        ended?.(request);
        if (error === undefined) resolve(value);
        else reject(error);
      });
      started(request);
    });
  }

  /** @internal */
  async request_(event: string, data: unknown, options?: RequestOptions, repeats_?: () => boolean): Promise<any> {
    const { queue = 100 } = this.options_;
    const { waiting_ } = this.requests_;
    const id_ = this.takeId_();
    const text_ = this.#text({ event, data, id: id_ });
    return this.promise_({ ...options, name_: event, id_, text_, repeats_ }, (request) => {
      if (this.usable_) {
        waiting_.add(request);
        this.#flush();
      } else if (waiting_.size < queue) {
        waiting_.add(request);
      } else {
        request.settle_(new HearthError('queue', `${event}: ${queue} requests wait`, { sent: false }));
      }
    });
  }

  #text(envelope: object): string {
    const text = JSON.stringify(envelope);
    const { maxMessage = 131_072, encryption } = this.options_;
    // Base64 of the sealed text, and what is around it.
    const most = encryption ? maxMessage * 0.75 - 128 : maxMessage;
    const bytes = text.length * 3 > most ? new TextEncoder().encode(text).length : 0;
    if (bytes > most) throw new HearthError('protocol', `message of ${bytes} bytes; the most is ${most}`, { sent: false });
    return text;
  }

  #flush(): void {
    this.#tell();
    this.requests_.flush_(({ text_, name_ }) => {
      this.writeText_(text_!);
      return this.server === 'hearth' || name_ !== 'publish';
    });
  }

  /** @internal The server is told at the end of the turn, of all rooms in one message. */
  changed_(room: Room<any>): void {
    if (!this.#changed.size) queueMicrotask(() => this.#tell());
    this.#changed.add(room);
  }

  /** Tells the server what has changed. Before everything else that is sent, so that it happens in that order. */
  #tell(): void {
    if (!this.usable_) return;
    const leave: Room<any>[] = [];
    let join: Room<any>[] = [];
    let size = 0;
    for (const room of this.#changed) {
      if (room.wanted_ === room.told_) continue;
      if (room.told_) {
        leave.push(room);
        continue;
      }
      size += room.name.length;
      if (size > kMostNames) {
        this.#join(join);
        join = [];
        size = 0;
      }
      join.push(room);
    }
    this.#changed.clear();
    this.#join(join);
    if (leave.length) this.#say('leave', leave, {}, () => (room) => room.out_());
  }

  #join(rooms: Room<any>[]): void {
    if (!rooms.length) return;
    const since = rooms.map((room) => [room.name, room.since_]).filter(([, place]) => place !== undefined);
    const presence = rooms.filter((room) => room.options_.presence).map((room) => room.name);
    this.#joins += 1;
    this.#say('join', rooms, {
      // Names such as `__proto__` are no ordinary keys.
      since: since.length ? Object.fromEntries(since) : undefined, presence: presence.length ? presence : undefined,
    }, (error, data) => {
      this.#joins -= 1;
      return (room) => this.#joined(room, error, data ?? {});
    });
  }

  /** Sends a `join` or `leave`; `answer` gives what is done for each room whose last word it was. */
  #say(event: string, rooms: Room<any>[], more: object,
    answer: (error: boolean, data: any) => (room: Room<any>) => void): void {
    const id = this.takeId_();
    for (const room of rooms) {
      room.told_ = event === 'join';
      room.turn_ = id;
    }
    this.#answers.set(id, (error, data) => {
      const apply = answer(error, data);
      for (const room of rooms) if (room.turn_ === id) apply(room);
      this.#announce();
    });
    this.write_(event, { rooms: rooms.map((room) => room.name), ...more }, id);
    if (this.server === 'ignis') this.#answer(id, false);
  }

  #answer(id: any, error: boolean, data?: any): boolean {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    answer?.(error, data);
    return !!answer;
  }

  #joined(room: Room<any>, error: boolean, { rooms, codes, code, message, positions }: any): void {
    const at = !error ? -1 : Array.isArray(rooms) ? rooms.indexOf(room.name) : 0;
    const refusal = at < 0 ? undefined : answered({ code: codes?.[at] ?? code, message, rooms: [room.name] }, true);
    // 207: it is in all the same, but will not be told who else is.
    if (!refusal || refusal.code === 207) {
      this.#retries = 0;
      return room.joined_(positions && Object.hasOwn(positions, room.name) ? positions[room.name] : undefined,
        this.server === 'hearth');
    }
    room.refused_(refusal);
    if (!refusal.retryable) return;
    room.told_ = false;
    this.#changed.add(room);
    this.later_('rooms', this.#retries, () => this.#tell());
    this.#retries += 1;
  }

  /** @internal */
  protected remaining_(names: any): void {
    for (const room of this.#rooms.values()) {
      if (room.state !== 'in' || !names || names.includes(room.name)) continue;
      room.refused_(new HearthError('refused', `${room.name}: not allowed any more`, { rooms: [room.name] }));
    }
  }

  /** @internal */
  protected opened_(): void {
    this.#former.add(this.id!);
    if (this.#former.size > kFormerIds) this.#former.delete(this.#former.values().next().value!);
    this.#announced = false;
    this.#flush();
    for (const request of this.#connecting) request.settle_(undefined, this);
    this.#announce();
  }

  #announce(): void {
    if (this.#announced || this.#joins || this.state !== 'ready') return;
    this.#announced = true;
    const wanted = [...this.#rooms.values()].filter((room) => room.wanted_);
    const resumed = !!wanted.length && wanted.every((room) => room.state === 'in' && room.result_.recovered);
    this.connection.emit_('ready', { id: this.id, userId: this.userId, resumed });
  }

  /** @internal */
  protected lost_(): void {
    this.#answers.clear();
    this.#joins = this.#retries = 0;
    for (const room of this.#rooms.values()) {
      room.lost_();
      this.#changed.add(room);
    }
  }

  /** @internal */
  protected received_({ event, data, id, from, room: name, offset, epoch, skipped }: Envelope): void {
    const error = event === 'error';
    if (this.#answer(id, error, data)) return;
    const request = this.requests_.sent_.get(id);
    if (request) return request.settle_(error ? answered(data, true) : undefined, data);
    if (event === 'ack') return;
    if (error) return this.connection.emit_('error', answered(data));
    const about = this.#rooms.get(data?.room);
    if (event === 'gap' && about?.position) return about.missed_(data);
    if (event === 'presence' && about?.options_.presence) return about.present_(data);
    const room = this.#rooms.get(name);
    const deliver = (message: Message) => {
      this.#messages.emit_(event, data, message);
      room?.messages_.emit_(event, data, message);
    };
    const message = { event, data, from, room: name, offset, skipped };
    if (room) room.deliver_(message, epoch, this.#former, deliver);
    else deliver(message);
  }
}
