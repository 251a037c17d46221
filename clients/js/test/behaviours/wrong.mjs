/** Servers that say what they should not. Nothing is thrown, nothing is left unhandled, one socket is open. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { exchanged, inState, makeClient, ready, until } from './support.mjs';

test('what is no envelope is an error of the connection, and nothing more', async (s) => {
  const { wrong, client, told } = await ready(s);
  const heard = [];
  client.on('*', (data, { event }) => heard.push(event));
  const bad = ['', 'no JSON', '{"event":', 'null', '5', '"text"', '[]', '[{"event":"x"}]', '{}', '{"data":1}', '{"event":5}',
    '{"event":null}', '\u0000', '{"event":"x","data":}'];
  for (const text of bad) await wrong.send(text);
  await wrong.send({ event: 'fine' });
  await until('the fine one came', () => heard.length > 0);
  assert.deepEqual(heard, ['fine']);
  assert.equal(told('error').length, bad.length);
  assert.ok(told('error').every(({ kind }) => kind === 'protocol'));
});

test('strange but legal envelopes are delivered', async (s) => {
  const { wrong, client } = await ready(s);
  const heard = [];
  client.on('*', (data, message) => heard.push([message.event, data, message.room, message.from]));
  const odd = [['', undefined], ['__proto__', 1], ['constructor', null], ['toString', []], ['gap', 7], ['presence', { room: 'x' }], ['history', {}]];
  for (const [event, data] of odd) await wrong.send({ event, data });
  await wrong.send({ event: 'odd', data: 1, room: 5, offset: 'x', from: 'me', id: 7, epoch: {} });
  await until('all came', () => heard.length === odd.length + 1);
  assert.deepEqual(heard.slice(0, odd.length).map(([event]) => event), odd.map(([event]) => event));
});

test('answers to nobody, twice, or of the wrong shape change nothing', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea');
  await tea.join();
  for (const id of ['999', 5, null, {}, '', '__proto__']) {
    await wrong.send({ event: 'ack', data: {}, id });
    await wrong.send({ event: 'error', data: null, id });
  }
  const answer = client.request('x');
  const request = await wrong.got('x');
  for (const data of ['first', 'second']) await wrong.answer(request, data);
  assert.equal(await answer, 'first');
  for (const data of [null, 5, [], { rooms: 5, positions: 5 }, { rooms: [5], codes: 'x', code: 'y' }]) {
    await wrong.call('set', { requests: false });
    for (const event of ['ack', 'error']) {
      const room = client.room(`${event}${JSON.stringify(data)}`);
      room.join().catch(() => {});
      const join = await until('the join came', () => wrong.of('join').find((one) => one.data.rooms.includes(room.name)));
      await wrong.answer(join, data, event);
    }
  }
  await exchanged(wrong, client);
  assert.equal(client.state, 'ready');
});

test('the server\'s own events with nonsense in them', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea', { presence: true });
  await tea.join();
  const nonsense = [null, 5, 'x', [], {}, { room: 'tea' }, { room: 'tea', epoch: 5, offset: 'x', reason: {} },
    { room: 'tea', version: 'x', joined: [], left: [] },
    { room: 'tea', members: 5 }, { room: 'tea', members: [null] }, { room: 'tea', version: 1, left: 5, joined: 5 }, { id: 5 }, { afterMs: -5 }];
  for (const event of ['connected', 'gap', 'presence', 'history', 'encrypted', 'ack', 'error', 'heartbeat', 'token_expiring']) {
    for (const data of nonsense) await wrong.send({ event, data });
  }
  await exchanged(wrong, client);
  assert.equal(client.state, 'ready');
  assert.equal(tea.position, null);
});

test('nonsense in hints leads to a reconnect and no more', async (s) => {
  for (const afterMs of [null, 'soon', -1, {}, 1e12]) {
    const { wrong, client, clock, sockets } = await ready(s);
    await wrong.send({ event: 'reconnect', data: { afterMs } });
    await until('it is taken', () => !client.send('x'));
    for (let timers = 0; timers < 10 && sockets() < 2; timers += 1) await clock.next();
    assert.equal(sockets(), 2);
    await inState(client, 'ready');
  }
});

test('a message of 1 MiB', async (s) => {
  const { wrong, client } = await ready(s);
  let length = 0;
  client.on('big', (data) => { length = data.length; });
  await wrong.send({ event: 'big', data: 'x'.repeat(1024 * 1024) });
  await until('it came', () => length === 1024 * 1024);
});

test('welcomes that are wrong', async (s) => {
  const wrong = await s.link.start('wrong', { script: { connect: 'none' } }, s.after);
  const { client, clock, told } = makeClient(s, wrong.url);
  client.connect();
  const { id } = await wrong.got('authenticate');
  await wrong.send({ event: 'ack', data: {}, id });
  await wrong.send({ event: 'connected' });
  await wrong.send('the end');
  await until('all is handled', () => told('error').length === 1);
  assert.equal(client.state, 'authenticating');
  await clock.advance(16_000);
  await inState(client, 'waiting');
});

test('a second connected is ignored', async (s) => {
  const { wrong, client } = await ready(s);
  const { id } = client;
  await wrong.send({ event: 'connected', data: { id: 'another' } });
  await exchanged(wrong, client);
  assert.equal(client.id, id);
});

for (const status of [503, 200, 404]) {
  test(`a server that answers upgrades with ${status} and HTML is tried again`, async (s) => {
    const http = await s.link.start('http', { status }, s.after);
    const { client, clock } = makeClient(s, http.url);
    client.connect();
    for (let n = 1; n < 4; n += 1) {
      await inState(client, 'waiting');
      await clock.next();
    }
    await until('it was asked', async () => (await http.call('count')) >= 3);
  });
}

test('a server that is not there is tried again until it is', async (s) => {
  const { wrong, client, clock } = await ready(s);
  await wrong.call('away');
  for (let n = 0; n < 3; n += 1) {
    await inState(client, 'waiting');
    await clock.next();
  }
  await inState(client, 'waiting');
  await wrong.call('back');
  await clock.next();
  await inState(client, 'ready');
});

test('an accept and drop again and again ends in long pauses', async (s) => {
  const { wrong, client, clock, told } = await ready(s);
  for (let n = 0; n < 6; n += 1) {
    await wrong.cut();
    await inState(client, 'waiting');
    await clock.next();
    await inState(client, 'ready');
  }
  assert.deepEqual(told('waiting').map(({ delay }) => delay), [500, 1000, 2000, 4000, 8000, 15_000]);
});
