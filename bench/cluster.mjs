/**
 * What messages from Redis cost a server, in CPU time of its process: Hearth's bench_app in both ways to subscribe, and
 * Ignis on Bun beside it, each pinned to one core. Run `script/bootstrap` and build the preset release first.
 *
 *   node bench/cluster.mjs
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, RedisServer, startIgnis } from '../tests/interop/support.mjs';

const kClients = 1000;
const kMessages = 320;
const kUnheard = 50_000;
const kTicksASecond = 100;  // of /proc/<pid>/stat
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function startHearth(redis, options) {
  const child = spawn(here('../build/release/bench/bench_app'),
    ['--port', '0', '--threads', '1', '--redis', redis.url + options], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /:(\d+)$/.exec(line)?.[1];
    if (port) return { process: child, url: `ws://127.0.0.1:${port}/ws`, stop: () => child.kill('SIGKILL') };
  }
  throw new Error('bench_app ended');
}

/** Seconds of CPU time that a process has used, all threads together. */
function cpuTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / kTicksASecond;
}

async function connect(url) {
  const clients = [];
  while (clients.length < kClients) {
    const client = await Client.connect(url);
    client.send({ event: 'authenticate', data: { userId: 'u', token: 'u' } });
    await client.next();
    client.send({ event: 'join', data: { rooms: ['crowd'] } });
    clients.push(client);
  }
  await Promise.all(clients.map((client) => client.settle()));
  const counter = { received: 0, wake: () => {} };
  for (const client of clients) {
    client.socket.removeAllListeners('message');
    client.socket.on('message', () => {
      counter.received += 1;
      counter.wake();
    });
  }
  counter.reach = (count) => new Promise((resolve) => {
    counter.wake = () => counter.received >= count && resolve();
    counter.wake();
  });
  return { clients, counter };
}

const envelope = (room) => JSON.stringify({ serverId: 'emitter', type: 'room', target: room, event: 'news', data: { text: 'x'.repeat(40) } });

async function delivered(app, redis, counter, inFlight) {
  counter.received = 0;
  const before = cpuTime(app.process.pid);
  for (let sent = inFlight; sent <= kMessages; sent += inFlight) {
    const pipeline = redis.client.pipeline();
    for (let i = 0; i < inFlight; i += 1) pipeline.publish('ws:room:crowd', envelope('crowd'));
    await pipeline.exec();
    await counter.reach(sent * kClients);
  }
  return ((cpuTime(app.process.pid) - before) * 1e6) / (kMessages * kClients);
}

async function unheard(app, redis, counter) {
  const before = cpuTime(app.process.pid);
  for (let sent = 0; sent < kUnheard; sent += 500) {
    const pipeline = redis.client.pipeline();
    for (let i = 0; i < 500; i += 1) pipeline.publish('ws:room:nobody', envelope('nobody'));
    await pipeline.exec();
  }
  counter.received = 0;
  await redis.client.publish('ws:broadcast', JSON.stringify({ serverId: 'emitter', type: 'broadcast', event: 'end', data: 1 }));
  await counter.reach(kClients);
  return ((cpuTime(app.process.pid) - before) * 1e6) / kUnheard;
}

const servers = {
  'Hearth, interest': (redis) => startHearth(redis, ''),
  'Hearth, pattern': (redis) => startHearth(redis, '?subscriptions=pattern'),
  Ignis: (redis) => startIgnis(redis, ['--auth-timeout', '60000']),
};
console.log('CPU µs: a delivered message one at a time | 16 in flight | a message for a room that nobody is in');
for (const [name, start] of Object.entries(servers)) {
  const redis = await RedisServer.start();
  const app = await start(redis);
  spawn('taskset', ['-a', '-c', '-p', '0', String(app.process.pid)], { stdio: 'ignore' });
  const { clients, counter } = await connect(app.url);
  const figures = [await delivered(app, redis, counter, 1), await delivered(app, redis, counter, 16),
    await unheard(app, redis, counter)];
  console.log(`${name}: ${figures.map((figure) => figure.toFixed(2)).join(' | ')}`);
  for (const client of clients) client.socket.terminate();
  const gone = once(app.process, 'exit');
  await app.stop();
  await gone;
  await redis.stop();
}
process.exit(0);
