/** Rooms: wanted, joined, refused, left, and joined again. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { afterTimers, exchanged, inState, makeClient, ready, until } from './support.mjs';

const again = async ({ wrong, client, clock }) => {
  await wrong.cut();
  await inState(client, 'waiting');
  await clock.next();
  await inState(client, 'ready');
};

test('the same name gives the same room', async (s) => {
  const { client } = makeClient(s, 'ws://127.0.0.1:1/');
  assert.equal(client.room('tea'), client.room('tea'));
  assert.notEqual(client.room('tea'), client.room('coffee'));
});

test('join resolves with the server\'s word', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea');
  const seen = [];
  tea.membership.on('in', (result) => seen.push(result));
  const promise = tea.join();
  assert.equal(tea.state, 'joining');
  assert.deepEqual(await promise, { recovered: null, reason: undefined, confirmed: true });
  assert.equal(tea.state, 'in');
  assert.equal(tea.position, null);
  assert.equal(seen.length, 1);
  assert.deepEqual((await wrong.got('join')).data, { rooms: ['tea'], since: { tea: null } });
  await tea.join();
  await exchanged(wrong, client);
  assert.equal(wrong.of('join').length, 1);
});

test('what is wanted in one turn is asked for in one message', async (s) => {
  const { wrong, client } = await ready(s);
  await Promise.all(['a', 'b', 'c'].map((name) => client.room(name).join()));
  await exchanged(wrong, client);
  assert.deepEqual(wrong.of('join').map(({ data }) => data.rooms), [['a', 'b', 'c']]);
  await Promise.all(['a', 'b'].map((name) => client.room(name).leave()));
  await exchanged(wrong, client);
  assert.deepEqual(wrong.of('leave').map(({ data }) => data.rooms), [['a', 'b']]);
  assert.deepEqual(['a', 'b', 'c'].map((name) => client.room(name).state), ['out', 'out', 'in']);
});

test('rooms are joined again after every ready, and only those', async (s) => {
  const stage = await ready(s);
  const { wrong, client, told } = stage;
  await Promise.all(['a', 'b', 'c'].map((name) => client.room(name).join()));
  await client.room('b').leave();
  const seen = [];
  client.room('a').membership.on('out', () => seen.push('out'));
  client.room('a').membership.on('in', () => seen.push('in'));
  await again(stage);
  await until('they are in again', () => client.room('a').state === 'in');
  await exchanged(wrong, client);
  assert.deepEqual(wrong.of('join').map(({ data }) => data.rooms), [['a', 'b', 'c'], ['a', 'c']]);
  assert.deepEqual(seen, ['out', 'in']);
  await until('it is told', () => told('ready').length === 2);
  assert.equal(told('ready')[1].resumed, false);
});

test('many rooms are joined in messages of at most 64 KiB', async (s) => {
  const { wrong, client } = await ready(s);
  const names = Array.from({ length: 1000 }, (_, n) => `${n}${'x'.repeat(200)}`);
  await Promise.all(names.map((name) => client.room(name).join()));
  await exchanged(wrong, client);
  const joins = wrong.of('join');
  assert.ok(joins.length > 5 && joins.length < 20, `${joins.length}`);
  assert.ok(joins.every(({ text }) => text.length <= 65_536));
  assert.deepEqual(joins.flatMap(({ data }) => data.rooms), names);
});

test('joins come before what is sent after them, so that a publication finds its room', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea');
  tea.join();
  await tea.publish('x', 1, { echo: false, key: 'k' });
  client.room('coffee').join();
  client.send('plain');
  await wrong.got('plain');
  assert.deepEqual(wrong.seen.filter(({ type, event }) => type === 'message' && event !== 'authenticate').map(({ event }) => event),
    ['join', 'publish', 'join', 'plain']);
  assert.deepEqual(wrong.of('publish')[0].data, { room: 'tea', event: 'x', data: 1, echo: false, key: 'k' });
});

test('before there is a connection, joins and publications wait, joins first', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client } = makeClient(s, wrong.url);
  const published = client.room('tea').publish('x');
  const joined = client.room('tea').join();
  await client.connect();
  await Promise.all([published, joined]);
  await wrong.noted();
  assert.deepEqual(wrong.seen.filter(({ type }) => type === 'message').map(({ event }) => event), ['authenticate', 'join', 'publish']);
});

test('a refusal leaves the others alone', async (s) => {
  const stage = await ready(s, { script: { requests: false } });
  const { wrong, client } = stage;
  const [good, bad, worse] = ['good', 'bad', 'worse'].map((name) => client.room(name));
  const refused = [];
  bad.membership.on('refused', (error) => refused.push(error));
  const joined = good.join();
  const rejected = [
    assert.rejects(bad.join(), { kind: 'refused', code: 200, rooms: ['bad'], retryable: false }),
    assert.rejects(worse.join(), { kind: 'refused', code: 203 }),
  ];
  await wrong.answer(await wrong.got('join'),
    { message: 'Room refused', code: 200, rooms: ['bad', 'worse'], codes: [200, 203] }, 'error');
  await Promise.all([joined, ...rejected]);
  assert.deepEqual([good.state, bad.state, worse.state], ['in', 'refused', 'refused']);
  assert.equal(refused.length, 1);
  await exchanged(wrong, client);
  assert.equal(wrong.of('join').length, 1);
  await again(stage);
  assert.deepEqual((await wrong.got('join', 2)).data.rooms, ['good', 'bad', 'worse']);
});

test('a refused room can be asked for again by hand', async (s) => {
  const { wrong, client } = await ready(s, { script: { requests: false } });
  const room = client.room('r');
  const first = assert.rejects(room.join(), { kind: 'refused' });
  await wrong.answer(await wrong.got('join'), { message: 'no', code: 200, rooms: ['r'] }, 'error');
  await first;
  const second = room.join();
  await wrong.answer(await wrong.got('join', 2), { rooms: ['r'] });
  assert.equal((await second).confirmed, true);
});

for (const code of [201, 205]) {
  test(`what could not be decided (${code}) is asked for again with back-off while connected`, async (s) => {
    const { wrong, client, clock } = await ready(s, { script: { requests: false } });
    const room = client.room('r');
    const rejected = assert.rejects(room.join(), { kind: 'unavailable', code, retryable: true });
    for (let n = 1; n < 4; n += 1) {
      await wrong.answer(await wrong.got('join', n), { message: 'down', code, rooms: ['r'] }, 'error');
      await until('it will ask again', () => clock.due.some((ms) => ms === 500 * 2 ** (n - 1)));
      assert.equal(room.state, 'joining');
      await clock.advance(500 * 2 ** (n - 1));
    }
    await rejected;
    await wrong.answer(await wrong.got('join', 4), { rooms: ['r'] });
    await until('it is in', () => room.state === 'in');
  });
}

test('a join under way when the connection breaks is resolved by the next one', async (s) => {
  const stage = await ready(s, { script: { requests: false } });
  const { wrong, client } = stage;
  const joined = client.room('tea').join();
  await wrong.got('join');
  await wrong.call('set', { requests: true });
  await again(stage);
  assert.equal((await joined).confirmed, true);
});

test('a join that takes too long rejects, and goes on', async (s) => {
  const { wrong, client, clock } = await ready(s, { script: { requests: false } });
  const tea = client.room('tea');
  const rejected = assert.rejects(tea.join(), { kind: 'timeout' });
  const join = await wrong.got('join');
  await clock.advance(10_000);
  await rejected;
  assert.equal(tea.state, 'joining');
  await wrong.answer(join, { rooms: ['tea'] });
  await until('it is in', () => tea.state === 'in');
});

test('a join that is aborted is not wanted any more', async (s) => {
  const { wrong, client } = await ready(s, { script: { requests: false } });
  const tea = client.room('tea');
  const control = new AbortController();
  const rejected = assert.rejects(tea.join({ signal: control.signal }), { name: 'AbortError' });
  await wrong.got('join');
  control.abort();
  await rejected;
  await wrong.answer(await wrong.got('leave'), { rooms: ['tea'] });
  await until('it is out', () => tea.state === 'out');
  const early = client.room('early');
  await assert.rejects(early.join({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.equal(early.state, 'out');
});

test('join, leave and join again in one turn is one join', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea');
  const first = assert.rejects(tea.join(), { kind: 'closed' });
  await tea.leave();
  await Promise.all([first, tea.join()]);
  await exchanged(wrong, client);
  assert.equal(wrong.of('join').length, 1);
  assert.equal(wrong.of('leave').length, 0);
});

test('the last word counts, whatever answers are under way', async (s) => {
  const { wrong, client } = await ready(s, { script: { requests: false } });
  const tea = client.room('tea');
  tea.join();
  const join = await wrong.got('join');
  const left = tea.leave();
  const leave = await wrong.got('leave');
  const joined = tea.join();
  const rejoin = await wrong.got('join', 2);
  await wrong.answer(join, { rooms: ['tea'] });
  await wrong.answer(leave, { rooms: ['tea'] });
  await exchanged(wrong, client);
  assert.equal(tea.state, 'joining');
  await wrong.answer(rejoin, { rooms: ['tea'] });
  await joined;
  await left;
  assert.equal(tea.state, 'in');
});

test('join right after leave is a new join, and resolves with its answer', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea');
  await tea.join();
  const seen = [];
  for (const event of ['in', 'out']) tea.membership.on(event, () => seen.push(event));
  const left = tea.leave();
  await Promise.resolve();
  const joined = tea.join();
  await Promise.all([left, joined]);
  await exchanged(wrong, client);
  assert.equal(tea.state, 'in');
  assert.deepEqual([wrong.of('join').length, wrong.of('leave').length], [2, 1]);
  assert.deepEqual(seen, ['out', 'in']);
});

test('a room left while there is no connection is simply not joined again', async (s) => {
  const stage = await ready(s);
  const { wrong, client, clock } = stage;
  const tea = client.room('tea');
  await tea.join();
  await wrong.cut();
  await inState(client, 'waiting');
  await tea.leave();
  assert.equal(tea.state, 'out');
  await clock.next();
  await inState(client, 'ready');
  await exchanged(wrong, client);
  assert.equal(wrong.of('join').length, 1);
  assert.equal(wrong.of('leave').length, 0);
});

test('a leave under way when the connection breaks is done with it', async (s) => {
  const stage = await ready(s);
  const { wrong, client } = stage;
  const tea = client.room('tea');
  await tea.join();
  await wrong.call('set', { requests: false });
  const left = tea.leave();
  await wrong.got('leave');
  await again(stage);
  await left;
  assert.equal(tea.state, 'out');
  await exchanged(wrong, client);
  assert.deepEqual([wrong.of('join').length, wrong.of('leave').length], [1, 1]);
});

test('holds are counted, and who lets go and holds again at once has not left', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea');
  const first = tea.hold();
  await until('it is in', () => tea.state === 'in');
  first();
  const second = tea.hold();
  const third = tea.hold();
  await afterTimers();
  await exchanged(wrong, client);
  assert.equal(wrong.of('leave').length, 0);
  second();
  second();
  await afterTimers();
  await exchanged(wrong, client);
  assert.equal(tea.state, 'in');
  third();
  await until('it is out', () => tea.state === 'out');
  await exchanged(wrong, client);
  assert.equal(wrong.of('leave').length, 1);
  assert.equal(wrong.of('join').length, 1);
});

test('messages that name their room reach the room, and the client too', async (s) => {
  const { wrong, client } = await ready(s);
  const heard = [];
  client.on('news', (data, { room }) => heard.push(`client ${room} ${data}`));
  client.room('tea').on('news', (data, { from }) => heard.push(`tea ${from?.userId} ${data}`));
  client.room('tea').on('*', (data) => heard.push(`tea * ${data}`));
  client.room('coffee').on('news', () => heard.push('coffee'));
  await wrong.send({ event: 'news', data: 1, from: { id: 'x', userId: 'ann' }, room: 'tea' });
  await wrong.send({ event: 'news', data: 2 });
  await wrong.send({ event: 'news', data: 3, room: '__proto__' });
  await until('3 is heard', () => heard.includes('client __proto__ 3'));
  assert.deepEqual(heard, ['client tea 1', 'tea ann 1', 'tea * 1', 'client undefined 2', 'client __proto__ 3']);
});

test('names of every kind', async (s) => {
  const { wrong, client } = await ready(s);
  const names = ['__proto__', 'constructor', 'hasOwnProperty', '', ' ', '💬', 'a"b', '\u0000'];
  await Promise.all(names.map((name) => client.room(name).join()));
  const { data } = await wrong.got('join');
  assert.deepEqual(data.rooms, names);
  assert.deepEqual(Object.keys(data.since).sort(), [...names].sort());
});

test('closed and connected again, the rooms that are wanted are joined', async (s) => {
  const { wrong, client } = await ready(s);
  await client.room('tea').join();
  client.close();
  assert.equal(client.room('tea').state, 'rejoining');
  await client.connect();
  await until('it is in', () => client.room('tea').state === 'in');
  await exchanged(wrong, client);
  assert.equal(wrong.of('join').length, 2);
});

test('presence: a snapshot, then what changes, and a snapshot again after a jump', async (s) => {
  const { wrong, client } = await ready(s);
  const tea = client.room('tea', { presence: true });
  const seen = [];
  tea.presence.on('change', (presence) => seen.push(presence));
  await tea.join();
  assert.deepEqual((await wrong.got('join')).data, { rooms: ['tea'], since: { tea: null }, presence: ['tea'] });
  const ann = { id: 'a', userId: 'ann', info: {} };
  const ben = { id: 'b', userId: 'ben' };
  const tell = (data) => wrong.send({ event: 'presence', data: { room: 'tea', ...data } });
  await tell({ version: 7, clients: 1, users: 1, members: [ann] });
  await tell({ version: 8, clients: 1, users: 1, joined: [ben], left: ['a'] });
  await until('both came', () => seen.length === 2);
  assert.deepEqual(seen.map(({ members }) => members), [[ann], [ben]]);
  assert.deepEqual(seen[1].left, ['a']);
  await tell({ version: 10, clients: 1, users: 1, left: ['b'] });
  const asked = await wrong.got('presence');
  assert.deepEqual(asked.data, { room: 'tea' });
  await wrong.answer(asked, { room: 'tea', version: 11, clients: 2, users: 2, members: [ann, ben], stale: true }, 'presence');
  await until('it came', () => seen.length === 3);
  assert.deepEqual(seen[2], { clients: 2, users: 2, members: [ann, ben], joined: [], left: [], stale: true });
  await tell({ version: 12, clients: 100_000, users: 98_123 });
  await until('it came', () => seen.length === 4);
  assert.equal(seen[3].members, null);
  assert.equal(seen[3].clients, 100_000);
});

test('a room without presence is joined all the same', async (s) => {
  const { wrong, client } = await ready(s, { script: { requests: false } });
  const joined = client.room('tea', { presence: true }).join();
  await wrong.answer(await wrong.got('join'), { message: 'No presence in the room', code: 207, rooms: ['tea'], joined: ['tea'] }, 'error');
  assert.equal((await joined).confirmed, true);
});
