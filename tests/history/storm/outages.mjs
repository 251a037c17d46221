/**
 * What faults cost in time and memory, for docs/recovery.md and docs/presence.md: rooms whose link to Redis comes back,
 * members that read nothing, and what presence asks of Redis while nobody comes or goes.
 *
 *     script/storm outages [--only link,readers,presence] [--clients 2000]
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { start } from './child.mjs';
import { Link } from './link.mjs';
import { SingleStore } from './stores.mjs';
import { until, wait } from './time.mjs';

const WebSocket = createRequire(new URL('../../interop/package.json', import.meta.url))('ws');
const run = promisify(execFile);
const kNobody = 1; // a port

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'link,readers,presence' },
    clients: { type: 'string', default: '2000' },
    command: { type: 'string', default: fileURLToPath(new URL('../../../build/release/app/hearth', import.meta.url)) },
  },
});
const kClients = Number(options.clients);

const kUnlimited = `
[limits]
connections_per_ip = 0
connects = "0"
connects_per_ip = "0"
unauthenticated = 0
messages = "0"
bytes = "0"
message_size = "4MiB"
`;

/** `hearth serve` with an API, and what the kernel says of its memory. */
class Node {
  static #count = 0;

  static async start(directory, { redis, rules }) {
    const node = new Node();
    Node.#count += 1;
    const file = join(directory, `${Node.#count}.toml`);
    writeFileSync(file, `${kUnlimited}[broker]\nurl = "${redis}"\n[[rooms]]\n${rules}`);
    node.process = start(options.command, ['serve', '--dev', '--config', file, '--threads', '1'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HEARTH_SERVER_LISTEN: '127.0.0.1:0', HEARTH_API_LISTEN: '127.0.0.1:0' },
    });
    createInterface({ input: node.process.stderr }).on('line', (line) => node.onlog(line));
    for await (const line of createInterface({ input: node.process.stdout })) {
      node.port = /^listening on \S*:(\d+)/.exec(line)?.[1] ?? node.port;
      node.api = /^API on \S*:(\d+)/.exec(line)?.[1] ?? node.api;
      if (node.port && node.api) return node;
    }
    throw new Error('a node did not start');
  }

  onlog() {}

  get url() {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  async ask(method, path, body) {
    const asked = request({ port: this.api, host: '127.0.0.1', method, path });
    asked.end(body && JSON.stringify(body));
    const [answer] = await once(asked, 'response');
    let text = '';
    for await (const part of answer) text += part;
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text;
  }

  publish(rooms, data) {
    return this.ask('POST', '/api/publish', { rooms, event: 'news', data });
  }

  async metric(name) {
    const text = await this.ask('GET', '/metrics');
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  memory(field = 'VmRSS') {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)[1]) / 1024;
  }

  /** The most that it holds is counted from now on (proc(5), clear_refs). */
  forgetMost() {
    writeFileSync(`/proc/${this.process.pid}/clear_refs`, '5');
  }

  async stop() {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }
}

/** In some rooms with positions; sees that what comes in each is complete and in order. */
class Member {
  #offsets = new Map();
  #since;
  got = 0;

  static async join(url, rooms) {
    const member = new Member();
    member.socket = new WebSocket(url, { perMessageDeflate: false });
    await once(member.socket, 'open');
    const ready = new Promise((resolve, reject) => { member.settle = { resolve, reject }; });
    member.socket.on('message', (text) => member.#take(JSON.parse(text)));
    member.#since = Object.fromEntries(rooms.map((room) => [room, null]));
    member.#say('authenticate', {}, 'a');
    await ready;
    return member;
  }

  #say(event, data, id) {
    this.socket.send(JSON.stringify({ event, data, id }));
  }

  #take({ event, id, data, room, offset }) {
    if (event === 'connected') {
      this.#say('join', { rooms: Object.keys(this.#since), since: this.#since }, 'j');
    } else if (id === 'j' && event === 'ack') {
      for (const [name, position] of Object.entries(data.positions)) this.#offsets.set(name, position.offset);
      this.settle.resolve();
    } else if (event === 'error' || event === 'gap') {
      this.settle.reject(new Error(JSON.stringify(data)));
      this.failed = `${event} ${JSON.stringify(data)}`;
    } else if (event === 'news') {
      if (offset !== this.#offsets.get(room) + 1) this.failed = `${offset} after ${this.#offsets.get(room)} in ${room}`;
      this.#offsets.set(room, offset);
      this.got += 1;
    }
  }
}

/** So many, some at a time. */
async function joined(count, make) {
  const members = [];
  for (let i = 0; i < count; i += 100) {
    const some = Array.from({ length: Math.min(100, count - i) }, (_, k) => make(i + k));
    members.push(...await Promise.all(some));
  }
  return members;
}

const slices = (list, size) => Array.from({ length: Math.ceil(list.length / size) },
  (_, i) => list.slice(i * size, (i + 1) * size));

