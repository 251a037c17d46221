// Samples: kept, told by a stream, and equal to /metrics. The pages beside the API.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';

import { Events, kKey, kKeys, kOpen, Server } from './support.mjs';

function metric(text, name) {
  const values = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

test('a sample a second is told and kept, and is what /metrics says', async (t) => {
  const server = await Server.start(t, kOpen);
  const sockets = [await server.connection(), await server.connection(), await server.connection()];
  const events = await Events.open(server, '/api/live');
  const { data: sample } = await events.find(({ event, data }) => event === 'sample' && data.connections === 3);
  const { body: text } = await server.ask('/metrics');
  assert.equal(metric(text, 'hearth_connections'), 3);
  assert.equal(sample.clients, 0);
  assert.equal(sample.users, metric(text, 'hearth_users'));
  assert.equal(sample.rooms, metric(text, 'hearth_rooms'));
  assert.equal(sample.messagesIn, metric(text, 'hearth_messages_received_total'));
  assert.equal(sample.messagesOut, metric(text, 'hearth_messages_sent_total'));
  assert.deepEqual(sample.drops, { backlog: metric(text, 'hearth_messages_dropped_total{reason="backlog"}') });
  assert.equal(sample.draining, false);
  assert.deepEqual(sample.warnings, []);
  assert.equal('broker' in sample, false, 'there is none');
  assert.match(sample.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  const bytes = ['hearth_received_bytes_total', 'hearth_sent_bytes_total'].map((name) => metric(text, name));
  assert.ok(Math.min(...bytes) > 0, String(bytes));
  // The first sample may be one of before the last answer had left.
  await events.find(({ data }) => data.bytesIn === bytes[0] && data.bytesOut === bytes[1]);
  assert.equal('roundTrip' in sample, false, 'nobody is far away');

  const next = await events.find(({ data }) => data.tick !== null);
  assert.ok(next.data.tick.p99 >= next.data.tick.p50 && next.data.tick.p50 > 0, JSON.stringify(next.data.tick));
  const { body: kept } = await server.ask('/api/samples');
  assert.equal(kept.interval, 1);
  const times = kept.samples.map(({ time }) => time);
  assert.deepEqual(times, [...times].sort());
  assert.ok(times.includes(sample.time) && times.includes(next.data.time));
  assert.deepEqual(kept.samples.find(({ time }) => time === sample.time), sample);
  events.close();
  sockets.forEach((socket) => socket.destroy());
});

test('a limit that was reached is warned of', async (t) => {
  const server = await Server.start(t, `${kOpen}\n[limits]\nunauthenticated = 1\n`);
  const events = await Events.open(server, '/api/live');
  const socket = await server.connection();
  await assert.rejects(server.connection(), /503/);
  const { data } = await events.find(({ data: { warnings } }) => warnings.length > 0);
  assert.deepEqual(data.warnings, [
    { code: 'limit_reached', detail: 'limits.unauthenticated was reached within the last 10 s' },
  ]);
  events.close();
  socket.destroy();
});

test('streams are for who may read, and are bounded', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  assert.equal((await server.ask('/api/live')).status, 401);
  assert.equal((await server.ask('/api/live', { method: 'POST' })).status, 405);
  const head = await server.ask('/api/live', { key: kKey, method: 'HEAD' });
  assert.equal(head.headers.get('Content-Type'), 'text/event-stream');
  const open = [];
  for (let i = 0; i < 64; ++i) open.push(await Events.open(server, '/api/live', { key: kKey }));
  const refused = await server.ask('/api/live', { key: kKey });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.code, 'too_many_streams');
  assert.equal(refused.headers.get('Retry-After'), '5');
  open.forEach((events) => events.close());
  for (;;) {
    // The server hears of it soon.
    const answer = await fetch(`${server.url}/api/live`, { headers: { Authorization: `Bearer ${kKey}` } });
    await answer.body.cancel();
    if (answer.status === 200) break;
  }
});

test('a reader that sends something more is let go', async (t) => {
  const server = await Server.start(t, kOpen);
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port });
  const request = 'GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
  socket.write(request);
  await once(socket, 'data');
  socket.write(request);
  socket.resume();
  await once(socket, 'close');
});

test('the dashboard is served beside the API', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const page = await server.ask('/');
  assert.equal(page.status, 200);
  assert.match(page.headers.get('Content-Type'), /^text\/html/);
  assert.match(page.body, /<title>/);
  assert.equal(page.headers.get('Cache-Control'), 'no-cache');
  assert.equal(page.headers.get('X-Content-Type-Options'), 'nosniff');
  assert.match(page.headers.get('Content-Security-Policy'), /^default-src 'none'; .*frame-ancestors 'none'$/);
  for (const [, name] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const file = await server.ask(new URL(name, `${server.url}/`).pathname);
    assert.equal(file.status, 200, name);
  }
  const known = await server.ask('/', { headers: { 'If-None-Match': page.headers.get('ETag') } });
  assert.equal(known.status, 304);
  assert.equal(known.body, '');
  assert.equal((await server.ask('/', { method: 'HEAD' })).headers.get('Content-Length'), String(page.body.length));
  const wrong = await server.ask('/', { method: 'POST' });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('Allow'), 'GET');
  for (const path of ['/index.html', '/dashboard', '/dashboard/', '/dashboard/../livez%2f', '/dashboard/none.js']) {
    assert.equal((await server.ask(path)).status, 404, path);
  }
});
