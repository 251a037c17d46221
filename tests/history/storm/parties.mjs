/** Clients of the storm: those who listen, those who publish, and those who know of nothing but Ignis. */
import { createRequire } from 'node:module';
import { Views } from './attendance.mjs';
import { Link } from './link.mjs';
import { digest } from './records.mjs';
import { wait } from './time.mjs';

const WebSocket = createRequire(new URL('../../interop/package.json', import.meta.url))('ws');

const kNobody = 1; // a port
const kPatience = 20_000; // for an answer, after which another node is tried

/** A connection to some node, authenticated; comes back to another one when it breaks. */
class Party {
  #socket;
  #next = 1;
  #requests = new Map();
  #ended = false;

  /** `attendance`: where it is noted to be in rooms; none: those of the node have nobody in them. */
  constructor({ name, records, nodes, random, attendance }) {
    Object.assign(this, { name, records, nodes, random, attendance });
    this.link = new Link();
  }

  async run() {
    await this.link.listen();
    while (!this.#ended) {
      const node = this.nodes.pick(this.random);
      try {
        await this.#live(node);
      } catch {
        // The next one.
      }
      if (!this.#ended) await wait(10 + this.random() * 40);
    }
    this.link.close();
  }

  async #live(node) {
    this.link.target = this.away > 0 ? kNobody : node.port;
    const socket = new WebSocket(`ws://127.0.0.1:${this.link.port}/ws`);
    this.#socket = socket;
    this.node = node.name;
    const closed = new Promise((resolve) => { socket.onclose = resolve; });
    socket.onerror = () => {};
    const late = setTimeout(() => socket.terminate(), kPatience);
    socket.onmessage = ({ data }) => this.took(data);
    await Promise.race([new Promise((resolve) => { socket.onopen = resolve; }), closed]);
    let begun = false;
    if (socket.readyState === WebSocket.OPEN) {
      this.authenticate().then(() => {
        clearTimeout(late);
        begun = true;
        return this.ready();
      }).catch(() => {});
    }
    await closed;
    clearTimeout(late);
    for (const { reject, timer } of this.#requests.values()) {
      clearTimeout(timer);
      reject(new Error('closed'));
    }
    this.#requests.clear();
    this.attendance?.gone(this.id);
    if (begun) this.left();
  }

  authenticate() {
    return this.ask('authenticate', { userId: this.name });
  }

  connected(id) {
    this.id = id;
    this.attendance?.connected(id, this.node);
  }

  /** It is in these rooms, or will be before the node takes anything else of it. */
  came(rooms) {
    if (this.#socket.readyState !== WebSocket.OPEN || !this.nodes.has(this.node)) return;
    for (const room of rooms) this.attendance?.came(this.id, room);
  }

  took(text) {
    const message = JSON.parse(text);
    if (message.event === 'connected') this.connected(message.data.id);
    const request = this.#requests.get(message.id);
    if (!request) return this.heard(message);
    this.answered(message);
    this.#requests.delete(message.id);
    clearTimeout(request.timer);
    return request.resolve(message);
  }

  /** The answer, be it an error. A node that says nothing is left. */
  ask(event, data) {
    const id = `${this.#next}`;
    this.#next += 1;
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) return reject(new Error('closed'));
      const timer = setTimeout(() => socket.terminate(), kPatience);
      this.#requests.set(id, { resolve, reject, timer });
      return socket.send(JSON.stringify({ event, data, id }));
    });
  }

  say(event, data) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ event, data }));
  }

  /** While this is not 0 it reaches nobody. */
  away = 0;

  /** Breaks the connection off. */
  drop() {
    this.#socket?.terminate();
  }

  end() {
    this.#ended = true;
    this.drop();
  }

  heard() {}

  /** An answer, in its place among what is heard. */
  answered() {}

  left() {}
}

/** Is in all rooms, and comes back with the positions that it had. */
export class Listener extends Party {
  positions = new Map();
  #answered = new Set();

  constructor(options) {
    super(options);
    this.rooms = options.rooms;
    this.views = new Views(this.records, this.attendance, this.name);
  }

  async ready() {
    const since = {};
    for (const room of this.rooms) {
      const position = this.positions.get(room);
      since[room] = position ?? null;
      this.records.add('join', { who: this.name, room, ...(position && { gave: true, ...position }) });
    }
    this.gave = new Set(this.positions.keys());
    await this.ask('join', { rooms: this.rooms, since, presence: this.rooms });
  }

