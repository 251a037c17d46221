/** Socket.IO in the place of Hearth: three nodes and a Redis, clients, and one fault. The records are for the same checker. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { start } from './child.mjs';
import { Link } from './link.mjs';
import { SingleStore } from './stores.mjs';
import { until, wait } from './time.mjs';

const peers = (name) => fileURLToPath(new URL(`../../../bench/peers/${name}`, import.meta.url));
const { io } = createRequire(peers('package.json'))('socket.io-client');

const kNodes = 3;
const kListeners = 5;
const kPause = 5; // ms between publications
const kEpoch = 'socketio'; // as one of Hearth's is written
const kRoom = 'r0';

class Node {
  #process;
  isUp = false;

  constructor(redis) {
    this.redis = redis;
  }

  async start() {
    this.#process = start(process.execPath, [peers('socketio_recovery.mjs'), '--redis', this.redis],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    this.gone = once(this.#process, 'exit');
    const line = await Promise.race([
      once(createInterface({ input: this.#process.stdout }), 'line'),
      this.gone.then(([code]) => { throw new Error(`a node ended with ${code} before it listened`); }),
    ]);
    this.port = Number(/:(\d+)$/.exec(line)[1]);
    this.isUp = true;
  }

  signal(name) {
    this.#process.kill(name);
  }

  async end(signal) {
    this.isUp = false;
    this.signal(signal);
    await this.gone;
  }
}

/** A client whose link leads to another node whenever it has to come back. */
class Client {
  constructor(name, nodes, records) {
    Object.assign(this, { name, nodes, records, events: [], isReady: false, isAway: false, finals: 0 });
  }

  /** To `node` first. */
  async connect(node) {
    this.link = await new Link(node.port).listen();
    this.socket = io(`http://127.0.0.1:${this.link.port}`, { transports: ['websocket'], forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 200 });
    this.socket.on('connect', () => {
      this.events.push({ at: this.records.now(), kind: 'connect', recovered: this.socket.recovered });
      this.socket.emit('ready', () => { this.isReady = true; });
    });
    this.socket.on('disconnect', () => {
      this.isReady = false;
      this.events.push({ at: this.records.now(), kind: 'close' });
      this.#choose();
    });
    this.socket.on('connect_error', () => this.#choose());
    this.socket.on('news', ({ key, isFinal }) => {
      this.events.push({ at: this.records.now(), kind: 'recv', key });
      if (isFinal) this.finals = key;
    });
  }

  #choose() {
    const up = this.isAway ? [] : this.nodes.filter(({ isUp }) => isUp);
    this.link.target = up[Math.floor(Math.random() * up.length)]?.port ?? 1;
  }

  /** Whether it was acknowledged; not sent again, for nobody would know it again. */
  publish(data) {
    return new Promise((resolve) => {
      if (!this.socket.connected) return resolve(false);
      const no = () => resolve(false);
      this.socket.once('disconnect', no);
      return this.socket.emit('publish', data, () => {
        this.socket.off('disconnect', no);
        resolve(true);
      });
    });
  }

  close() {
    this.socket?.disconnect();
    this.link?.close();
  }
}

/** What can be done, as in faults.mjs. */
const kFaults = {
  dropClient: async ({ listener }) => listener.link.break(),
  sendAway: async ({ listener }) => {
    listener.isAway = true;
    listener.link.break();
    await wait(3000);
    listener.isAway = false;
  },
  // The publisher's node.
  cutAndKill: async ({ node, link }) => {
    link.hold();
    await wait(500);
    await node.end('SIGKILL');
    link.break();
    link.release();
    await node.start();
  },
  killNode: async ({ node }) => {
    await node.end('SIGKILL');
    await wait(200);
    await node.start();
  },
  drainNode: async ({ node }) => {
    await node.end('SIGTERM');
    await node.start();
  },
  cutRedis: async ({ link }) => {
    link.hold();
    await wait(3000);
    link.release();
  },
  breakRedis: async ({ link }) => link.break(),
  stopRedis: async ({ store }) => {
    store.master.signal('SIGSTOP');
    await wait(1500);
    store.master.signal('SIGCONT');
  },
  restartRedis: async ({ store }) => {
    await store.master.kill();
    await wait(200);
    await store.master.start();
  },
  flush: async ({ store }) => store.master.ask('FLUSHALL'),
  stopReading: async ({ listener }) => {
    listener.link.hold(['from']);
    await wait(3000);
    listener.link.release(['from']);
  },
};

/** What is recovered comes to the application before it is told that it is connected. */
function putConnectsFirst(events) {
  for (let i = 0; i < events.length; i += 1) {
    if (events[i].kind !== 'close') continue;
    const connect = events.findIndex(({ kind }, at) => at > i && kind === 'connect');
    if (connect < 0) return;
    const [event] = events.splice(connect, 1);
    events.splice(i + 1, 0, { ...event, at: events[i].at });
  }
}

export class SocketIo {
  /** `op`: the fault; `isAway`: whether a client is away meanwhile. */
  constructor({ op, words, pad, isAway }, directory, records) {
    Object.assign(this, { op, isAway, pad: 'x'.repeat(pad ?? 0), records, store: new SingleStore(directory, words), nodes: [], clients: [] });
    this.acked = new Map(); // key: whether it was acknowledged
  }

