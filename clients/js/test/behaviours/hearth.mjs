/** The real command: killed, stopped, restarted, behind a bad network. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { inState, makeClient, until } from './support.mjs';

/** Clients in real time, that come back quickly. */
async function real(s, url, options) {
  const client = new s.HearthClient(url, { WebSocket: s.WebSocket, backoff: { min: 20, max: 100 }, ...options });
  s.after(() => client.close());
  await client.connect();
  return client;
}

async function hears(client, event = 'news') {
  const heard = [];
  client.on(event, (data) => heard.push(data));
  return heard;
}

test('two clients talk in a room of the real server', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((userId) => real(s, hearth.url, { auth: { userId } })));
  assert.deepEqual([ann.userId, ann.server], ['ann', 'hearth']);
  const messages = [];
  ben.on('news', (data, { from }) => messages.push([data, from]));
  const own = await hears(ann);
  await Promise.all([ann, ben].map((client) => client.room('tea').join()));
  await ann.room('tea').publish('news', { text: 'grüße 🔥' });
  await ann.room('tea').publish('news', { text: 'not to me' }, { echo: false });
  await ann.room('tea').publish('news', 'to all again');
  await until('all came', () => messages.length === 3 && own.length === 2);
  assert.deepEqual(messages[0], [{ text: 'grüße 🔥' }, { id: ann.id, userId: 'ann' }]);
  assert.deepEqual(own, [{ text: 'grüße 🔥' }, 'to all again']);
  await ben.room('tea').leave();
  await assert.rejects(ben.room('tea').publish('news', 1), { kind: 'refused', code: 202, rooms: undefined });
  await assert.rejects(ann.room('tea').publish('join', 1), { kind: 'request', code: 105 });
  await assert.rejects(ann.room('ws:mine').join(), { kind: 'refused', code: 200, rooms: ['ws:mine'] });
});

test('a room hears what is said in it, and not what is said in others', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((userId) => real(s, hearth.url, { auth: { userId } })));
  const [tea, all] = [[], await hears(ben)];
  ben.room('tea').on('news', (data) => tea.push(data));
  for (const client of [ann, ben]) for (const name of ['tea', 'coffee']) await client.room(name).join();
  await ann.room('coffee').publish('news', 'of coffee');
  await ann.room('tea').publish('news', 'of tea');
  await until('both came', () => all.length === 2);
  assert.deepEqual(tea, ['of tea']);
});

test('the real server answers heartbeats, so that silence means nothing', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const seen = { in: 0, out: 0 };
  const { client, clock, sockets } = makeClient(s, hearth.url, { trace: (direction) => { seen[direction] += 1; } });
  await client.connect();
  // `authenticate` is answered by two.
  const answered = () => until('all is answered', () => seen.in === seen.out + 1);
  await answered();
  for (let n = 0; n < 10; n += 1) {
    await clock.advance(25_000);
    await answered();
  }
  assert.equal(seen.out, 11);
  assert.equal(client.state, 'ready');
  assert.equal(sockets(), 1);
});

test('killed and started again on the same port: back with the rooms, and what is published goes round', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((userId) => real(s, hearth.url, { auth: { userId } })));
  const heard = await hears(ben);
  await Promise.all([ann, ben].map((client) => client.room('tea').join()));
  for (const signal of ['SIGKILL', 'SIGTERM']) {
    await hearth.call('stop', signal);
    await Promise.all([inState(ann, 'waiting'), inState(ben, 'waiting')]);
    const published = ann.room('tea').publish('news', signal);
    await hearth.call('begin');
    await Promise.all([published, until('they are in again', () => ben.room('tea').state === 'in')]);
    await ann.room('tea').publish('news', `after ${signal}`);
    await until('it is heard', () => heard.includes(`after ${signal}`));
  }
});

test('stopped for a minute: found dead within 55 s, and connected again when it goes on', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const { client, clock } = makeClient(s, hearth.url);
  await client.connect();
  await client.room('tea').join();
  await hearth.call('signal', 'SIGSTOP');
  await clock.advance(54_900);
  assert.equal(client.state, 'ready');
  await clock.advance(200);
  assert.notEqual(client.state, 'ready');
  await clock.next();
  await hearth.call('signal', 'SIGCONT');
  await inState(client, 'ready');
  await until('it is in again', () => client.room('tea').state === 'in');
});

test('out of descriptors: those that find no place come in once there is one', async (s) => {
  const hearth = await s.link.start('hearth', { descriptors: 80, flags: ['--threads', '1'] }, s.after);
  const clients = Array.from({ length: 60 }, () => {
    const client = new s.HearthClient(hearth.url, { WebSocket: s.WebSocket, backoff: { min: 20, max: 100 } });
    s.after(() => client.close());
    client.connect();
    return client;
  });
  const isReady = (client) => client.state === 'ready';
  await until('some are in', () => clients.filter(isReady).length >= 20);
  const first = clients.filter(isReady);
  const rest = clients.filter((client) => !first.includes(client));
  assert.ok(rest.length > 10, `${rest.length} wait`);
  first.forEach((client) => client.close());
  await until('the others are in as far as there is room', () => rest.filter(isReady).length >= 20);
});

test('a frozen network is found out after a wake within 10 s, without one within 55 s', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const cut = await s.link.start('cut', { port: hearth.port }, s.after);
  for (const wake of [true, false]) {
    const { client, clock } = makeClient(s, cut.url);
    await client.connect();
    await cut.call('freeze', true);
    if (wake) await clock.sleep(30_000);
    await clock.advance(wake ? 9999 : 54_900);
    assert.equal(client.state, 'ready');
    await clock.advance(200);
    assert.notEqual(client.state, 'ready');
    client.close();
    await cut.call('freeze', false);
  }
});

test('resets, delays and single bytes', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const cut = await s.link.start('cut', { port: hearth.port }, s.after);
  const client = await real(s, cut.url);
  let losses = 0;
  client.connection.on('waiting', () => { losses += 1; });
  const heard = await hears(client);
  await client.room('tea').join();
  await cut.call('halve', true);
  await client.room('tea').publish('news', 'in single bytes');
  await cut.call('halve', false);
  await cut.call('delay', 30);
  await client.room('tea').publish('news', 'late');
  await cut.call('delay', 0);
  await cut.call('reset');
  await until('it has noticed', () => losses > 0);
  await inState(client, 'ready');
  await until('it is in again', () => client.room('tea').state === 'in');
  await client.room('tea').publish('news', 'after the reset');
  await until('all came', () => heard.length === 3);
  assert.deepEqual(heard, ['in single bytes', 'late', 'after the reset']);
});

test('a thousand publications keep their order', async (s) => {
  const hearth = await s.link.start('hearth', {}, s.after);
  const client = await real(s, hearth.url);
  const heard = await hears(client, 'n');
  await client.room('order').join();
  await Promise.all(Array.from({ length: 1000 }, (_, n) => client.room('order').publish('n', n)));
  await until('all came', () => heard.length === 1000);
  assert.ok(heard.every((n, at) => n === at));
});
