/**
 * Real runs of rooms that remember: three `hearth` processes and a Redis, clients and publishers, and faults by a
 * schedule that is drawn from a seed. What everybody saw is judged by tests/history/checker.
 *
 *     node --experimental-websocket storm.mjs --schedules 20 [--seed 1] [--command hearth] [--check history_check]
 *
 * Exit codes: 0 nothing is violated, 1 something is; the records of that schedule are then kept.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Cluster } from './cluster.mjs';
import { Observer } from './observer.mjs';
import { Listener, Publisher } from './parties.mjs';
import { Records } from './records.mjs';
import { Connection, Redis } from './redis.mjs';

const build = (name) => fileURLToPath(new URL(`../../../build/release/${name}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    command: { type: 'string', default: build('app/hearth') },
    check: { type: 'string', default: build('tests/history_check') },
  },
});

const kRooms = ['r0', 'r1'];
const kKeep = 1000;
const kListeners = 5;
const kPublishers = 3;
const kKeys = 80; // that each publishes
const kFaults = 7;
const kSpan = 2500; // ms that they are spread over
const kPatience = 60_000;

const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, ms)); });

async function until(what, condition, patience = kPatience) {
  const deadline = Date.now() + patience;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`still waiting until ${what}`);
    await wait(5);
  }
}

/** Numbers from 0 to 1 out of a seed (mulberry32). */
function stream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = [];
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening');
    ports.push(server.address().port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

/** Which faults, when, to whom: [{at, op, node, ms}]. Each seed leaves some kinds of faults out. */
function schedule(seed) {
  const random = stream(seed);
  const kinds = ['killNode', 'stopNode', 'stopRedis', 'restartRedis', 'flush', 'flushScripts', 'killLinks', 'drop', 'save']
    .filter(() => random() < 0.6);
  if (kinds.length === 0) kinds.push('killNode');
  return Array.from({ length: kFaults }, () => ({
    at: Math.floor(random() * kSpan),
    op: kinds[Math.floor(random() * kinds.length)],
    node: Math.floor(random() * 3),
    ms: 50 + Math.floor(random() * 1500),
  })).sort((one, other) => one.at - other.at);
}

class Storm {
  #directory = mkdtempSync(join(tmpdir(), 'hearth-storm-'));
  #told = [];

  constructor(seed) {
    this.seed = seed;
    this.file = join(this.#directory, 'records.jsonl');
    this.records = new Records(this.file);
    this.schedule = schedule(seed);
  }

  async run() {
    try {
      await this.#begin();
      await this.#faults();
      await this.#end();
      this.records.write();
      const { stdout } = await promisify(execFile)(options.check, [this.file]).catch((error) => {
        throw new Error(error.stdout || error.message);
      });
      rmSync(this.#directory, { recursive: true, force: true });
      return stdout.trim();
    } catch (error) {
      this.records.write();
      throw error;
    } finally {
      for (const party of this.parties ?? []) party.end();
      this.observer?.close();
      await this.cluster?.kill().catch(() => {});
      await this.redis?.kill().catch(() => {});
    }
  }

  async #begin() {
    const [redis, ...ports] = await freePorts(4);
    this.redis = new Redis(redis, this.#directory);
    await this.redis.start();
    this.cluster = new Cluster({ command: options.command, ports, redis, records: this.records });
    for (const node of this.cluster.nodes) node.ontold = (told) => this.#told.push(told);
    await this.cluster.start();
    for (const room of kRooms) this.records.add('retain', { room, count: kKeep });
    this.observer = new Observer(this.records, kRooms);
    await this.observer.connect(redis);
    const party = (name, salt) => ({
      name, records: this.records, nodes: this.cluster, random: stream(this.seed * 1000 + salt), rooms: kRooms,
    });
    this.listeners = Array.from({ length: kListeners }, (_, i) => new Listener(party(`listener ${i}`, i)));
    this.publishers = Array.from({ length: kPublishers }, (_, i) => new Publisher({
      ...party(`publisher ${i}`, 100 + i),
      room: kRooms[i % kRooms.length],
      keys: Array.from({ length: kKeys }, (__, n) => (i + 1) * 1000 + n),
      pace: 50,
    }));
    this.parties = [...this.listeners, ...this.publishers];
    for (const one of this.parties) one.run();
  }

  async #faults() {
    const begin = Date.now();
    for (const fault of this.schedule) {
      await wait(begin + fault.at - Date.now());
      await this[fault.op](fault);
    }
  }

  async #end() {
    await until('all is acknowledged', () => this.publishers.every(({ isDone }) => isDone));
    await this.#appendOnEachNode();
    await this.observer.look();
    const ends = {};
    for (const room of kRooms) ends[room] = await this.observer.end(room);
    await until('all listeners are at the top', () => this.listeners.every(
      (listener) => kRooms.every((room) => listener.stands(room, ends[room].top)),
    )).catch(() => {});  // the checker says who is not
    await until('the nodes have been told what is lost', () => this.#isTold(ends), 15_000).catch(() => {});
    for (const room of kRooms) {
      const { branches, top } = ends[room];
      const epoch = branches.filter(([, first]) => first <= top).at(-1)?.[0] ?? branches[0][0];
      this.records.add('end_top', { room, epoch, offset: top, parent: branches.at(-1)[0] });
      for (const listener of this.listeners) listener.stand(room);
    }
  }

  /** So that each finds out, by where that comes to lie, if a log is not what it was. */
  async #appendOnEachNode() {
    let key = 9000;
    for (const node of this.cluster.nodes) {
      for (const room of kRooms) {
        const last = new Publisher({
          name: `last ${key}`, records: this.records, nodes: { pick: () => node }, random: Math.random, room, keys: [key], pace: 0,
        });
        key += 1;
        this.parties.push(last);
        this.publishers.push(last);
        last.run();
        await until(`${node.name} has appended to ${room}`, () => last.isDone);
        last.end();
      }
    }
  }

  /** Whether of all that was acknowledged and is gone its node has been told, if it lives. */
  #isTold(ends) {
    const alive = new Set(this.cluster.nodes.map(({ name }) => name));
    const isThere = ({ room, epoch, offset }) => {
      const { branches, top } = ends[room];
      const at = branches.findIndex(([name]) => name === epoch);
      return at >= 0 && offset <= top && (at + 1 === branches.length || offset < branches[at + 1][1]);
    };
    const covers = (told, { node, room, epoch, offset }) => told.node === node && told.room === room
      && told.epoch === epoch && told.from <= offset && offset <= told.to;
    const acked = this.publishers.flatMap(({ acks }) => acks);
    return acked.every((ack) => !ack.epoch || !alive.has(ack.node) || isThere(ack)
      || this.#told.some((told) => covers(told, ack)));
  }

  // The faults.

  #fault(fault, fields = {}) {
    for (const room of kRooms) this.records.add('fault', { fault, room, ...fields });
  }

  #healed(fault) {
    for (const room of kRooms) this.records.add('healed', { fault, room });
  }

  async #unreachable(during) {
    this.#fault('unreachable');
    await during();
    this.#healed('unreachable');
  }

  async killNode({ node, ms }) {
    const its = this.cluster.nodes[node];
    await its.kill();
    await wait(ms / 5);
    await its.start();
  }

  stopNode({ node, ms }) {
    return this.#unreachable(async () => {
      this.cluster.nodes[node].signal('SIGSTOP');
      await wait(ms);
      this.cluster.nodes[node].signal('SIGCONT');
    });
  }

  stopRedis({ ms }) {
    return this.#unreachable(async () => {
      this.redis.signal('SIGSTOP');
      await wait(ms);
      this.redis.signal('SIGCONT');
    });
  }

  async #ask(...words) {
    const connection = await Connection.open(this.redis.port);
    try {
      return await connection.ask(...words);
    } finally {
      connection.close();
    }
  }

  save() {
    return this.#ask('SAVE');
  }

  flushScripts() {
    return this.#ask('SCRIPT', 'FLUSH');
  }

  async killLinks() {
    const list = await this.#ask('CLIENT', 'LIST');
    const ids = [...list.matchAll(/^id=(\d+) .*name=hearth:/gm)].map(([, id]) => id);
    await this.#unreachable(async () => {
      for (const id of ids) await this.#ask('CLIENT', 'KILL', 'ID', id);
    });
  }

  drop({ node }) {
    this.listeners[node].drop();
  }

  async flush() {
    const at = this.records.now();
    this.#fault('log_lost');
    await this.observer.flush();  // which still sees what began before
    this.observer.since = at;
  }

  /** It has what it had saved, or nothing. */
  async restartRedis({ ms }) {
    await this.observer.pause();
    const at = this.records.now();
    this.observer.since = at;
    const before = {};
    for (const room of kRooms) before[room] = await this.observer.end(room);
    await this.#unreachable(async () => {
      this.observer.close();
      await this.redis.kill();
      await wait(ms / 5);
      await this.redis.start();
    });
    for (const room of kRooms) {
      const [lineage] = await this.#ask('HMGET', `hearth:{${room}}:meta`, 'l');
      const epochs = (lineage ?? '').trim().split(' ').map((word) => word.split(':')[0]);
      const isKept = before[room].branches.some(([epoch]) => epochs.includes(epoch));
      this.records.add('fault', { fault: isKept ? 'store_lost' : 'log_lost', room, at });
    }
    await this.observer.connect(this.redis.port);
  }
}

let failures = 0;
const first = Number(options.seed);
for (let seed = first; seed < first + Number(options.schedules); seed += 1) {
  const storm = new Storm(seed);
  const began = Date.now();
  try {
    const verdict = await storm.run();
    console.log(`seed ${seed}: ${verdict} (${Date.now() - began} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`seed ${seed}: FAILED\n${error.stack ?? error}\nschedule: ${JSON.stringify(storm.schedule)}\nrecords: ${storm.file}`);
  }
}
console.log(`${options.schedules} schedules, ${failures} failed`);
process.exit(failures > 0 ? 1 : 0);