  heard(message) {
    const { event, data, room } = message;
    if (event === 'gap') return this.#gap(data);
    if (event === 'presence') return this.views.take(data);
    if (room === undefined || message.offset === undefined || !this.#answered.has(room)) return undefined;
    const epoch = message.epoch ?? this.positions.get(room).epoch;
    this.positions.set(room, { epoch, offset: message.offset });
    return this.records.add('recv', {
      who: this.name, room, epoch, offset: message.offset, hash: digest(data), count: message.skipped ?? 0,
    });
  }

  answered({ event, data }) {
    if (event === 'ack' && data.positions) this.came(this.rooms);
    for (const [room, place] of Object.entries(data.positions ?? {})) {
      if (!place) continue;
      const { epoch, offset, top, reason } = place;
      const lost = reason ? { lost: reason } : {};
      if (epoch) this.positions.set(room, { epoch, offset });
      this.#answered.add(room);
      this.records.add('answer', {
        who: this.name, room, gave: this.gave.has(room), ...lost, ...(epoch && { epoch, offset, top }),
      });
    }
  }

  #gap({ room, reason, epoch, offset, top, skipped }) {
    if (epoch) this.positions.set(room, { epoch, offset });
    this.records.add('gap', {
      who: this.name, room, lost: reason, ...(epoch && { epoch, offset, top }), count: skipped ?? 0,
    });
  }

  left() {
    this.#answered.clear();
    this.views.clear();
    this.records.add('close', { who: this.name });
  }

  hearsOfAll() {
    return this.rooms.every((room) => this.positions.get(room)?.offset > 0);
  }

  stands(room, top) {
    return this.#answered.has(room) && this.positions.get(room)?.offset === top;
  }

  /** Whether it is shown all who are there, and nobody else. */
  knowsWhoIsIn(room) {
    return this.views.isTrue(room);
  }

  stand(room) {
    this.records.add('stand', { who: this.name, room, ...this.positions.get(room) });
  }
}

const kBurst = 4;

/** Publishes a few at once, and again until all are acknowledged; as many as it is to, and until `finish`. */
export class Publisher extends Party {
  acks = [];
  #key;
  #most;
  #pending = []; // sent, perhaps, and not acknowledged
  #isOver = false;
  isDone = false;

  constructor(options) {
    super(options);
    Object.assign(this, { room: options.room, pace: options.pace, pad: 'x'.repeat(options.pad ?? 0) });
    this.#key = options.key;
    this.#most = options.key + (options.most ?? Infinity);
  }

  finish() {
    this.#isOver = true;
  }

  async ready() {
    const { event } = await this.ask('join', { rooms: [this.room] });
    if (event === 'ack') this.came([this.room]);
    while (!this.isDone) {
      const burst = 1 + Math.floor(this.random() * kBurst);
      while (this.#pending.length < burst && this.#key < this.#most && !this.#isOver) {
        this.#pending.push(this.#key);
        this.#key += 1;
      }
      await Promise.all(this.#pending.map((key) => this.#publish(key)));
      this.isDone = this.#pending.length === 0 && (this.#isOver || this.#key === this.#most);
      await wait(this.#pending.length > 0 ? 20 : this.random() * this.pace);
    }
  }

  async #publish(key) {
    const data = { by: this.name, key, ...(this.pad && { pad: this.pad }) };
    this.records.add('send', { who: this.name, room: this.room, key, hash: digest(data) });
    const answer = await this.ask('publish', { room: this.room, event: 'news', data, idempotencyKey: `${key}` });
    if (answer.event !== 'ack') {
      this.records.add('refused', { who: this.name, room: this.room, key });
      return;
    }
    const { epoch, offset } = answer.data;
    this.records.add('acked', { who: this.name, room: this.room, key, node: this.node, ...(epoch && { epoch, offset }) });
    this.acks.push({ node: this.node, room: this.room, epoch, offset });
    this.#pending = this.#pending.filter((it) => it !== key);
  }
}

/** Speaks as clients of Ignis do, to nodes or to Ignis, and writes down what it gets, to the letter. */
export class PlainClient extends Party {
  #connected;
  /** Publications that it has got. */
  count = 0;

  constructor(options) {
    super(options);
    this.rooms = options.rooms;
  }

  authenticate() {
    return new Promise((resolve) => {
      this.#connected = resolve;
      this.say('authenticate', { userId: this.name });
    });
  }

  took(text) {
    const { event, data, from } = JSON.parse(text);
    const isPublication = data?.key !== undefined;
    // Whoever publishes the same again over another connection has another id.
    this.records.add('plain', { who: this.name, text, ...(isPublication && { key: `${from?.id} ${data.key}` }) });
    if (event === 'connected') {
      this.connected(data.id);
      this.#connected();
    }
    if (isPublication) this.count += 1;
  }

  ready() {
    this.say('join', { rooms: this.rooms });
    this.came(this.rooms);
  }
}
