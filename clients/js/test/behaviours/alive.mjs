/** Heartbeats, dead peers, sleep, and what pages and networks do. */
import assert from 'node:assert/strict';
import { turn } from '../clock.mjs';
import { test } from '../runner.mjs';
import { exchanged, inState, makeClient, ready, until } from './support.mjs';

/** Where there is no page there are no such events; a stand-in hears them. */
function page(after) {
  if (!globalThis.addEventListener) {
    const target = new EventTarget();
    for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) globalThis[name] = target[name].bind(target);
    after(() => ['addEventListener', 'removeEventListener', 'dispatchEvent'].forEach((name) => delete globalThis[name]));
  }
  return (type, more = {}) => globalThis.dispatchEvent(Object.assign(new Event(type), more));
}

test('a heartbeat is sent 25 s after the last message', async (s) => {
  const sent = [];
  const { wrong, client, clock } = await ready(s, {
    trace: (direction, text) => {
      const { event } = JSON.parse(text);
      if (direction === 'out' && !event.startsWith('exchange')) sent.push(event);
    },
  });
  await clock.advance(20_000);
  client.send('x');
  await clock.advance(24_999);
  assert.deepEqual(sent, ['authenticate', 'x']);
  await clock.advance(1);
  const { id } = await wrong.got('heartbeat');
  assert.equal(typeof id, 'string');
  await exchanged(wrong, client);
  await clock.advance(25_000);
  await wrong.got('heartbeat', 2);
  assert.deepEqual(sent, ['authenticate', 'x', 'heartbeat', 'heartbeat']);
});

test('the heartbeat can be set', async (s) => {
  const { wrong, clock } = await ready(s, { heartbeat: 5000 });
  await clock.advance(5000);
  await wrong.got('heartbeat');
});

test('silence for 45 s and 10 s more after a heartbeat means dead: 55 s in all', async (s) => {
  const { wrong, client, clock, told } = await ready(s, { script: { requests: false } });
  await clock.advance(45_000);
  await wrong.got('heartbeat', 2);
  await clock.advance(9999);
  assert.equal(client.state, 'ready');
  await clock.advance(1);
  assert.equal(client.state, 'waiting');
  assert.match(told('waiting')[0].cause.message, /no answer within 10000 ms/);
});

test('whatever comes is a sign of life', async (s) => {
  const { wrong, client, clock } = await ready(s, { script: { requests: false } });
  let heard = 0;
  client.on('x', () => { heard += 1; });
  for (let n = 1; n <= 5; n += 1) {
    await clock.advance(50_000);
    await wrong.send({ event: 'x' });
    await until('it is heard', () => heard === n);
  }
  assert.equal(client.state, 'ready');
});

test('a server that answers heartbeats is never taken for dead, however long it takes for something else', async (s) => {
  const { wrong, client, clock, sockets } = await ready(s);
  const slow = client.request('slow', undefined, { timeout: 3_600_000 });
  for (let n = 1; n <= 20; n += 1) {
    await clock.advance(25_000);
    await wrong.got('heartbeat', n);
    await exchanged(wrong, client);
  }
  assert.equal(client.state, 'ready');
  assert.equal(sockets(), 1);
  await wrong.answer(await wrong.got('slow'), 'at last');
  assert.equal(await slow, 'at last');
});

test('woken once a minute, as hidden pages are, it stays connected', async (s) => {
  const { wrong, client, clock, sockets, told } = await ready(s);
  for (let minute = 1; minute <= 10; minute += 1) {
    const before = wrong.of('heartbeat').length;
    await clock.sleep(60_000);
    await until('a heartbeat came', () => wrong.of('heartbeat').length > before);
    await exchanged(wrong, client);
  }
  assert.equal(client.state, 'ready');
  assert.equal(sockets(), 1);
  assert.equal(told('waiting').length, 0);
});

test('a timer that fires too late says that this side slept: nothing is judged, a heartbeat is sent', async (s) => {
  const { wrong, client, clock, told } = await ready(s);
  const pending = client.request('slow');
  await wrong.got('slow');
  await clock.sleep(3_600_000);
  assert.equal(client.state, 'ready');
  assert.ok(told('late')[0] > 3_000_000);
  await wrong.got('heartbeat');
  await wrong.answer(await wrong.got('slow'), 'still here');
  assert.equal(await pending, 'still here');
});

test('after a sleep a dead connection is found within 10 s', async (s) => {
  const { wrong, client, clock } = await ready(s, { script: { requests: false } });
  await clock.sleep(3_600_000);
  await wrong.got('heartbeat');
  await clock.advance(9999);
  assert.equal(client.state, 'ready');
  await clock.advance(1);
  assert.equal(client.state, 'waiting');
});

test('timers that are always late, as in hidden pages, judge the second time', async (s) => {
  const { wrong, client, clock } = await ready(s, { script: { requests: false } });
  for (let minute = 0; minute < 4 && client.state === 'ready'; minute += 1) await clock.sleep(60_000);
  await wrong.got('heartbeat');
  assert.notEqual(client.state, 'ready');
});

