import type { HearthClient } from './client.ts';
import { Emitter } from './emitter.ts';
import { HearthError } from './error.ts';
import { type Request, settle } from './requests.ts';
import type { EventMap, Heard, HistoryPage, JoinResult, Member, MembershipEvents, Message, Position,
  Presence, PublishOptions, RequestOptions, RoomOptions, RoomState } from './types.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A room, wanted or not, what is known of it, and messages that name it, which Hearth's do. Made by `client.room()`. */
export class Room<E extends EventMap = EventMap> extends Emitter<Heard<E>> {
  readonly name: string;
  readonly state: RoomState = 'out';
  /** How far this client has got, for a later `since`; null where no history is kept. */
  readonly position: Position | null = null;
  readonly membership = new Emitter<MembershipEvents>();
  readonly presence = new Emitter<{ change: Presence }>();
  /** @internal */
  options_: RoomOptions = {};
  /** @internal Whether the server was told that this client wants to be in. */
  told_ = false;
  /** @internal All that the server was told of together, last, until that is answered; another answer says nothing any more. */
  turn_?: Room<any>[];
  /** @internal Whether the server tells what is missing: it has answered where this client stands, be it nowhere. */
  hears_ = false;
  /** @internal */
  result_: JoinResult = { recovered: null, confirmed: false };
  #client: HearthClient<any>;
  /** What wants to be in: this itself, by `join`, and what `hold` has returned. */
  #wants = new Set<unknown>();
  #joining = new Set<Request>();
  #leaving = new Set<Request>();
  /** What is at or below it was said before this client came. */
  #top = 0;
  /** Whether none of this client's own messages were to come back. */
  #silent = true;
  #members: readonly Member[] | null = null;
  #version = 0;

  /** @internal */
  constructor(name: string, client: HearthClient<any>) {
    super();
    this.name = name;
    this.#client = client;
  }

  /** Becomes a member, and stays one over reconnects until `leave`. Timed out, it goes on trying. */
  join(options: RequestOptions = {}): Promise<JoinResult> {
    const promise = this.#client.wait_({ ...options, name_: `join ${this.name}` }, this.#joining);
    promise.catch(() => {
      if (options.signal?.aborted && !this.#joining.size && this.state !== 'in') this.#want(this, false);
    });
    if (!options.signal?.aborted) this.#want(this, true);
    if (this.told_ && this.state === 'in') settle(this.#joining, undefined, this.result_);
    return promise;
  }

  leave(options: RequestOptions = {}): Promise<void> {
    const promise = this.#client.wait_({ ...options, name_: `leave ${this.name}` }, this.#leaving);
    this.#want(this, false);
    if (this.state === 'out') settle(this.#leaving);
    return promise;
  }

  /** Keeps this client in the room until what it returns is called, also beside others that do so. */
  hold(): () => void {
    // Who mounts again at once has not left.
    const release = () => void setTimeout(() => this.#want(release, false));
    this.#want(release, true);
    return release;
  }

  /** Resolves once the server has it, and every history that keeps it. */
  async publish(event: string, data?: unknown, options: PublishOptions = {}): Promise<void> {
    const repeats_ = !!this.position;
    const { echo, key, idempotencyKey = repeats_ ? crypto.getRandomValues(new Uint32Array(4)).join('-') : undefined } = options;
    this.#silent &&= echo === false;
    await this.#client.request_('publish', { room: this.name, event, data, echo, key, idempotencyKey }, { ...options, repeats_ });
  }

  /** What was said, as far as it is kept; of members' business. */
  history(options: { after?: number; before?: number; limit?: number } & RequestOptions = {}): Promise<HistoryPage> {
    const { signal, timeout, ...range } = options;
    return this.#client.request_('history', { room: this.name, ...range }, options);
  }

  /** @internal */
  get wanted_(): boolean {
    return this.#wants.size > 0;
  }

  #want(who: unknown, wants: boolean): void {
    this.#wants[wants ? 'add' : 'delete'](who);
    if (this.wanted_) {
      settle(this.#leaving);
      if (wants && this.state === 'refused') this.told_ = false;
      if (!this.told_ && this.state !== 'rejoining') this.#move('joining');
    } else if (!this.told_) {
      this.out_();
    }
    this.#client.changed_(this);
  }

  #move(state: RoomState): void {
    const was = this.state;
    (this as Writable<this>).state = state;
    if (was === 'in' && state !== was) this.membership.emit_('out');
  }

  #moveTo(place: any): boolean {
    const { epoch, offset, top = 0 } = place ?? {};
    if (!Number.isSafeInteger(offset) || typeof epoch !== 'string') return false;
    (this as Writable<this>).position = { epoch, offset };
    this.#top = top;
    return true;
  }

  /** @internal It is left, for the server or for want of one. */
  out_(): void {
    this.#move('out');
    settle(this.#leaving);
    settle(this.#joining, new HearthError('closed', `join ${this.name}: left`));
  }

  /** @internal What `since` says of this room; undefined if it should not be named there. */
  get since_(): Position | { last: number } | null | undefined {
    const { since = null, recover } = this.options_;
    return recover === false ? undefined : this.position ?? since;
  }

  /** @internal It is joined, and this is where it stands. */
  joined_(place: any, confirmed: boolean): void {
    this.#moveTo(place);
    this.hears_ = place !== undefined;
    const { recovered = null, reason } = place ?? {};
    this.result_ = { recovered, reason, confirmed };
    (this as Writable<this>).state = 'in';
    settle(this.#joining, undefined, this.result_);
    this.membership.emit_('in', this.result_);
  }

  /** @internal */
  refused_(error: HearthError): void {
    if (!error.retryable) this.#move('refused');
    settle(this.#joining, error);
    this.membership.emit_('refused', error);
  }

  /** @internal The connection is gone. */
  lost_(): void {
    this.told_ = false;
    this.turn_ = undefined;
    if (!this.wanted_) this.out_();
    else if (this.state === 'in') this.#move('rejoining');
  }

  /** @internal The server says that something is missing. */
  missed_(data: any): void {
    const { room, ...gap } = data;
    if (this.#moveTo(data) || !this.position) this.membership.emit_('gap', gap);
  }

  /** @internal Has it delivered, but what was already, and moves the position after that. */
  deliver_(message: Message, epoch: any, former: string[], deliver: (message: Message) => void): void {
    const { offset, from } = message;
    const here = this.position;
    if (!here || !Number.isSafeInteger(offset)) return deliver(message);
    const place = { epoch: epoch ?? here.epoch, offset: offset! };
    const same = place.epoch === here.epoch;
    if (same && offset! <= here.offset) return;
    const replayed = same && offset! <= this.#top;
    // The server knows who wanted nothing back by the name that connection had.
    if (!replayed || !this.#silent || !former.includes(from?.id!)) deliver(replayed ? { ...message, replayed } : message);
    // A handler may have seen a gap, or the end.
    if (this.position === here) (this as Writable<this>).position = place;
  }

  /** @internal A snapshot of who is here, or what has changed in it. */
  present_({ version, clients, users, members, joined = [], left = [], stale = false }: any): void {
    const changed = [...left, ...joined.map(({ id }: Member) => id)];
    if (members || !changed.length) {
      this.#members = members ?? null;
    } else if (version !== this.#version + 1) {
      this.#client.request_('presence', { room: this.name }).then((data) => this.present_(data), () => {});
      return;
    } else if (this.#members) {
      this.#members = this.#members.filter(({ id }) => !changed.includes(id)).concat(joined);
    }
    this.#version = version;
    this.presence.emit_('change', { clients, users, members: this.#members, joined, left, stale });
  }
}
