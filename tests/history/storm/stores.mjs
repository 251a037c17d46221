/** What the nodes keep their logs in: one Redis, or a master and its replica under three Sentinels. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './child.mjs';
import { Link, sentinelLink } from './link.mjs';
import { Connection } from './redis.mjs';
import { until } from './time.mjs';

/** How nodes speak to the store; so that a fault is noticed while it lasts, and no slow machine ends a node. */
const kUrlOptions = 'dead_peer_timeout=1500&connect_timeout=2000&ready_timeout=600000&resubscribe_time=0';

/** A redis-server or Sentinel on a Unix socket, which nobody takes while it is down. */
class Server {
  #process;

  constructor(program, socket, words) {
    Object.assign(this, { program, socket, words });
  }

  async start() {
    this.#process = start(this.program, this.words, { stdio: 'ignore' });
    await until(`${this.socket} answers`, async () => await this.ask('PING').catch(() => '') === 'PONG');
  }

  /** Over a connection of its own. */
  async ask(...words) {
    const connection = await Connection.open(this.socket);
    try {
      return await connection.ask(...words);
    } finally {
      connection.close();
    }
  }

  signal(name) {
    this.#process?.kill(name);
  }

  async kill() {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}

function redis(directory, name, words = []) {
  const socket = join(directory, `${name}.sock`);
  return new Server('redis-server', socket, ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no',
    '--dir', directory, '--dbfilename', `${name}.rdb`, '--logfile', `${name}.log`, ...words]);
}

/** One Redis. */
export class SingleStore {
  #links = [];

  /** `words`: more on its command line. */
  constructor(directory, words) {
    this.redises = [redis(directory, 'redis', words)];
  }

  get master() {
    return this.redises[0];
  }

  async start() {
    await this.master.start();
  }

  async #link() {
    const link = await new Link(this.master.socket).listen();
    this.#links.push(link);
    return link;
  }

  /** Where a node finds it, over links of its own. */
  async access() {
    const link = await this.#link();
    return { url: `redis://127.0.0.1:${link.port}?${kUrlOptions}`, links: [link] };
  }

  /** The same for others than Hearth. */
  async plainAccess() {
    const link = await this.#link();
    return { url: `redis://127.0.0.1:${link.port}`, link };
  }

  async ignisFlags() {
    return ['--redis', (await this.plainAccess()).url];
  }

  async settled() {}

  async kill() {
    for (const link of this.#links) link.close();
    this.master.signal('SIGCONT');
    await this.master.kill();
  }
}

const kName = 'storm';
const kMostOrders = 10; // for one failover
const kNever = 600_000; // ms: nobody is down but who is said to be

/** A master and its replica under three Sentinels; those declare a master dead only when the storm wants it. */
export class SentinelStore {
  #links = [];
  #downAfter = kNever;
  #master = 0;

  constructor(directory) {
    this.directory = directory;
  }

