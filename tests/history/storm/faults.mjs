/** Does what a plan says, and writes down what it may be the cause of. */
import { wait } from './time.mjs';

/** What an operation is done to: those on the same are done one after the other, all else beside each other. */
const kLanes = {
  killNode: 'node', stopNode: 'node', drainNode: 'node',
  cutRedis: 'link', slowRedis: 'link', breakRedis: 'link',
  cutClient: 'client', dropClient: 'client', sendAway: 'client', stopReading: 'client', sendAllAway: 'clients',
  killSentinel: 'sentinel',
};

export class Faults {
  #lanes = new Map();

  constructor({ plan, rooms, records, cluster, access, store, observer, listeners }) {
    Object.assign(this, { plan, rooms, records, cluster, access, store, observer, listeners });
  }

  /** Returns when all is over and mended. */
  async run() {
    const begin = Date.now();
    const all = this.plan.faults.map(async (fault) => {
      await wait(begin + fault.at - Date.now());
      const kind = kLanes[fault.op];
      await this.#inLane(kind ? `${kind} ${fault.which}` : 'store', () => this[fault.op](fault));
    });
    await Promise.all(all);
    await this.store.settled();
  }

  async #inLane(lane, act) {
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    const done = before.then(act);
    this.#lanes.set(lane, done.catch(() => {}));
    await done;
  }

  #fault(fault, fields = {}) {
    for (const room of this.rooms) this.records.add('fault', { fault, room, ...fields });
  }

  #healed(fault) {
    for (const room of this.rooms) this.records.add('healed', { fault, room });
  }

  async #during(faults, act) {
    for (const fault of faults) this.#fault(fault);
    await act();
    for (const fault of faults) this.#healed(fault);
  }

  // Nodes.

  async killNode({ which, ms }) {
    const node = this.cluster.nodes[which];
    await node.kill();
    await wait(ms / 5);
    await node.start();
  }

  async drainNode({ which }) {
    const node = this.cluster.nodes[which];
    await node.drain();
    await node.start();
  }

  stopNode({ which, ms }) {
    return this.#during(['unreachable'], async () => {
      this.cluster.nodes[which].signal('SIGSTOP');
      await wait(ms);
      this.cluster.nodes[which].signal('SIGCONT');
    });
  }

  // Links of a node to Redis, and to the Sentinels.

  cutRedis({ which, ms, ways }) {
    return this.#during(['unreachable'], async () => {
      for (const link of this.access[which].links) link.hold(ways);
      await wait(2 * ms);
      for (const link of this.access[which].links) link.release(ways);
    });
  }

  async slowRedis({ which, ms, ways, delay }) {
    for (const link of this.access[which].links) link.delay(delay, ways);
    await wait(ms);
    for (const link of this.access[which].links) link.delay(0, ways);
  }

  breakRedis({ which }) {
    return this.#during(['unreachable'], () => {
      for (const link of this.access[which].links) link.break();
    });
  }

  // Clients.

  async cutClient({ which, ms, ways }) {
    const { link } = this.listeners[which];
    link.hold(ways);
    await wait(ms);
    link.release(ways);
  }

  dropClient({ which }) {
    this.listeners[which].drop();
  }

  async sendAway({ which, ms }) {
    const listener = this.listeners[which];
    listener.away += 1;
    listener.drop();
    await wait(2 * ms);
    listener.away -= 1;
  }

  async sendAllAway(fault) {
    await Promise.all(this.listeners.map((_, which) => this.sendAway({ ...fault, which })));
  }

  async stopReading({ which, ms }) {
    const { link, name } = this.listeners[which];
    this.#fault('client_slow', { who: name });
    link.hold(['from']);
    await wait(2 * ms);
    link.release(['from']);
    this.#healed('client_slow');
  }

  // Redis.

  stopRedis({ ms }) {
    return this.#during(['unreachable'], async () => {
      this.store.master.signal('SIGSTOP');
      await wait(ms);
      this.store.master.signal('SIGCONT');
    });
  }

  save() {
    return this.store.master.ask('SAVE');
  }

  flushScripts() {
    return this.store.master.ask('SCRIPT', 'FLUSH');
  }

  async killLinks() {
    const list = await this.store.master.ask('CLIENT', 'LIST');
    const ids = [...list.matchAll(/^id=(\d+) .*name=hearth:/gm)].map(([, id]) => id);
    await this.#during(['unreachable'], async () => {
      for (const id of ids) await this.store.master.ask('CLIENT', 'KILL', 'ID', id);
    });
  }

  async flush() {
    const at = this.records.now();
    this.#fault('log_lost');
    await this.observer.flush(); // which still sees what began before
    this.observer.since = at;
  }

  /** What may have lost the end of the logs, or all of them. */
  async #losing(act) {
    const at = this.records.now();
    await this.observer.look(); // at what began before
    this.observer.since = at;
    const before = {};
    for (const room of this.rooms) before[room] = await this.observer.end(room);
    await this.#during(['unreachable', 'two_stores'], async () => {
      await act();
      await this.store.settled();
    });
    for (const room of this.rooms) {
      const [lineage] = await this.store.master.ask('HMGET', `hearth:{${room}}:meta`, 'l');
      const epochs = (lineage ?? '').trim().split(' ').map((word) => word.split(':')[0]);
      const { branches } = before[room];
      const isKept = branches.length === 0 || branches.some(([epoch]) => epochs.includes(epoch));
      this.records.add('fault', { fault: 'store_lost', room, at });
      if (!isKept) this.records.add('fault', { fault: 'log_lost', room, at });
    }
  }

  /** It has what it had saved, or nothing. */
  restartRedis({ ms }) {
    return this.#losing(async () => {
      await this.observer.pause();
      await this.store.master.kill();
      await wait(ms / 5);
      await this.store.master.start();
      await this.observer.connect();
    });
  }

  /** The replica has everything, or what it had `lag` before. */
  failoverKill({ lag, ms }) {
    return this.#losing(async () => {
      const { master, masterLink } = this.store;
      if (lag) masterLink.hold(['from'], 'replication');
      await wait(lag);
      await this.observer.pause();
      await master.kill();
      masterLink.break('replication');
      masterLink.release(['from'], 'replication');
      await this.store.promoted();
      await wait(ms / 5);
      await master.start(); // and is told that it is a replica
    });
  }

  /** The old master wakes up, and goes on until it is told. */
  failoverStop({ lag, ms }) {
    return this.#losing(async () => {
      const { master, masterLink } = this.store;
      if (lag) masterLink.hold(['from'], 'replication');
      await wait(lag);
      master.signal('SIGSTOP');
      masterLink.break('replication');
      masterLink.release(['from'], 'replication');
      await this.store.promoted();
      await wait(ms / 5);
      master.signal('SIGCONT');
    });
  }

  /** By order; the old master takes what comes until it is told. */
  failover({ lag }) {
    return this.#losing(async () => {
      const { masterLink } = this.store;
      masterLink.delay(lag, ['from'], 'replication');
      await wait(lag);
      await this.store.failover();
      masterLink.delay(0, ['from'], 'replication');
    });
  }

  /** There and back, so that the old master is one again, and has lost what the other never had. */
  async failback(fault) {
    await this.failover(fault);
    await this.failover({ ...fault, lag: 0 });
  }

  async slowReplica({ ms, delay }) {
    const { masterLink } = this.store;
    masterLink.delay(delay, ['from'], 'replication');
    await wait(ms);
    masterLink.delay(0, ['from'], 'replication');
  }

  async killSentinel({ which, ms }) {
    const sentinel = this.store.sentinels[which];
    await sentinel.kill();
    await wait(ms);
    await this.store.startSentinel(sentinel);
  }
}
