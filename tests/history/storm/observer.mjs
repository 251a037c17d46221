/** Sees all that ever stood in the logs: on the channel when it is published, and in the log before anything is lost. */
import { Connection } from './redis.mjs';

const meta = (room) => `hearth:{${room}}:meta`;
const log = (room) => `hearth:{${room}}:log`;

export class Observer {
  #records;
  #rooms;
  #ear;
  #mouth;
  #branches = new Map();
  #entries = new Set();
  /** When a branch that is new can have begun at the earliest. */
  since = 1;

  constructor(records, rooms) {
    this.#records = records;
    this.#rooms = rooms;
  }

  async connect(port) {
    this.#ear = await Connection.open(port);
    this.#mouth = await Connection.open(port);
    this.#ear.onpush = ([kind, , channel, text]) => {
      if (kind === 'pmessage') this.#heard(channel, JSON.parse(text));
    };
    await this.#ear.ask('PSUBSCRIBE', 'ws:room:*');
    await this.look();
  }

  /**
   * Has Redis write nothing any more; returns when all that was published before has come, and has been looked up: what
   * the log is then is what anybody can ever have seen of it. Until `resume`, or the end of that Redis.
   */
  async pause() {
    await this.#mouth.ask('CLIENT', 'PAUSE', '60000', 'WRITE');
    await this.#mouth.ask('PING');
    await this.#ear.ask('PING');
    await this.look();
  }

  resume() {
    return this.#mouth.ask('CLIENT', 'UNPAUSE');
  }

  /** In one step with a last look, so that nothing comes between. */
  async flush() {
    const words = this.#rooms.flatMap((room) => [['HMGET', meta(room), 'l', 's'], ['XRANGE', log(room), '-', '+']]);
    await this.#mouth.ask('MULTI');
    for (const one of words) await this.#mouth.ask(...one);
    await this.#mouth.ask('FLUSHALL');
    const answers = await this.#mouth.ask('EXEC');
    this.#rooms.forEach((room, i) => this.#saw(room, answers[2 * i], answers[2 * i + 1]));
  }

  async look() {
    for (const room of this.#rooms) {
      await this.#mouth.ask('MULTI');
      await this.#mouth.ask('HMGET', meta(room), 'l', 's');
      await this.#mouth.ask('XRANGE', log(room), '-', '+');
      this.#saw(room, ...await this.#mouth.ask('EXEC'));
    }
  }

  /** [epoch of the branch, first offset] of each, the top. */
  async end(room) {
    const [lineage, top] = await this.#mouth.ask('HMGET', meta(room), 'l', 's');
    return { branches: parse(lineage), top: Number(top) };
  }

  close() {
    this.#ear.close();
    this.#mouth.close();
  }

  #saw(room, [lineage], entries) {
    const branches = parse(lineage);
    branches.forEach(([epoch, first], i) => this.#branch(room, epoch, first, branches[i - 1]?.[0]));
    for (const [id, [, envelope]] of entries) {
      const offset = Number(id.split('-')[0]);
      const epoch = branches.filter(([, first]) => first <= offset).at(-1)?.[0];
      // Of one that is older than the lineage the channel has told.
      if (epoch) this.#entry(room, epoch, offset, JSON.parse(`${envelope}}`));
    }
  }

  #heard(channel, envelope) {
    if (!envelope.epoch) return;
    this.#entry(channel.slice('ws:room:'.length), envelope.epoch, envelope.offset, envelope);
  }

  #branch(room, epoch, first, parent) {
    const name = `${room} ${epoch}`;
    if (this.#branches.has(name)) return;
    this.#branches.set(name, first);
    this.#records.add('branch', { room, epoch, offset: first, ...(parent && { parent }), at: this.since });
  }

  #entry(room, epoch, offset, { data }) {
    const name = `${room} ${epoch} ${offset}`;
    if (this.#entries.has(name)) return;
    this.#entries.add(name);
    this.#records.add('entry', {
      who: data.by, room, epoch, offset, hash: JSON.stringify(data), key: data.key,
    });
  }
}

const parse = (lineage) => (lineage ?? '').trim().split(' ').filter(Boolean)
  .map((word) => word.split(':')).map(([epoch, first]) => [epoch, Number(first)]);
