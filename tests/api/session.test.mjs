// Sessions of the dashboard: begun with a key, carried by a cookie.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Events, kKey, kKeys, kOpen, kReadKey, Server } from './support.mjs';

const kMarked = { 'X-Hearth-Request': '1' };

test('without keys there is nobody to sign in', async (t) => {
  const server = await Server.start(t, kOpen);
  assert.deepEqual((await server.ask('/api/session')).body, { keys: false });
  const refused = await server.ask('/api/session', { body: { key: kKey } });
  assert.equal(refused.status, 422);
  assert.equal(refused.body.pointer, '/key');
  const far = await server.ask('/api/session', { headers: { Origin: 'https://evil.example' } });
  assert.equal(far.status, 403);
});

test('a session is what its key is, until it ends', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  assert.deepEqual((await server.ask('/api/session')).body, { keys: true, signedIn: false });

  const begun = await server.ask('/api/session', { body: { key: kReadKey } });
  assert.equal(begun.status, 200);
  const { expiresAt, ...session } = begun.body;
  assert.deepEqual(session, { keys: true, signedIn: true, name: 'desk', allow: ['read'], rooms: ['news:*'] });
  const hours = (new Date(expiresAt) - Date.now()) / 3_600_000;
  assert.ok(hours > 11.9 && hours <= 12, `${hours} hours`);
  const field = begun.headers.get('Set-Cookie');
  assert.match(field, /^hearth_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  const cookie = field.split(';')[0];

  assert.deepEqual((await server.ask('/api/session', { cookie })).body, begun.body);
  assert.equal((await server.ask('/api/info', { cookie })).status, 200);
  const publish = { cookie, body: { room: 'news:a', event: 'e' } };
  const unmarked = await server.ask('/api/publish', publish);
  assert.equal(unmarked.status, 403);
  assert.match(unmarked.body.detail, /X-Hearth-Request/);
  const marked = await server.ask('/api/publish', { ...publish, headers: kMarked });
  assert.equal(marked.status, 403);
  assert.match(marked.body.detail, /the key desk is not allowed this/);

  assert.equal((await server.ask('/api/session', { cookie, method: 'DELETE' })).status, 403);
  const ended = await server.ask('/api/session', { cookie, method: 'DELETE', headers: kMarked });
  assert.equal(ended.status, 200);
  assert.match(ended.headers.get('Set-Cookie'), /^hearth_session=; .*Max-Age=0/);
  assert.equal((await server.ask('/api/info', { cookie })).status, 401);
  assert.deepEqual((await server.ask('/api/session', { cookie })).body, { keys: true, signedIn: false });
});

test('a session of a key that may do all publishes', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const cookie = await server.signIn(kKey);
  const body = { room: 'tea', event: 'story' };
  assert.equal((await server.ask('/api/publish', { cookie, body, headers: kMarked })).status, 200);
  const elsewhere = await server.ask('/api/info', { cookie, headers: { 'Sec-Fetch-Site': 'same-site' } });
  assert.equal(elsewhere.status, 403, 'a page on another port of this host');
});

test('behind TLS a browser gives the cookie back under TLS alone', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const headers = { Origin: 'https://hearth.example' };
  const begun = await server.ask('/api/session', { body: { key: kKey }, headers });
  assert.match(begun.headers.get('Set-Cookie'), /; Secure$/);
});

test('wrong keys count, however they are shown, and right ones pass', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  for (let i = 0; i < 5; ++i) {
    assert.equal((await server.ask('/api/session', { body: { key: 'wrong' } })).status, 401);
    assert.equal((await server.ask('/api/info', { key: 'wrong' })).status, 401);
  }
  const throttled = await server.ask('/api/session', { body: { key: 'wrong' } });
  assert.equal(throttled.status, 429);
  assert.equal(throttled.body.code, 'too_many_wrong_keys');
  assert.equal(throttled.headers.get('Retry-After'), '60');
  assert.equal((await server.ask('/api/info', { key: 'wrong' })).status, 429);
  await server.signIn(kKey);
});

test('a session and its streams end with its key', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const cookie = await server.signIn(kReadKey);
  const events = await Events.open(server, '/api/live', { cookie });
  await events.next();
  server.write(kOpen + kKeys.replace(kReadKey, 'another-key-89abcdef0123456789ab'));
  assert.equal((await server.ask('/api/reload', { key: kKey, method: 'POST' })).status, 200);
  assert.equal((await server.ask('/api/info', { cookie })).status, 401);
  assert.match((await events.find(({ event }) => event === 'ended')).data.detail, /the session has ended/);
  assert.equal(await events.next(), undefined);
});

test('a stream ends with its session', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const cookie = await server.signIn(kReadKey);
  const events = await Events.open(server, '/api/live', { cookie });
  await server.ask('/api/session', { cookie, method: 'DELETE', headers: kMarked });
  await events.find(({ event }) => event === 'ended');
  assert.equal(await events.next(), undefined);
});
