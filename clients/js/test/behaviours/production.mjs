/** What a server in earnest does to its clients: it drains, tokens end, rooms remember. With the real server. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { inState, until } from './support.mjs';

const kAnonymous = `
  [auth]
  anonymous = true
  [server]
  drain_delay = "0s"
  drain_time = "200ms"
  [[rooms]]
  pattern = "**"
  join = "anyone"
  publish = "members"`;

/** A client in real time, with what it says and hears: {events, waits}. */
function real(s, url, options) {
  const notes = { events: [], waits: [] };
  const client = new s.HearthClient(url, {
    WebSocket: s.WebSocket, backoff: { min: 20, max: 100 },
    trace: (direction, text) => direction === 'in' && notes.events.push(JSON.parse(text).event), ...options,
  });
  client.connection.on('waiting', (wait) => notes.waits.push(wait));
  s.after(() => client.close());
  return { client, ...notes };
}

test('a server that drains asks its clients to go; they do, and are in their rooms elsewhere', async (s) => {
  const [old, next] = await Promise.all([1, 2].map(() => s.link.start('hearth', { config: kAnonymous }, s.after)));
  let { url } = old;
  const made = Array.from({ length: 10 }, () => real(s, () => url));
  for (const { client } of made) {
    await client.connect();
    await client.room('tea').join();
  }
  const heard = [];
  made[0].client.room('tea').on('news', (data) => heard.push(data));
  url = next.url;
  // Returns when the process has ended, which is when all have gone.
  await old.call('stop', 'SIGTERM');
  for (const { client, events, waits } of made) {
    await until('it is elsewhere', () => waits.length > 0 && client.state === 'ready' && client.room('tea').state === 'in');
    assert.ok(events.includes('reconnect'));
    assert.equal(waits.length, 1);
    assert.deepEqual([waits[0].delay, waits[0].cause.close], [0, { code: 1000, reason: 'as asked' }]);
  }
  await made[1].client.room('tea').publish('news', 'from the next');
  await until('it is heard', () => heard.length > 0);
  assert.deepEqual(heard, ['from the next']);
});

const kTokens = (grace) => `
  [[auth.jwt]]
  secret = "0123456789abcdef0123456789abcdef"
  algorithms = ["HS256"]
  [auth]
  expiry_grace = "${grace}"
  [[rooms]]
  pattern = "**"
  join = "users"
  publish = "members"`;

// One of many is soon among the first to be told; each has 10 s for it.
test('the server tells that a token ends; it is renewed on the connection', { only: ({ kind }) => kind === 'node20' }, async (s) => {
  const hearth = await s.link.start('hearth', { config: kTokens('10s') }, s.after);
  const token = await hearth.call('token', 'ann', '11s');
  const fresh = await hearth.call('token', 'ann', '1h');
  const made = Array.from({ length: 20 }, () => {
    const asked = [];
    return {
      asked,
      ...real(s, hearth.url, {
        auth: ({ reason }) => {
          asked.push(reason);
          return { token: reason === 'connect' ? token : fresh };
        },
      }),
    };
  });
  for (const { client } of made) await client.connect();
  const renewed = await until('one is renewed', () => made.find(({ events }) => events.indexOf('token_expiring') >= 0
    && events.indexOf('ack', events.indexOf('token_expiring')) >= 0));
  assert.deepEqual(renewed.asked, ['connect', 'expiring']);
  assert.deepEqual([renewed.client.state, renewed.client.userId, renewed.waits.length], ['ready', 'ann', 0]);
  await renewed.client.room('tea').join();
});

test('a token that ends closes with 4006, and another is asked for', { only: ({ kind }) => kind.startsWith('node20') }, async (s) => {
  const hearth = await s.link.start('hearth', { config: kTokens('0s') }, s.after);
  const [token, fresh] = [await hearth.call('token', 'ann', '1s'), await hearth.call('token', 'ann', '1h')];
  const asked = [];
  const { client } = real(s, hearth.url, {
    auth: ({ reason }) => {
      asked.push(reason);
      return { token: reason === 'connect' ? token : fresh };
    },
  });
  client.connect();
  await until('it is back with another', () => asked.includes('expired') && client.state === 'ready');
  assert.equal(client.userId, 'ann');
});

test('a room that remembers: what is said while the network is cut arrives, once and in order', { patience: 60_000 }, async (s) => {
  const server = await s.link.start('remembering', {}, s.after);
  const cut = await s.link.start('cut', { port: server.port }, s.after);
  const [reader, writer] = [real(s, cut.url), real(s, server.url)];
  const seen = [];
  const joins = [];
  const log = reader.client.room('log');
  log.on('n', (n, { replayed }) => seen.push([n, replayed === true]));
  log.membership.on('in', ({ recovered }) => joins.push(recovered));
  for (const { client } of [reader, writer]) {
    await client.connect();
    await client.room('log').join();
  }
  let count = 0;
  for (let round = 1; round <= 10; round += 1) {
    await cut.call('reset');
    await until('it has noticed', () => reader.waits.length >= round);
    for (let n = 0; n < 20; n += 1) {
      count += 1;
      await writer.client.room('log').publish('n', count);
    }
    await until('it is in again', () => joins.length > round);
  }
  await writer.client.room('log').publish('n', 'end');
  await until('the end came', () => seen.at(-1)?.[0] === 'end');
  assert.deepEqual(seen.map(([n]) => n), [...Array.from({ length: count }, (_, n) => n + 1), 'end']);
  assert.ok(seen.some(([, replayed]) => replayed));
  assert.deepEqual([...new Set(joins)], [null, true]);
  assert.equal(log.position.offset, count + 1);
  const { top, publications } = await log.history({ limit: 5 });
  assert.deepEqual([top, publications.length], [count + 1, 5]);
});

