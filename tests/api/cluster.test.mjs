// What all instances answer together, over a real Redis; what an instance says of itself.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { Client, Events, kOpen, Server } from './support.mjs';

/** A Redis that ends with the test. */
async function startRedis(t) {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-redis-'));
  const socket = join(folder, 'redis.sock');
  const redis = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(redis, 'exit');
  t.after(async () => {
    redis.kill();
    await exited;
    rmSync(folder, { recursive: true });
  });
  for await (const line of createInterface({ input: redis.stdout })) {
    if (line.includes('ready to accept connections')) break;
  }
  redis.stdout.resume();
  return { url: `redis+unix://${socket}`, stop: () => redis.kill() };
}

const named = (name, redis) => `[server]\nname = "${name}"\nauth_timeout = "10m"\n[broker]\nurl = "${redis.url}"\n`;

/** Asks until what is said fits. */
async function until(server, path, fits) {
  for (;;) {
    const { body } = await server.ask(path);
    if (fits(body)) return body;
  }
}

const heard = (body) => body.nodes.filter(({ answered }) => answered).map(({ name }) => name);

test('all instances are asked for a client, a user, a room, blocks and themselves', async (t) => {
  const redis = await startRedis(t);
  const a = await Server.start(t, named('a', redis), { flags: ['--dev'] });
  const b = await Server.start(t, named('b', redis), { flags: ['--dev'] });
  await until(a, '/api/info?scope=cluster', (body) => heard(body).length === 2);
  const here = await Client.open(a, 'ann', 'tea');
  const there = await Client.open(b, 'ann', 'tea');

  const user = (await a.ask('/api/users/ann?scope=cluster')).body;
  assert.deepEqual(heard(user), ['a', 'b'], 'this one first');
  assert.deepEqual(user.clients.map(({ id, node }) => [id, node]), [[here.id, 'a'], [there.id, 'b']]);
  assert.deepEqual((await a.ask('/api/users/ann')).body.clients.map(({ id }) => id), [here.id]);

  const client = (await a.ask(`/api/clients/${there.id}?scope=cluster`)).body;
  assert.deepEqual([client.id, client.node, client.user], [there.id, 'b', 'ann']);
  assert.equal((await a.ask(`/api/clients/${there.id}`)).status, 404);
  const nobody = await a.ask('/api/clients/00000000-0000-4000-8000-000000000000?scope=cluster');
  assert.deepEqual([nobody.status, nobody.body.code], [404, 'no_such_client']);

  const room = (await b.ask('/api/rooms/tea?scope=cluster')).body;
  assert.equal(room.members, 2);
  assert.deepEqual(room.clients.map(({ node }) => node), ['b', 'a']);
  assert.equal((await b.ask('/api/rooms/tea?scope=cluster&limit=1')).body.clients.length, 1);
  assert.equal((await b.ask('/api/rooms/tea?scope=cluster&after=x')).status, 422);

  assert.equal((await a.ask('/api/block', { body: { user: 'mallory', for: '1h' } })).status, 200);
  const blocks = await until(b, '/api/blocks?scope=cluster', (body) => body.blocks.length > 0);
  assert.deepEqual(blocks.blocks.map(({ user: name }) => name), ['mallory'], 'once, although both know it');
  assert.deepEqual(heard(blocks), ['b', 'a']);

  const info = (await a.ask('/api/info?scope=cluster')).body;
  assert.deepEqual(info.cluster, { clients: 2, connections: 2 });
  assert.equal(info.clients, 1);
  assert.deepEqual([info.name, info.broker, info.draining], ['a', 'connected', false]);
  for (const node of info.nodes) {
    assert.deepEqual([node.clients, node.connections, node.broker, node.draining], [1, 1, 'connected', false]);
    assert.equal(node.version, info.version);
    assert.ok(new Date(node.startedAt) <= new Date(node.time));
    assert.match(node.id, /./);
  }
  here.close();
  there.close();
});

test('who is silent is named after two seconds, and who has ended is not', async (t) => {
  const redis = await startRedis(t);
  const a = await Server.start(t, named('a', redis), { flags: ['--dev'] });
  const b = await Server.start(t, named('b', redis), { flags: ['--dev'] });
  await until(a, '/api/info?scope=cluster', (body) => heard(body).length === 2);
  await b.freeze();
  const [{ body }, unknown] = await Promise.all([
    a.ask('/api/info?scope=cluster'),
    a.ask('/api/clients/00000000-0000-4000-8000-000000000000?scope=cluster'),
  ]);
  assert.deepEqual(heard(body), ['a']);
  const { name, answered, ...rest } = body.nodes[1];
  assert.deepEqual([name, answered, Object.keys(rest)], ['b', false, ['id']]);
  assert.match(unknown.body.detail, /no answer from b/);
  b.thaw();
  await b.stop();
  await until(a, '/api/info?scope=cluster', ({ nodes }) => nodes.length === 1);
});

test('Redis that goes away is warned of', async (t) => {
  const redis = await startRedis(t);
  const a = await Server.start(t, named('a', redis), { flags: ['--dev'] });
  assert.equal((await a.ask('/api/info')).body.broker, 'connected');
  redis.stop();
  await until(a, '/api/info', ({ broker }) => broker === 'degraded');
  const { samples } = await until(a, '/api/samples', (body) => body.samples.at(-1).broker === 'degraded');
  assert.deepEqual(samples.at(-1).warnings.map(({ code }) => code), ['broker_degraded']);
  assert.equal(samples.at(-1).drops.broker, 0);
});

test('info says how it is with the events that are told', async (t) => {
  let status = 500;
  const backend = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'Content-Length': 0 }).end();
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  t.after(() => {
    backend.close();
    backend.closeAllConnections();
  });
  const server = await Server.start(
    t,
    `${kOpen}
[backend]
url = "http://127.0.0.1:${backend.address().port}/"
secret = "a-secret-of-at-least-24-bytes"
[events]
to = "backend"
types = ["node"]
`,
  );
  const failing = await until(server, '/api/info', ({ events }) => events.webhook.failing);
  const { webhook } = failing.events;
  assert.equal(webhook.depth, 1);
  assert.ok(webhook.retries >= 1 && webhook.oldestSeconds > 0 && webhook.bytes > 0);
  assert.match(webhook.lastError, /500/);
  assert.match(webhook.lastErrorAt, /^\d{4}-/);
  status = 200;
  const well = await until(server, '/api/info', ({ events }) => events.webhook.sent === 1);
  assert.deepEqual([well.events.webhook.depth, well.events.webhook.failing], [0, false]);
  assert.match(well.events.webhook.lastError, /500/, 'it is still known');
  await server.stop(); // while there is somebody to tell
});

test('how long the broker takes is in samples and metrics', async (t) => {
  const redis = await startRedis(t);
  const server = await Server.start(t, named('a', redis), { flags: ['--dev'] });
  const events = await Events.open(server, '/api/live');
  await server.ask('/api/publish', { body: { room: 'tea', event: 'story' } });
  const { data } = await events.find(({ data: { roundTrip } }) => roundTrip);
  assert.ok(data.roundTrip.p99 >= data.roundTrip.p50 && data.roundTrip.p50 > 0, JSON.stringify(data.roundTrip));
  assert.match((await server.ask('/metrics')).body, /^hearth_broker_round_trip_seconds_count [1-9]/m);
  events.close();
});
