/** One schedule: everybody is started, the faults come, all is mended, and the checker judges what everybody saw. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Attendance } from './attendance.mjs';
import { Cluster, kHeartbeat } from './cluster.mjs';
import { Faults } from './faults.mjs';
import { Ignis } from './ignis.mjs';
import { Observer } from './observer.mjs';
import { Listener, PlainClient, Publisher } from './parties.mjs';
import { Records } from './records.mjs';
import { SentinelStore, SingleStore } from './stores.mjs';
import { stream, until } from './time.mjs';

const kRooms = ['r0', 'r1'];
const kNodes = 3;
const kListeners = 5;
const kPublishers = 3;
const kMemory = 128 * 1024; // KiB of a node, of which its tails may be 64 MiB
const kLateness = 10_000; // ms: what a slow machine may add to what comes by heartbeats
const kPace = 80; // ms, at most, between an acknowledgement and the next publication

/** The first of them, and how many there are. */
function shortened(violations) {
  const lines = violations.split('\n');
  return [...lines.slice(0, Math.min(10, lines.length - 1)), lines.at(-1)].join('\n');
}

export class Storm {
  #directory = mkdtempSync(join(tmpdir(), 'hearth-storm-'));
  #told = [];
  #parties = [];
  #failed;

  /** `tools`: the paths of `command` and `check`; `keep`: whether records and logs stay in any case. */
  constructor(plan, tools) {
    Object.assign(this, { plan, tools });
    this.file = join(this.#directory, 'records.jsonl');
    this.records = new Records(this.file);
    writeFileSync(join(this.#directory, 'plan.json'), `${JSON.stringify(plan)}\n`);
    // A node that dies by itself ends the run, whatever it waits for.
    this.failure = new Promise((_, reject) => { this.#failed = reject; });
    this.failure.catch(() => {});
  }

  /** What the checker says. */
  async run() {
    try {
      await Promise.race([this.#all(), this.failure]);
      this.records.write();
      const { stdout } = await promisify(execFile)(this.tools.check, [this.file]).catch((error) => {
        throw new Error(error.stdout ? shortened(error.stdout.trim()) : error.message);
      });
      await this.#stop();
      if (!this.tools.keep) rmSync(this.#directory, { recursive: true, force: true });
      return stdout.trim();
    } catch (error) {
      this.records.write();
      await this.#stop();
      throw error;
    }
  }

  async #stop() {
    for (const party of this.#parties) party.end();
    this.observer?.close();
    await this.cluster?.kill().catch(() => {});
    await this.ignis?.kill();
    await this.store?.kill().catch(() => {});
  }

  async #all() {
    await this.#begin();
    if (this.plan.isCalm) await until('all hear of all', () => this.listeners.every((listener) => listener.hearsOfAll()));
    await this.faults.run();
    await this.#end();
  }

  async #begin() {
    const { plan, records } = this;
    this.attendance = new Attendance(records, kRooms);
    records.add('heartbeat', { count: kHeartbeat * 1000, top: kLateness * 1000 });
    this.store = new (plan.topology === 'sentinel' ? SentinelStore : SingleStore)(this.#directory, plan.redis);
    await this.store.start();
    const access = [];
    for (let i = 0; i < kNodes; i += 1) access.push(await this.store.access());
    this.cluster = new Cluster({
      command: this.tools.command, directory: this.#directory, plan, access, records, attendance: this.attendance,
      onfail: this.#failed,
    });
    for (const node of this.cluster.nodes) node.ontold = (told) => this.#told.push(told);
    await this.cluster.start();
    if (plan.hasIgnis) {
      this.ignis = new Ignis();
      await this.ignis.start(await this.store.ignisFlags(), this.#directory);
    }
    for (const room of kRooms) records.add('retain', { room, count: plan.keep });
    this.observer = new Observer(records, kRooms, this.store, this.attendance);
    await this.observer.connect();
    this.observer.watchBeats().catch(this.#failed);
    this.#invite();
    this.faults = new Faults({
      plan, rooms: kRooms, records, cluster: this.cluster, access, store: this.store, observer: this.observer,
      listeners: this.listeners,
    });
  }

  #invite() {
    const { plan, records } = this;
    const party = (name, salt, nodes = this.cluster) => ({
      name, records, nodes, random: stream(plan.seed * 1000 + salt), rooms: kRooms,
      ...(nodes === this.cluster && { attendance: this.attendance }),
    });
    this.listeners = Array.from({ length: kListeners }, (_, i) => new Listener(party(`listener ${i}`, i)));
    this.publishers = Array.from({ length: kPublishers }, (_, i) => new Publisher({
      ...party(`publisher ${i}`, 100 + i), room: kRooms[i % kRooms.length], key: (i + 1) * 100_000, pace: kPace, pad: plan.pad,
    }));
    this.plain = [new PlainClient(party('plain of Hearth', 200))];
    if (this.ignis) this.plain.push(new PlainClient(party('plain of Ignis', 201, this.ignis)));
    for (const one of [...this.listeners, ...this.publishers, ...this.plain]) this.#run(one);
  }

  #run(party) {
    this.#parties.push(party);
    party.run().catch(this.#failed);
  }

  async #end() {
    // Those who are plain are told nothing of what they have missed: they are there when something comes.
    const counts = this.plain.map(({ count }) => count);
    await until('plain clients hear again', () => this.plain.every(({ count }, i) => count > counts[i]));
    for (const publisher of this.publishers) publisher.finish();
    await until('all is acknowledged', () => this.publishers.every(({ isDone }) => isDone));
    await this.#appendOnEachNode();
    await this.observer.look();
    const ends = {};
    for (const room of kRooms) ends[room] = await this.observer.end(room);
    await until('all listeners are at the top', () => this.listeners.every(
      (listener) => kRooms.every((room) => listener.stands(room, ends[room].top)),
    )).catch(() => {}); // the checker says who is not
    await until('the nodes have been told what is lost', () => this.#isTold(ends)).catch(() => {}); // here as well
    await this.#presenceIsTrue();
    for (const node of this.cluster.nodes) {
      this.records.add('bound', { text: `the memory of ${node.name} in KiB`, count: node.memory(), top: kMemory });
    }
    for (const room of kRooms) {
      const { branches, top } = ends[room];
      const epoch = branches.filter(([, first]) => first <= top).at(-1)?.[0] ?? branches[0][0];
      this.records.add('end_top', { room, epoch, offset: top, parent: branches.at(-1)[0] });
      for (const listener of this.listeners) listener.stand(room);
    }
  }

  /** All who want to know are shown who is there. */
  async #presenceIsTrue() {
    const all = (is) => kRooms.every((room) => this.listeners.every((listener) => is(listener, room)));
    await until('all listeners know who is there', () => all((listener, room) => listener.knowsWhoIsIn(room)))
      .catch(() => {}); // the checker says what of it is not true, if they are shown anything
    this.observer.beats.write(this.records);
    const unshown = this.listeners.filter((listener) => !kRooms.every((room) => listener.views.has(room)));
    this.records.add('bound', { text: 'listeners who are shown nobody', count: unshown.length, top: 0 });
  }

  /** So that each finds out, by where that comes to lie, if a log is not what it was. */
  async #appendOnEachNode() {
    let key = 9000;
    for (const node of this.cluster.nodes) {
      for (const room of kRooms) {
        const last = new Publisher({
          name: `last ${key}`, records: this.records, nodes: { pick: () => node, has: () => true }, random: Math.random, room, key,
          most: 1, pace: 0, attendance: this.attendance,
        });
        key += 1;
        this.publishers.push(last);
        this.#run(last);
        await until(`${node.name} has appended to ${room}`, () => last.isDone);
        last.end();
      }
    }
  }

  /** Whether of all that was acknowledged and is gone its node has been told, if it lives. */
  #isTold(ends) {
    const alive = new Set(this.cluster.nodes.map(({ name }) => name));
    const covers = (told, { node, room, epoch, offset }) => told.node === node && told.room === room
      && told.epoch === epoch && told.from <= offset && offset <= told.to;
    const acked = this.publishers.flatMap(({ acks }) => acks);
    return acked.every((ack) => !ack.epoch || !alive.has(ack.node) || this.observer.isOnLine(ack, ends[ack.room])
      || this.#told.some((told) => covers(told, ack)));
  }
}
