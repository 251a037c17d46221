/** Ignis: which answers nothing, and never names a room. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { inState, makeClient, until } from './support.mjs';

async function onIgnis(s, options) {
  const wrong = await s.link.start('wrong', { script: { connect: 'ignis', requests: false } }, s.after);
  const made = makeClient(s, wrong.url, options);
  return { wrong, ...made };
}

test('no ack within a second of connected means Ignis, which is remembered', async (s) => {
  const { client, clock } = await onIgnis(s);
  client.connect();
  await until('it waits for the ack', () => clock.due.includes(1000));
  await clock.advance(999);
  assert.equal(client.state, 'authenticating');
  await clock.advance(1);
  assert.equal(client.state, 'ready');
  assert.equal(client.server, 'ignis');
  client.reconnect();
  await clock.next();
  await inState(client, 'ready');
});

test('it need not be found out', async (s) => {
  const { client } = await onIgnis(s, { server: 'ignis' });
  await client.connect();
  assert.equal(client.server, 'ignis');
});

test('an ack that was late after all says that it is Hearth', async (s) => {
  const { wrong, client } = await onIgnis(s, { server: 'ignis' });
  await client.connect();
  await wrong.answer(await wrong.got('authenticate'), { rooms: [] });
  await until('it is known', () => client.server === 'hearth');
});

test('joins are resolved when they are sent; publications are events for the application', async (s) => {
  const { wrong, client } = await onIgnis(s, { server: 'ignis' });
  await client.connect();
  const tea = client.room('tea');
  assert.deepEqual(await tea.join(), { recovered: null, reason: undefined, confirmed: false });
  await tea.publish('x', 1);
  assert.deepEqual((await wrong.got('publish')).data, { room: 'tea', event: 'x', data: 1 });
  await tea.leave();
  assert.equal(tea.state, 'out');
  await wrong.got('leave');
});

test('a server that answers no heartbeats is not taken for dead, but is not believed after a long sleep', async (s) => {
  const { wrong, client, clock } = await onIgnis(s, { server: 'ignis' });
  await client.connect();
  await clock.advance(200_000);
  await wrong.got('heartbeat', 8);
  assert.equal(client.state, 'ready');
  if (!globalThis.dispatchEvent) return;
  globalThis.dispatchEvent(new Event('online'));
  assert.equal(client.state, 'waiting');
});

test('the real Ignis: messages of the application both ways, rooms, and coming back', { patience: 40_000 }, async (s) => {
  const ignis = await s.link.start('ignis', {}, s.after);
  const make = (userId) => {
    const client = new s.HearthClient(ignis.url, { WebSocket: s.WebSocket, auth: { userId }, backoff: { min: 20, max: 100 } });
    s.after(() => client.close());
    return client;
  };
  const [ann, ben] = [make('ann'), make('ben')];
  const heard = [];
  ann.on('echo', (data) => heard.push(data));
  ben.on('said', (data) => heard.push(data));
  await Promise.all([ann.connect(), ben.connect()]);
  assert.deepEqual([ann.server, ann.userId], ['ignis', 'ann']);
  assert.equal((await ben.room('tea').join()).confirmed, false);
  ann.send('echo', 'hello');
  await until('it came back', () => heard.includes('hello'));
  // Nothing says when the join is done.
  await until('the room hears it', async () => {
    ann.send('say', { destination: 'tea', data: 'to the room' });
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    return heard.includes('to the room');
  });
  ben.reconnect();
  await inState(ben, 'waiting');
  await inState(ben, 'ready');
  heard.length = 0;
  await until('the room hears it again', async () => {
    ann.send('say', { destination: 'tea', data: 'again' });
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    return heard.includes('again');
  });
});

test('the real Ignis with encryption', { patience: 40_000 }, async (s) => {
  const ignis = await s.link.start('ignis', { flags: ['--require-encryption'] }, s.after);
  const client = new s.HearthClient(ignis.url, { WebSocket: s.WebSocket, auth: { userId: 'ann' }, encryption: s.encryption() });
  s.after(() => client.close());
  await client.connect();
  client.send('echo', 'hello');
  assert.equal(client.server, 'ignis');
});
