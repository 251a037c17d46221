import { answered, HearthError } from './error.ts';
import { type Envelope, Link } from './link.ts';
import { type Request, settle, type Terms } from './requests.ts';
import { Room } from './room.ts';
import type { EventMap, Message, RequestOptions, RoomOptions } from './types.ts';

/** What one `join` may hold, in characters of names; the server takes 128 KiB, and a position may come with each. */
const kMostNames = 16_384;

/** How many of its former names a client knows. */
const kFormerIds = 32;

/** One connection to Hearth, or Ignis, that comes back by itself, and what is sent and heard over it: `on`. */
export class HearthClient<E extends EventMap = EventMap> extends Link<E> {
  #rooms = new Map<string, Room<any>>();
  /** Rooms of which the server may have to be told. */
  #changed = new Set<Room<any>>();
  #retries = 0;
  #announced = true;
  #connecting = new Set<Request>();
  /** Names that this client had, the newest first. */
  #former: string[] = [];

  /** Resolves at `ready`, rejects at `closed`. `signal` ends the waiting, not the client. */
  connect({ signal }: { signal?: AbortSignal } = {}): Promise<this> {
    if (this.options_.signal?.aborted) this.close();
    else this.start_();
    const promise = this.wait_({ signal, timeout: Infinity, name_: 'connect' }, this.#connecting);
    if (this.state === 'ready') settle(this.#connecting, undefined, this);
    return promise;
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
    if (!this.usable_) return false;
    this.#flush();
    this.writeText_(this.#text({ event, data }));
    return true;
  }

  /** Sends a message to the application that it answers under its id, now or once there is a connection. */
  request<T = unknown>(event: string, data?: unknown, options?: RequestOptions): Promise<T> {
    return this.request_(event, data, options);
  }

  /** @internal A promise of what somebody will settle; the request is among `others` until then. */
  wait_(terms: Terms, others: Set<Request>): Promise<any> {
    const promise = this.requests_.wait_(terms, others);
    // `connection` and `membership` tell of it, also to who does not look at the promise.
    promise.catch(() => {});
    if (this.state === 'closed') this.requests_.fail_(this.ended_!.cause);
    return promise;
  }

  /** @internal */
  async request_(event: string, data: unknown, options?: Terms): Promise<any> {
    const { queue = 100 } = this.options_;
    const { waiting_ } = this.requests_;
    const id_ = this.takeId_();
    const text_ = this.#text({ event, data, id: id_ });
    if (!this.usable_ && waiting_.size >= queue) throw new HearthError('queue', `${event}: ${queue} requests wait`, { sent: false });
    const promise = this.wait_({ ...options, name_: event, id_, text_ }, waiting_);
    this.#flush();
    return promise;
  }

  #text(envelope: object): string {
    const text = JSON.stringify(envelope);
    const { maxMessage = 131_072, encryption } = this.options_;
    // Base64 of the sealed text, and what is around it.
    const most = encryption ? maxMessage * 0.75 - 128 : maxMessage;
    const { length } = new TextEncoder().encode(text);
    if (length > most) throw new HearthError('protocol', `${length} bytes; the most is ${most}`, { sent: false });
    return text;
  }

  /** @internal The server is told at the end of the turn, of all rooms in one message. */
  changed_(room: Room<any>): void {
    if (!this.#changed.size) queueMicrotask(() => this.#flush());
    this.#changed.add(room);
  }

  /** Tells the server what has changed, and then sends what waits, so that it happens in that order. */
  #flush(): void {
    if (!this.usable_) return;
    const changed = [...this.#changed].filter((room) => room.wanted_ !== room.told_);
    this.#changed.clear();
    const batches: Room<any>[][] = [];
    let size = 0;
    for (const room of changed.filter((room) => room.wanted_)) {
      (batches[Math.floor(size / kMostNames)] ??= []).push(room);
      size += room.name.length;
    }
    for (const batch of batches) this.#say('join', batch);
    this.#say('leave', changed.filter((room) => !room.wanted_));
    this.requests_.flush_((request) => this.transmit_(request));
  }

  /** Sends a `join` or `leave`. Its answer counts for each room of which it was the last word. */
  #say(event: 'join' | 'leave', rooms: Room<any>[] = []): void {
    if (!rooms.length) return;
    const joins = event === 'join';
    const since = rooms.filter((room) => joins && room.since_ !== undefined).map((room) => [room.name, room.since_]);
    const presence = rooms.filter((room) => joins && room.options_.presence).map((room) => room.name);
    const data = {
      rooms: rooms.map((room) => room.name),
      // Names such as `__proto__` are no ordinary keys.
      since: since.length ? Object.fromEntries(since) : undefined,
      presence: presence.length ? presence : undefined,
    };
    for (const room of rooms) {
      room.told_ = joins;
      room.turn_ = rooms;
    }
    this.ask_(event, data, (error, answer) => {
      for (const room of rooms) {
        if (room.turn_ !== rooms) continue;
        room.turn_ = undefined;
        if (joins) this.#joined(room, error, answer ?? {});
        else room.out_();
      }
      this.#announce();
    });
  }

  #joined(room: Room<any>, error: HearthError | undefined, { rooms, codes, code, message, positions }: any): void {
    const at = error ? rooms?.indexOf?.(room.name) ?? 0 : -1;
    const refusal = answered({ code: codes?.[at] ?? code, message, rooms: [room.name] }, true);
    // 207: it is in all the same, but will not be told who else is.
    if (at < 0 || refusal.code === 207) {
      this.#retries = 0;
      return room.joined_(positions?.[room.name], this.server === 'hearth');
    }
    room.refused_(refusal);
    if (!refusal.retryable) return;
    room.told_ = false;
    this.#changed.add(room);
    this.later_('rooms', this.#retries, () => this.#flush());
    this.#retries += 1;
  }

  /** @internal */
  protected remaining_(names: any): void {
    for (const room of this.#rooms.values()) {
      if (!names || names.includes(room.name) || room.state !== 'in') continue;
      room.refused_(new HearthError('refused', `${room.name}: no longer allowed`, { rooms: [room.name] }));
    }
  }

  /** @internal */
  protected opened_(): void {
    this.#former = [this.id!, ...this.#former].slice(0, kFormerIds);
    this.#announced = false;
    this.#flush();
    settle(this.#connecting, undefined, this);
    this.#announce();
  }

  #announce(): void {
    const wanted = [...this.#rooms.values()].filter((room) => room.wanted_);
    if (this.#announced || this.state !== 'ready' || wanted.some((room) => room.turn_)) return;
    this.#announced = true;
    const resumed = !!wanted.length && wanted.every((room) => room.state === 'in' && room.result_.recovered);
    this.connection.emit_('ready', { id: this.id, userId: this.userId, resumed });
  }

  /** @internal */
  protected lost_(): void {
    this.#retries = 0;
    for (const room of this.#rooms.values()) {
      this.#changed.add(room);
      room.lost_();
    }
  }

  /** @internal */
  protected received_({ event, data, from, room: name, offset, epoch, skipped }: Envelope): void {
    const about = this.#rooms.get(data?.room);
    if (event === 'gap' && about?.hears_) return about.missed_(data);
    if (event === 'presence' && about?.options_.presence) return about.present_(data);
    const room = this.#rooms.get(name);
    const deliver = (message: Message) => {
      this.emit_(event, data, message);
      room?.emit_(event, data, message);
    };
    const message = { event, data, from, room: name, offset, skipped };
    if (room) room.deliver_(message, epoch, this.#former, deliver);
    else deliver(message);
  }
}