for (const type of ['online', 'pageshow']) {
  test(`${type} in waiting connects now, once a second at most`, async (s) => {
    const fire = page(s.after);
    let attempts = 0;
    const { client, clock } = makeClient(s, () => {
      attempts += 1;
      throw new Error('no');
    }, { backoff: { min: 60_000, max: 60_000 } });
    client.connect();
    await inState(client, 'waiting');
    for (let n = 0; n < 3; n += 1) {
      fire(type, { persisted: true });
      await inState(client, 'waiting');
    }
    assert.equal(attempts, 2);
    await clock.advance(1000);
    fire(type, { persisted: true });
    await inState(client, 'waiting');
    assert.equal(attempts, 3);
  });

  test(`${type} in ready sends a heartbeat that has to be answered`, async (s) => {
    const fire = page(s.after);
    const { wrong, client, clock } = await ready(s, { script: { requests: false } });
    await clock.advance(1000);
    fire(type, { persisted: true });
    await wrong.got('heartbeat');
    await clock.advance(9999);
    assert.equal(client.state, 'ready');
    await clock.advance(1);
    assert.equal(client.state, 'waiting');
  });
}

for (const type of ['visibilitychange', 'resume']) {
  test(`${type} of the document sends a heartbeat that has to be answered`, { only: ({ browser }) => browser }, async (s) => {
    const { wrong, client, clock } = await ready(s, { script: { requests: false } });
    assert.equal(document.visibilityState, 'visible');
    // As it comes: to the document, and to nobody after it.
    document.dispatchEvent(new Event(type));
    await wrong.got('heartbeat');
    await clock.advance(10_000);
    assert.equal(client.state, 'waiting');
  });
}

test('a pageshow that is no return means nothing', async (s) => {
  const fire = page(s.after);
  const { wrong, client } = await ready(s);
  fire('pageshow', { persisted: false });
  fire('pagehide', { persisted: false });
  await exchanged(wrong, client);
  assert.equal(wrong.of('heartbeat').length, 0);
});

test('offline draws no conclusion but sends a heartbeat', async (s) => {
  const fire = page(s.after);
  const { wrong, client, clock } = await ready(s);
  fire('offline');
  await wrong.got('heartbeat');
  await exchanged(wrong, client);
  await clock.advance(10_000);
  assert.equal(client.state, 'ready');
});

test('nothing wakes a client that is idle or closed, and nothing listens for it', async (s) => {
  const fire = page(s.after);
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client, sockets } = makeClient(s, wrong.url);
  fire('online');
  assert.equal(client.state, 'idle');
  await client.connect();
  client.close();
  for (const type of ['online', 'offline', 'pageshow', 'pagehide']) fire(type, { persisted: true });
  await turn();
  assert.equal(client.state, 'closed');
  assert.equal(sockets(), 1);
});

test('a page that is put away closes, waits without a timer, and connects when it is shown again', async (s) => {
  const fire = page(s.after);
  const { wrong, client, clock, told } = await ready(s);
  fire('pagehide', { persisted: true });
  assert.equal(client.state, 'waiting');
  assert.equal(told('waiting')[0].delay, Infinity);
  assert.equal(clock.running, 0);
  await until('the server was told', () => wrong.seen.some(({ type, code }) => type === 'close' && code === 1000));
  fire('pageshow', { persisted: true });
  await inState(client, 'ready');
  await wrong.cut();
  await inState(client, 'waiting');
  fire('pagehide', { persisted: true });
  assert.equal(clock.running, 0);
  fire('pageshow', { persisted: true });
  await inState(client, 'ready');
});

test('the server\'s hint: nothing more is sent, the connection is left on time, another is opened', async (s) => {
  const { wrong, client, clock, notes, sockets } = await ready(s);
  await wrong.send({ event: 'reconnect', data: { afterMs: 1312 } });
  await until('it is taken', () => clock.due.includes(1312));
  assert.equal(client.send('x'), false);
  const later = client.request('later');
  await clock.advance(1311);
  assert.equal(client.state, 'ready');
  await clock.advance(1);
  await inState(client, 'ready');
  const { connection } = await wrong.got('later');
  await wrong.answer(wrong.of('later')[0], 'done');
  assert.equal(await later, 'done');
  assert.deepEqual([connection, wrong.of('later').length, sockets()], [2, 1, 2]);
  await until('it was closed', () => wrong.seen.some(({ type, code }) => type === 'close' && code === 1000));
  assert.equal(notes.filter(([name]) => name === 'waiting').length, 1);
});

test('requests under way hold up leaving, for 4 s at most', async (s) => {
  const { wrong, client, clock, sockets } = await ready(s);
  const one = client.request('one');
  await wrong.got('one');
  await wrong.send({ event: 'reconnect', data: { afterMs: 0 } });
  await until('it is taken', () => !client.send('x'));
  await clock.advance(1000);
  assert.equal(sockets(), 1);
  await wrong.answer(await wrong.got('one'), 1);
  assert.equal(await one, 1);
  await clock.advance(100);
  await until('it has left', () => sockets() === 2);
  await inState(client, 'ready');
  const two = assert.rejects(client.request('two'), { kind: 'lost', sent: true });
  await wrong.got('two');
  await wrong.send({ event: 'reconnect', data: {} });
  await until('it is taken', () => !client.send('x'));
  await clock.advance(4050);
  await two;
});

test('a server that closes before the time of its hint does not bring all back at once', async (s) => {
  const { wrong, client, clock, told } = await ready(s);
  await wrong.send({ event: 'reconnect', data: { afterMs: 2000 } });
  await until('it is taken', () => !client.send('x'));
  await clock.advance(500);
  await wrong.close(1001, 'Server shutting down');
  await inState(client, 'waiting');
  assert.equal(told('waiting')[0].delay, 1500);
});