/** Five rooms a client, ten publications in each while the node is cut off. */
async function link(directory, store) {
  const gate = await new Link(store.master.socket).listen();
  const rules = 'pattern = "**"\njoin = "anyone"\npublish = "anyone"\nhistory_size = 100\n';
  const node = await Node.start(directory, { redis: `redis://127.0.0.1:${gate.port}`, rules });
  const publisher = await Node.start(directory, { redis: `redis+unix://${store.master.socket}`, rules });
  const rooms = Array.from({ length: 5 * kClients }, (_, i) => `room:${i}`);
  const members = await joined(kClients, (i) => Member.join(node.url, rooms.slice(5 * i, 5 * i + 5)));

  gate.target = kNobody;
  gate.break();
  for (let n = 0; n < 10; n += 1) {
    for (const some of slices(rooms, 1000)) await publisher.publish(some, { n });
  }
  const before = node.memory();
  node.forgetMost();
  const connected = new Promise((resolve) => {
    node.onlog = (line) => { if (/Redis: connected/.test(line)) resolve(performance.now()); };
  });
  gate.target = store.master.socket;
  const open = performance.now();
  await until('all have everything', () => members.every(({ got }) => got === 50) || members.some(({ failed }) => failed));
  const done = performance.now();
  const wrong = members.find(({ failed }) => failed);
  if (wrong) throw new Error(wrong.failed);
  console.log(`link back: ${rooms.length} rooms, 10 missed in each: all delivered ${Math.round(done - open)} ms after Redis `
    + `could be reached, ${Math.round(done - await connected)} ms after the node was connected; memory `
    + `${before.toFixed(1)} MiB before, ${node.memory('VmHWM').toFixed(1)} MiB at most`);
  for (const { socket } of members) socket.terminate();
  await node.stop();
  await publisher.stop();
  gate.close();
}

/** What a fan-out to some costs while a tenth beside them reads nothing. */
async function readers(directory, store) {
  const stopped = Math.floor(kClients / 10);
  const kFill = 64;
  /** What the process grew by meanwhile goes with the result: those who come are part of it. */
  const fan = async (node) => {
    const before = node.memory();
    node.forgetMost();
    const { stdout } = await run(options.command, ['bench', 'fanout', node.url, '--clients', kClients - stopped, '--rate', '20',
      '--duration', '10', '--since', '--json', '--pid', node.process.pid].map(String));
    return { ...JSON.parse(stdout), growth: node.memory('VmHWM') - before };
  };
  for (const policy of ['catch_up', 'latest']) {
    const node = await Node.start(directory, {
      redis: `redis+unix://${store.master.socket}`,
      rules: `pattern = "**"\njoin = "anyone"\npublish = "anyone"\nhistory_size = 100\nslow_consumer = "${policy}"\n`,
    });
    await fan(node); // the first has everything yet to be made
    const alone = await fan(node);
    const members = await joined(stopped, () => Member.join(node.url, ['bench-all', `fill:${policy}`]));
    for (const { socket } of members) socket.pause();
    // Until the kernel takes no more of any of them.
    for (let i = 0; i < kFill; i += 1) await node.publish([`fill:${policy}`], 'x'.repeat(64 * 1024));
    await until('all that read nothing have a backlog', async () => {
      const { clients } = JSON.parse(await node.ask('GET', `/api/clients?room=fill:${policy}&limit=1000`));
      return clients.length === stopped && clients.every(({ backlogBytes }) => backlogBytes > 0);
    });
    const beside = await fan(node);
    const [p99, p99Beside] = [alone, beside].map(({ latency_us: { p99: it } }) => it / 1000);
    console.log(`${policy}: ${kClients - stopped} clients, 20 messages a second: 99th percentile ${p99.toFixed(2)} ms alone, `
      + `${p99Beside.toFixed(2)} ms beside ${stopped} that read nothing (${(p99Beside / p99).toFixed(2)} x); memory grew `
      + `by ${alone.growth.toFixed(1)} and ${beside.growth.toFixed(1)} MiB; missing ${beside.missing}`);
    for (const { socket } of members) socket.terminate();
    await node.stop();
  }
}

/** Commands that Redis has carried out, without those of this program. */
async function commands(store) {
  const text = await store.master.ask('INFO', 'commandstats');
  return Object.fromEntries([...text.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name, calls]) => [name, Number(calls)]));
}

/** Four nodes, all clients in one room, nobody comes or goes. */
async function presence(directory, store) {
  const kNodes = 4;
  const kSeconds = 60;
  for (const kind of ['count', 'members']) {
    const nodes = await Promise.all(Array.from({ length: kNodes }, () => Node.start(directory, {
      redis: `redis+unix://${store.master.socket}`,
      rules: `pattern = "**"\njoin = "anyone"\npublish = "anyone"\npresence = "${kind}"\n`,
    })));
    const idle = nodes.map((node) => start(options.command, ['bench', 'idle', node.url, '--clients', kClients, '--rooms', '1',
      '--members', kClients, '--duration', '600'].map(String), { stdio: 'ignore' }));
    for (const node of nodes) {
      await until('all are in', async () => await node.metric('hearth_connections{state="authenticated"}') === kClients);
    }
    await wait(10_000); // what coming takes is not to be counted
    const before = await commands(store);
    await wait(1000 * kSeconds);
    const after = await commands(store);
    const each = Object.entries(after)
      .map(([name, calls]) => [name, (calls - (before[name] ?? 0)) / kSeconds / kNodes])
      .filter(([name, rate]) => rate > 0 && name !== 'info');
    console.log(`presence ${kind}: ${kNodes} nodes of ${kClients} clients in one room: commands a second and node: `
      + each.map(([name, rate]) => `${name} ${rate.toFixed(2)}`).join(', '));
    for (const child of idle) child.kill('SIGKILL');
    for (const node of nodes) await node.stop();
  }
}

const kCases = { link, readers, presence };
for (const name of options.only.split(',')) {
  if (!kCases[name]) {
    console.error(`script/storm outages: --only ${name} is none of ${Object.keys(kCases).join(', ')}`);
    process.exit(2);
  }
  const directory = mkdtempSync(join(tmpdir(), 'hearth-outages-'));
  const store = new SingleStore(directory, ['--client-output-buffer-limit', 'pubsub 0 0 0']);
  await store.start();
  await kCases[name](directory, store);
  await store.kill();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