  async run() {
    try {
      await this.#begin();
      let isOver = false;
      const publishing = this.#publish(() => isOver);
      const parts = { node: this.nodes[0], link: this.links[0], store: this.store, listener: this.listeners[0] };
      await wait(400);
      const back = this.isAway && kFaults.sendAway(parts);
      await wait(100);
      await kFaults[this.op]?.(parts);
      await back;
      await wait(1500);
      isOver = true;
      await publishing;
      await this.#finals();
      this.#write();
    } finally {
      for (const client of this.clients) client.close();
      for (const node of this.nodes) await node.end('SIGKILL').catch(() => {});
      await this.store.kill();
    }
  }

  async #begin() {
    await this.store.start();
    this.links = [];
    for (let i = 0; i < kNodes; i += 1) {
      const { link, url } = await this.store.plainAccess();
      this.links.push(link);
      const node = new Node(url);
      await node.start();
      this.nodes.push(node);
    }
    const names = Array.from({ length: kListeners }, (_, i) => `listener ${i}`);
    this.clients = [...names, 'publisher'].map((name) => new Client(name, this.nodes, this.records));
    this.listeners = this.clients.slice(0, kListeners);
    this.publisher = this.clients.at(-1);
    for (const [i, client] of this.clients.entries()) await client.connect(this.nodes[(i + 1) % kNodes]);
    await until('all are ready', () => this.clients.every(({ isReady }) => isReady));
    // The nodes read the stream from where it ends when they begin to, which they do not say.
    await until('all hear of all', async () => {
      await this.#one({ isFinal: true });
      await wait(50);
      return this.listeners.every(({ finals }) => finals > 0);
    });
    for (const { events } of this.listeners) events.length = 0;
    this.acked.clear();
  }

  #key = 0;

  async #one(more) {
    this.#key += 1;
    const key = this.#key;
    this.acked.set(key, false);
    this.acked.set(key, await this.publisher.publish({ key, pad: this.pad, ...more }));
  }

  async #publish(isOver) {
    while (!isOver()) {
      if (this.publisher.isReady) await this.#one();
      await wait(kPause);
    }
  }

  /** Whoever has got what was published last has got what was before, or never will. */
  async #finals() {
    const first = this.#key;
    await until('all hear again', async () => {
      if (this.publisher.isReady) await this.#one({ isFinal: true });
      await wait(100);
      return this.listeners.every(({ finals }) => finals > first);
    });
  }

  /** What was published gets the places that it would have in a log: those of the order in which it was published. */
  #write() {
    const { records } = this;
    for (const listener of this.listeners) putConnectsFirst(listener.events);
    const got = new Set(this.listeners.flatMap(({ events }) => events.filter(({ kind }) => kind === 'recv').map(({ key }) => key)));
    // What came last may still be on its way to somebody.
    const last = Math.min(...this.listeners.map(({ finals }) => finals));
    const keys = [...this.acked.keys()].filter((key) => key <= last && (this.acked.get(key) || got.has(key)));
    const places = new Map(keys.map((key, i) => [key, i + 1]));
    const at = (offset) => ({ room: kRoom, epoch: kEpoch, offset });
    const begin = 1;
    records.add('retain', { at: begin, room: kRoom, count: 1_000_000 });
    records.add('branch', { at: begin, ...at(1) });
    for (const [key, offset] of places) {
      records.add('entry', { at: begin, who: 'publisher', ...at(offset), hash: `${key}`, key });
    }
    this.told = 0;
    for (const { name: who, events } of this.listeners) {
      const its = new Set(events.filter(({ kind }) => kind === 'recv').map(({ key }) => key));
      for (const key of keys) {
        // It was never said that it is published.
        if (!this.acked.get(key) && !its.has(key)) records.add('excluded', { at: begin, who, ...at(places.get(key)) });
      }
      let stands = 0;
      records.add('join', { at: begin, who, room: kRoom });
      records.add('answer', { at: begin, who, ...at(0), top: 0 });
      events.forEach((event, i) => {
        if (event.kind === 'close') records.add('close', { at: event.at, who });
        if (event.kind === 'recv' && places.has(event.key)) {
          stands = places.get(event.key);
          records.add('recv', { at: event.at, who, ...at(stands), hash: `${event.key}` });
        }
        if (event.kind !== 'connect') return;
        records.add('join', { at: event.at, who, gave: true, ...at(stands) });
        if (!event.recovered) {
          this.told += 1;
          const next = events.slice(i).find(({ kind, key }) => kind === 'recv' && places.has(key));
          stands = next ? places.get(next.key) - 1 : keys.length;
        }
        records.add('answer', { at: event.at, who, gave: true, ...(!event.recovered && { lost: 'epoch' }), ...at(stands) });
      });
      records.add('end_top', { room: kRoom, epoch: kEpoch, offset: keys.length, parent: kEpoch });
      records.add('stand', { who, ...at(stands) });
    }
    this.published = keys.length;
  }
}