  get master() {
    return this.redises[this.#master];
  }

  get replica() {
    return this.redises[1 - this.#master];
  }

  /** That to the master, which its replica and the Sentinels take. */
  get masterLink() {
    return this.inner[this.#master];
  }

  async #link(target, make = (socket) => new Link(socket)) {
    const link = await make(target).listen();
    this.#links.push(link);
    return link;
  }

  async start() {
    // A link is there before what it leads to, since all have to know its port.
    const sockets = ['one', 'other'].map((name) => join(this.directory, `${name}.sock`));
    this.inner = [await this.#link(sockets[0]), await this.#link(sockets[1])];
    this.redises = ['one', 'other'].map((name, i) => redis(this.directory, name, [
      '--replica-announce-ip', '127.0.0.1', '--replica-announce-port', this.inner[i].port,
      '--repl-diskless-sync-delay', '0', '--rdb-del-sync-files', 'yes',
    ]));
    await Promise.all(this.redises.map((one) => one.start()));
    await this.replica.ask('REPLICAOF', '127.0.0.1', this.masterLink.port);
    await until('the replica follows', async () => (await this.replica.ask('ROLE'))[3] === 'connected');
    this.sentinels = await Promise.all([0, 1, 2].map(async (i) => {
      const socket = join(this.directory, `sentinel${i}.sock`);
      const link = await this.#link(socket);
      const file = join(this.directory, `sentinel${i}.conf`);
      writeFileSync(file, [
        'port 0', `unixsocket ${socket}`, `dir ${this.directory}`, `logfile sentinel${i}.log`,
        'sentinel announce-ip 127.0.0.1', `sentinel announce-port ${link.port}`,
        `sentinel monitor ${kName} 127.0.0.1 ${this.masterLink.port} 2`,
        `sentinel down-after-milliseconds ${kName} ${kNever}`,
        `sentinel failover-timeout ${kName} 2500`, '',
      ].join('\n'));
      return Object.assign(new Server('redis-sentinel', socket, [file]), { port: link.port });
    }));
    for (const sentinel of this.sentinels) await this.startSentinel(sentinel);
    await this.settled();
  }

  /**
   * Its periods are of a second and ten otherwise; and a machine that is slow is no reason to do nothing for a while.
   * A master that should be none is left alone for four of the periods in which they speak to each other. That has to be
   * more than the second in which they look at one that they promote; and what they know of a replica is good enough to
   * promote it for five of those in which they ping, which has to be more than that, too.
   */
  async startSentinel(sentinel) {
    await sentinel.start();
    await sentinel.ask('SENTINEL', 'DEBUG', 'INFO-PERIOD', 200, 'PING-PERIOD', 400, 'ASK-PERIOD', 100,
      'PUBLISH-PERIOD', 500, 'TILT-TRIGGER', 60_000, 'MIN-LINK-RECONNECT-PERIOD', 2000, 'ELECTION-TIMEOUT', 1000);
    await this.#setDownAfter(sentinel);
  }

  /** The last one never finds out by itself, and is no candidate: so the two others do not split the votes. */
  #setDownAfter(sentinel) {
    const after = sentinel === this.sentinels[2] ? kNever : this.#downAfter;
    return sentinel.ask('SENTINEL', 'SET', kName, 'down-after-milliseconds', after);
  }

  async #declareDown(after) {
    this.#downAfter = after;
    for (const sentinel of this.sentinels) await this.#setDownAfter(sentinel).catch(() => {}); // one that is down gets it later
  }

  /** Where a node finds it: Sentinels who name the links of this node alone. */
  async access() {
    const ports = new Map();
    const links = await Promise.all(this.redises.map(({ socket }) => this.#link(socket)));
    this.inner.forEach(({ port }, i) => ports.set(`${port}`, `${links[i].port}`));
    const gates = await Promise.all(this.sentinels.map(({ socket }) => this.#link(socket, (it) => sentinelLink(it, ports))));
    this.sentinels.forEach(({ port }, i) => ports.set(`${port}`, `${gates[i].port}`));
    const hosts = gates.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return { url: `redis-sentinel://${hosts}/${kName}?${kUrlOptions}`, links: [...links, ...gates] };
  }

  ignisFlags() {
    return ['--sentinels', this.sentinels.map(({ port }) => port).join(','), '--master', kName];
  }

  /** Which of both a Sentinel names. */
  async #named(sentinel) {
    const [, port] = await sentinel.ask('SENTINEL', 'get-master-addr-by-name', kName);
    return this.inner.findIndex((link) => link.port === Number(port));
  }

  async #allName(index) {
    const named = await Promise.all(this.sentinels.map((sentinel) => this.#named(sentinel).catch(() => -1)));
    return named.every((it) => it === index);
  }

  /** Returns when another one is the master, by all Sentinels and by itself; `begin` makes it so. */
  async promoted(begin = () => this.#declareDown(600)) {
    const next = 1 - this.#master;
    const isPromoted = async () => await this.#allName(next) && (await this.redises[next].ask('ROLE'))[0] === 'master';
    await begin();
    // Where the machine is slow Sentinels may not come to an agreement, or give a failover up.
    for (let isDone = false, times = 0; !isDone; times += 1) {
      isDone = await until('the replica is promoted', isPromoted, 15_000).then(() => true, (error) => {
        if (times === kMostOrders) throw error;
        return false;
      });
      if (!isDone) await this.#order(isPromoted);
    }
    this.#master = next;
    await this.#declareDown(kNever);
  }

  failover() {
    return this.promoted(() => this.#order(() => false));
  }

  /** Returns when a failover has been ordered, or `isDone`. */
  #order(isDone) {
    return until('a Sentinel fails over', async () => await isDone() || await this.sentinels[0]
      .ask('SENTINEL', 'FAILOVER', kName).catch(() => '') === 'OK');
  }

  async #isSettled() {
    if (!await this.#allName(this.#master)) return false;
    const [role, , replicas] = await this.master.ask('ROLE');
    if (role !== 'master' || replicas.length !== 1) return false;
    const [own, , port, state] = await this.replica.ask('ROLE');
    if (own !== 'slave' || port !== this.masterLink.port || state !== 'connected') return false;
    for (const sentinel of this.sentinels) {
      const flags = async (words) => fields(await sentinel.ask('SENTINEL', ...words, kName)).flags;
      if (await flags(['MASTER']) !== 'master') return false;
      const known = await sentinel.ask('SENTINEL', 'SENTINELS', kName);
      if (known.length !== 2 || known.some((it) => fields(it).flags !== 'sentinel')) return false;
      const followers = await sentinel.ask('SENTINEL', 'REPLICAS', kName);
      if (followers.length !== 1 || fields(followers[0]).flags !== 'slave') return false;
    }
    return true;
  }

  /** Master, replica and all Sentinels are of one mind, so that the next failover can be. */
  settled() {
    return until('the Sentinels are of one mind', () => this.#isSettled().catch(() => false));
  }

  async kill() {
    for (const link of this.#links) link.close();
    for (const server of [...this.sentinels ?? [], ...this.redises ?? []]) {
      server.signal('SIGCONT');
      await server.kill();
    }
  }
}

function fields(list) {
  const found = {};
  for (let i = 0; i + 1 < list.length; i += 2) found[list[i]] = list[i + 1];
  return found;
}
