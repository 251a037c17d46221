/** A crowd that lost the same server does not come back as one. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { FakeClock } from '../clock.mjs';
import { inState, until } from './support.mjs';

// No page holds a crowd: browsers allow 255 connections to one host.
const kCrowd = ({ browser }) => !browser;

/** How evenly times are spread over so many ms: chi-square over 20 parts, 19 degrees of freedom. */
function unevenness(times, span) {
  const parts = Array(20).fill(0);
  for (const time of times) parts[Math.min(Math.floor((time / span) * 20), 19)] += 1;
  const expected = times.length / 20;
  return parts.reduce((sum, part) => sum + (part - expected) ** 2 / expected, 0);
}

async function connectAll(clients) {
  for (let n = 0; n < clients.length; n += 50) await Promise.all(clients.slice(n, n + 50).map((client) => client.connect()));
}

// 60 is passed once in 200,000 runs by what is even.
const kEven = 60;

test('1,000 clients after a restart come back spread evenly over the first second, then over two', { only: kCrowd, patience: 180_000 }, async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const clock = new FakeClock();
  clock.Math = Math;
  const began = new Map();
  let away = false;
  const clients = Array.from({ length: 1000 }, (_, n) => {
    const client = new s.HearthClient(() => {
      began.get(n)?.push(clock.now());
      if (away) throw new Error('no server');
      return wrong.url;
    }, { WebSocket: s.WebSocket, clock });
    began.set(n, []);
    s.after(() => client.close());
    return client;
  });
  await connectAll(clients);
  for (const times of began.values()) times.length = 0;
  away = true;
  await wrong.call('away');
  await until('all have noticed', () => clients.every(({ state }) => state === 'waiting'));
  const start = clock.now();
  // The first attempt of all finds nobody; the second one is drawn from two seconds.
  await clock.advance(1000);
  const first = [...began.values()].map(([time]) => time - start);
  assert.equal(first.filter((time) => time >= 0 && time <= 1000).length, 1000);
  assert.ok(unevenness(first, 1000) < kEven, `chi-square ${unevenness(first, 1000)} of first attempts`);
  await clock.advance(2000);
  const pauses = [...began.values()].map(([one, two]) => two - one);
  assert.ok(pauses.every((pause) => pause >= 0 && pause <= 2000));
  assert.ok(unevenness(pauses, 2000) < kEven, `chi-square ${unevenness(pauses, 2000)} of second pauses`);
  away = false;
  await wrong.call('back');
  let turns = 0;
  while (!clients.every(({ state }) => state === 'ready')) {
    await clock.advance(200);
    await until('nobody is on the way', () => clients.every(({ state }) => state === 'waiting' || state === 'ready'));
    assert.ok((turns += 1) < 300);
  }
});

test('200 clients that a draining server asks to go do so when it says, and not together', { only: kCrowd, patience: 180_000 }, async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const clock = new FakeClock();
  const left = [];
  const clients = Array.from({ length: 200 }, () => {
    const client = new s.HearthClient(wrong.url, { WebSocket: s.WebSocket, clock });
    s.after(() => client.close());
    client.connection.on('state', (state, previous) => {
      if (previous === 'ready') left.push(clock.now());
    });
    return client;
  });
  await connectAll(clients);
  // As the server does it: each with a delay of its own.
  const asked = clients.map(() => Math.floor(Math.random() * 2000));
  const start = clock.now();
  await until('all connections are known', () => wrong.opened === 200);
  const numbers = wrong.seen.filter(({ type }) => type === 'open').map(({ connection }) => connection);
  await Promise.all(numbers.map((connection, n) => wrong.send({ event: 'reconnect', data: { afterMs: asked[n] } }, connection)));
  await until('all have taken it', () => clients.every((client) => !client.send('x')));
  await clock.advance(2000);
  await until('all are ready again', () => clients.every(({ state }) => state === 'ready'));
  const times = left.map((time) => time - start).sort((a, b) => a - b);
  const wanted = [...asked].sort((a, b) => a - b);
  assert.equal(times.length, 200);
  times.forEach((time, at) => assert.ok(Math.abs(time - wanted[at]) <= Math.max(wanted[at] * 0.1, 1), `${time} for ${wanted[at]}`));
  const pairs = (list) => list.filter((time, at) => at > 0 && time - list[at - 1] <= 5).length;
  assert.equal(pairs(times), pairs(wanted));
  await inState(clients[0], 'ready');
});
