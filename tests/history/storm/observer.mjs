/** Sees all that ever stood in the logs: on the channel when it is published, and in the log before anything is lost. */
import { Beats } from './attendance.mjs';
import { kHeartbeat } from './cluster.mjs';
import { digest } from './records.mjs';
import { Connection } from './redis.mjs';
import { wait } from './time.mjs';

const meta = (room) => `hearth:{${room}}:meta`;
const log = (room) => `hearth:{${room}}:log`;
const kPresence = 'hearth:presence:'; // and the room

/** As many as can have been appended while nobody was listening, and more: all others the channel has told. */
const kLast = 200;

/** One server's. Comes back when it is thrown out, as who becomes master or replica throws out everybody. */
class Ear {
  #ear;
  #mouth;
  #connecting;
  #ended = false;

  constructor(observer, redis) {
    Object.assign(this, { observer, redis });
  }

  /** Returns when it is connected. */
  connect() {
    this.#connecting ??= this.#connect().finally(() => { this.#connecting = undefined; });
    return this.#connecting;
  }

  async #connect() {
    while (!this.#ended) {
      try {
        const [ear, mouth] = [await Connection.open(this.redis.socket), await Connection.open(this.redis.socket)];
        ear.onpush = ([kind, , channel, text]) => {
          if (kind === 'pmessage') this.observer.heard(this, channel, JSON.parse(text));
        };
        if (this.#ear) this.#ear.onend = () => {};
        this.#ear?.close();
        this.#mouth?.close();
        [this.#ear, this.#mouth] = [ear, mouth];
        await ear.ask('PSUBSCRIBE', 'ws:room:*');
        await ear.ask('PSUBSCRIBE', `${kPresence}*`);
        await this.look(); // at what came between
        if (ear.isOver) continue;
        ear.onend = () => this.connect();
        return;
      } catch {
        await wait(5);
      }
    }
  }

  ask(...words) {
    return this.#mouth.ask(...words);
  }

  /** All that was published before has come. */
  settle() {
    return this.#ear.ask('PING');
  }

  /** In one step with `last`, so that nothing comes between. */
  async look(last) {
    const { rooms } = this.observer;
    const questions = rooms.flatMap((room) => [['HMGET', meta(room), 'l', 's'], ['XREVRANGE', log(room), '+', '-', 'COUNT', kLast]]);
    if (last) questions.push(last);
    const answers = [];
    // Those whose connection breaks in between are not to be waited for one after the other.
    for (const words of [['MULTI'], ...questions, ['EXEC']]) answers.push(this.#mouth.ask(...words));
    const found = (await Promise.all(answers)).at(-1);
    rooms.forEach((room, i) => this.observer.saw(room, found[2 * i], found[2 * i + 1]));
  }

  close() {
    this.#ended = true;
    this.#ear?.close();
    this.#mouth?.close();
  }
}

export class Observer {
  #records;
  #store;
  #ears;
  #branches = new Map(); // by room and epoch: {first, parent}
  #heard = new Map(); // of a branch that is still to be looked up, what `since` was
  #entries = new Set();
  #isClosed = false;
  /** When a branch that is new can have begun at the earliest. */
  since = 1;

  constructor(records, rooms, store, attendance) {
    this.#records = records;
    this.rooms = rooms;
    this.attendance = attendance;
    this.beats = new Beats();
    this.#store = store;
    this.#ears = new Map(store.redises.map((redis) => [redis, new Ear(this, redis)]));
  }

  async connect() {
    await Promise.all([...this.#ears.values()].map((ear) => ear.connect()));
  }

  get #master() {
    return this.#ears.get(this.#store.master);
  }

  /**
   * Has the master write nothing any more; returns when all that was published before has come, and has been looked up:
   * what the log is then is what anybody can ever have seen of it. Until the end of that process.
   */
  async pause() {
    await this.#master.ask('CLIENT', 'PAUSE', '600000', 'WRITE');
    await this.#master.ask('PING');
    await this.#master.settle();
    await this.#master.look();
  }

  flush() {
    return this.#master.look(['FLUSHALL']);
  }

  look() {
    return this.#master.look();
  }

  /** Watches who lives, until it is closed. */
  async watchBeats() {
    while (!this.#isClosed) {
      const living = await this.#master.ask('ZRANGE', 'hearth:nodes', '0', '-1', 'WITHSCORES').catch(() => []);
      this.beats.saw(living, kHeartbeat * 1.5);
      await wait(kHeartbeat / 4);
    }
  }

  /** [epoch of the branch, first offset] of each, the top. */
  async end(room) {
    const [lineage, top] = await this.#master.ask('HMGET', meta(room), 'l', 's');
    return { branches: parse(lineage), top: Number(top) };
  }

  /** Whether a position is on the line of the log that ends so. */
  isOnLine({ room, epoch, offset }, { branches, top }) {
    if (offset > top) return false;
    let [name] = branches.at(-1) ?? [];
    for (;;) {
      const branch = this.#branches.get(`${room} ${name}`);
      if (!branch) return false;
      if (offset >= branch.first) return name === epoch;
      name = branch.parent;
    }
  }

  close() {
    this.#isClosed = true;
    for (const ear of this.#ears.values()) ear.close();
  }

  saw(room, [lineage], entries) {
    const branches = parse(lineage);
    branches.forEach(([epoch, first], i) => this.#branch(room, epoch, first, branches[i - 1]?.[0]));
    for (const [id, [, envelope]] of entries) {
      const offset = Number(id.split('-')[0]);
      const epoch = branches.filter(([, first]) => first <= offset).at(-1)?.[0];
      // Of one that is older than the lineage the channel has told.
      if (epoch) this.#entry(room, epoch, offset, JSON.parse(`${envelope}}`));
    }
  }

  heard(ear, channel, envelope) {
    if (channel.startsWith(kPresence)) {
      this.beats.heard(envelope, this.attendance);
      return;
    }
    if (!envelope.epoch) return;
    const room = channel.slice('ws:room:'.length);
    this.#entry(room, envelope.epoch, envelope.offset, envelope);
    const name = `${room} ${envelope.epoch}`;
    if (this.#branches.has(name) || this.#heard.has(name)) return;
    this.#heard.set(name, this.since);
    ear.look().catch(() => {}); // it looks again when it comes back
  }

  #branch(room, epoch, first, parent) {
    const name = `${room} ${epoch}`;
    if (this.#branches.has(name)) return;
    this.#branches.set(name, { first, parent });
    this.#records.add('branch', {
      room, epoch, offset: first, ...(parent && { parent }), at: this.#heard.get(name) ?? this.since,
    });
  }

  #entry(room, epoch, offset, { data }) {
    const name = `${room} ${epoch} ${offset}`;
    if (this.#entries.has(name)) return;
    this.#entries.add(name);
    this.#records.add('entry', { who: data.by, room, epoch, offset, hash: digest(data), key: data.key });
  }
}

const parse = (lineage) => (lineage ?? '').trim().split(' ').filter(Boolean)
  .map((word) => word.split(':')).map(([epoch, first]) => [epoch, Number(first)]);