test('more than the room keeps is told, and so is a server that has forgotten', async (s) => {
  // Another thread may have to pass on what this one has long kept, and then nothing is missing.
  const server = await s.link.start('remembering', { size: 5, threads: 1 }, s.after);
  const another = await s.link.start('remembering', {}, s.after);
  let { url } = server;
  const [reader, writer] = [real(s, () => url), real(s, server.url)];
  const joins = [];
  const log = reader.client.room('log');
  log.membership.on('in', ({ recovered, reason }) => joins.push([recovered, reason]));
  for (const { client } of [reader, writer]) {
    await client.connect();
    await client.room('log').join();
  }
  await writer.client.room('log').publish('n', 0);
  await until('it came', () => log.position.offset === 1);
  reader.client.close();
  const heard = [];
  writer.client.on('n', (n) => heard.push(n));
  for (let n = 1; n <= 10; n += 1) await writer.client.room('log').publish('n', n);
  await until('they are passed on', () => heard.includes(10));
  await reader.client.connect();
  await until('it is in again', () => joins.length === 2);
  assert.equal(log.position.offset, 11);
  url = another.url;
  reader.client.reconnect();
  await until('it is in elsewhere', () => joins.length === 3);
  assert.deepEqual(joins, [[null, undefined], [false, 'trimmed'], [false, 'epoch']]);
});

// What the buffers on the way hold is soon past; a page would be long about it.
const kSlow = { only: ({ browser }) => !browser, patience: 60_000 };
for (const [name, reason] of [['log', 'trimmed'], ['ticker', 'slow']]) {
  test(`who reads ${name} too slowly is told of the gap (${reason}), and goes on after it`, kSlow, async (s) => {
    const server = await s.link.start('remembering', { size: 5 }, s.after);
    const cut = await s.link.start('cut', { port: server.port }, s.after);
    const [reader, writer] = [real(s, cut.url), real(s, server.url)];
    const room = reader.client.room(name);
    const seen = [];
    const gaps = [];
    room.on('n', ({ n }, { offset }) => seen.push([n, offset]));
    room.membership.on('gap', (gap) => gaps.push({ ...gap, position: room.position, seen: seen.length }));
    for (const { client } of [reader, writer]) {
      await client.connect();
      await client.room(name).join();
    }
    const publish = (n, filling = '') => writer.client.room(name).publish('n', { n, filling }, { echo: false });
    await publish(1);
    await until('it came', () => seen.length === 1);
    await cut.call('stall', true);
    const filling = 'x'.repeat(100_000);
    for (let n = 2; n <= 200; n += 1) await publish(n, filling);
    await cut.call('stall', false);
    await until('it is told', () => gaps.length > 0);
    await publish(201);
    await until('the last came', () => seen.at(-1)[0] === 201);
    const [{ epoch, offset, position, skipped, seen: before }] = gaps;
    assert.equal(gaps[0].reason, reason);
    assert.deepEqual(position, { epoch, offset });
    // What came before the gap is whole, and so is what comes after it.
    const numbers = (list) => list.map(([n]) => n);
    assert.deepEqual(numbers(seen.slice(0, before)), Array.from({ length: before }, (_, n) => n + 1));
    assert.deepEqual(numbers(seen.slice(before)), Array.from({ length: 201 - offset }, (_, n) => offset + 1 + n));
    assert.ok(seen.every(([n, at]) => n === at));
    if (reason === 'slow') assert.equal(skipped, offset - before);
    assert.deepEqual([room.state, reader.waits.length, room.position.offset], ['in', 0, 201]);
  });
}

test('a publication whose answer was cut off is sent again, and stands there once', async (s) => {
  const server = await s.link.start('remembering', {}, s.after);
  const cut = await s.link.start('cut', { port: server.port }, s.after);
  const [reader, writer] = [real(s, server.url), real(s, cut.url)];
  const seen = [];
  reader.client.on('n', (n) => seen.push(n));
  for (const { client } of [reader, writer]) {
    await client.connect();
    await client.room('log').join();
  }
  // It arrives, and its answer does not.
  await cut.call('mute', true);
  const published = writer.client.room('log').publish('n', 1);
  await until('it is in the log', () => seen.length === 1);
  await cut.call('reset');
  await cut.call('mute', false);
  await published;
  await writer.client.room('log').publish('n', 2);
  await until('the next came', () => seen.includes(2));
  assert.deepEqual(seen, [1, 2]);
});

test('who is in a room is told by the server, and who comes and goes', async (s) => {
  const server = await s.link.start('remembering', {}, s.after);
  const [ann, ben] = [1, 2].map(() => real(s, server.url).client);
  for (const client of [ann, ben]) await client.connect();
  const seen = [];
  const here = ann.room('here', { presence: true });
  here.presence.on('change', ({ members, left }) => seen.push({ ids: members.map(({ id }) => id).sort(), left }));
  await here.join();
  await until('it is in itself', () => seen.at(-1)?.ids.length === 1);
  assert.deepEqual(seen.at(-1).ids, [ann.id]);
  await ben.room('here').join();
  await until('the other has come', () => seen.at(-1).ids.length === 2);
  assert.deepEqual(seen.at(-1).ids, [ann.id, ben.id].sort());
  await ben.room('here').leave();
  await until('it has gone', () => seen.at(-1).ids.length === 1);
  assert.deepEqual(seen.at(-1), { ids: [ann.id], left: [ben.id] });
});
