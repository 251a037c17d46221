/** Rooms that remember: positions, replays, gaps, publications sent again. */
import assert from 'node:assert/strict';
import { turn } from '../clock.mjs';
import { test } from '../runner.mjs';
import { exchanged, inState, ready, until } from './support.mjs';

const kLog = { script: { log: 'log' } };
const again = async ({ wrong, client, clock }) => {
  await wrong.cut();
  await inState(client, 'waiting');
  await clock.next();
  await inState(client, 'ready');
};

test('the position comes with the join and moves after the handlers', async (s) => {
  const { wrong, client } = await ready(s, kLog);
  const log = client.room('log');
  const seen = [];
  log.on('n', (data, { offset, replayed }) => seen.push([data, offset, replayed, log.position.offset]));
  await log.join();
  assert.deepEqual(log.position, { epoch: 'k3fZ81Qa', offset: 0 });
  await wrong.call('numbered', 'log', 2, []);
  await until('both came', () => seen.length === 2);
  assert.deepEqual(seen, [[1, 1, undefined, 0], [2, 2, undefined, 1]]);
  assert.deepEqual(log.position, { epoch: 'k3fZ81Qa', offset: 2 });
});

test('what was missed is delivered in order, marked replayed, and ready says resumed', async (s) => {
  const stage = await ready(s, kLog);
  const { wrong, client, clock, told } = stage;
  const log = client.room('log');
  const seen = [];
  const results = [];
  log.on('n', (data, { replayed }) => seen.push(replayed ? `${data} replayed` : `${data}`));
  log.membership.on('in', ({ recovered }) => results.push(recovered));
  await log.join();
  await wrong.call('numbered', 'log', 2, []);
  await until('both came', () => seen.length === 2);
  await wrong.cut();
  await inState(client, 'waiting');
  await wrong.call('append', 'log', 'n', 3);
  await wrong.call('append', 'log', 'n', 4);
  await clock.next();
  await until('all came', () => seen.length === 4);
  await wrong.call('append', 'log', 'n', 5);
  await until('all came', () => seen.length === 5);
  assert.deepEqual(seen, ['1', '2', '3 replayed', '4 replayed', '5']);
  assert.deepEqual(results, [null, true]);
  assert.deepEqual((await wrong.got('join', 2)).data.since, { log: { epoch: 'k3fZ81Qa', offset: 2 } });
  assert.deepEqual(told('ready').map(({ resumed }) => resumed), [false, true]);
});

test('what is no longer kept is told, and live goes on', async (s) => {
  const stage = await ready(s, kLog);
  const { wrong, client, clock, told } = stage;
  const log = client.room('log');
  const results = [];
  log.membership.on('in', (result) => results.push(result));
  await Promise.all([log.join(), client.room('plain').join()]);
  await wrong.cut();
  await inState(client, 'waiting');
  for (let n = 1; n < 5; n += 1) await wrong.call('append', 'log', 'n', n, 2);
  await clock.next();
  await until('it is in again', () => results.length === 2);
  assert.deepEqual(results[1], { recovered: false, reason: 'trimmed', confirmed: true });
  assert.deepEqual(log.position, { epoch: 'k3fZ81Qa', offset: 4 });
  await until('ready is told', () => told('ready').length === 2);
  assert.equal(told('ready')[1].resumed, false);
});

test('a room that is not to be recovered is joined by its name alone', async (s) => {
  const stage = await ready(s, kLog);
  const { wrong, client } = stage;
  await client.room('log', { recover: false }).join();
  assert.deepEqual((await wrong.got('join')).data, { rooms: ['log'] });
});

test('since: a position of the application\'s own, or the last so many', async (s) => {
  const { wrong, client } = await ready(s, kLog);
  await wrong.call('numbered', 'log1', 5, []);
  const seen = [];
  const log = client.room('log1', { since: { epoch: 'k3fZ81Qa', offset: 3 } });
  log.on('n', (data, { replayed }) => seen.push([data, replayed]));
  assert.equal((await log.join()).recovered, true);
  await until('two came', () => seen.length === 2);
  assert.deepEqual(seen, [[4, true], [5, true]]);
  await client.room('log2', { since: { last: 10 } }).join();
  assert.deepEqual((await wrong.got('join', 2)).data.since, { log2: { last: 10 } });
});

test('a saved position serves another client, as after a reload', async (s) => {
  const one = await ready(s, kLog);
  await one.client.room('log').join();
  await one.wrong.call('numbered', 'log', 3, []);
  await until('all came', () => one.client.room('log').position.offset === 3);
  const saved = JSON.parse(JSON.stringify(one.client.room('log').position));
  one.client.close();
  await one.wrong.call('append', 'log', 'n', 4);
  const client = new s.HearthClient(one.wrong.url, { WebSocket: s.WebSocket });
  s.after(() => client.close());
  const seen = [];
  const log = client.room('log', { since: saved });
  log.on('n', (data) => seen.push(data));
  client.connect();
  assert.equal((await log.join()).recovered, true);
  await until('the fourth came', () => seen.length > 0);
  assert.deepEqual(seen, [4]);
});

test('offsets that repeat, go back, jump, or begin a new epoch', async (s) => {
  const { wrong, client } = await ready(s, { script: { requests: false } });
  const log = client.room('log');
  const seen = [];
  log.on('n', (data) => seen.push(data));
  log.join();
  await wrong.answer(await wrong.got('join'), { rooms: ['log'], positions: { log: { epoch: 'one', offset: 5, top: 5 } } });
  const say = (data, offset, more) => wrong.send({ event: 'n', data, room: 'log', offset, ...more });
  await say('old', 5);
  await say('six', 6);
  await say('six again', 6);
  await say('back', 2);
  await say('jump', 40, { skipped: 33 });
  await say('again', 39);
  await say('new epoch', 3, { epoch: 'two' });
  await say('its next', 4);
  await say('its third', 3);
  await say('no offset');
  await until('the last came', () => seen.includes('no offset'));
  assert.deepEqual(seen, ['six', 'jump', 'new epoch', 'its next', 'no offset']);
  assert.deepEqual(log.position, { epoch: 'two', offset: 4 });
});

test('a gap is told, and its position taken', async (s) => {
  const { wrong, client } = await ready(s, { script: { requests: false } });
  const log = client.room('log');
  const gaps = [];
  const seen = [];
  log.membership.on('gap', (gap) => gaps.push(gap));
  log.on('n', (data, { replayed }) => seen.push([data, replayed]));
  log.join();
  await wrong.answer(await wrong.got('join'), { rooms: ['log'], positions: { log: { epoch: 'one', offset: 103, top: 103 } } });
  await wrong.send({ event: 'gap', data: { room: 'log', reason: 'rolled_back', epoch: 'two', offset: 100, top: 101 } });
  await wrong.send({ event: 'n', data: 'other 101', room: 'log', offset: 101, epoch: 'two' });
  await wrong.send({ event: 'n', data: '102', room: 'log', offset: 102 });
  await until('both came', () => seen.length === 2);
  assert.deepEqual(gaps, [{ reason: 'rolled_back', epoch: 'two', offset: 100, top: 101 }]);
  assert.deepEqual(seen, [['other 101', true], ['102', undefined]]);
  assert.deepEqual(log.position, { epoch: 'two', offset: 102 });
});

test('a gap in a room without a history is told, and has no position', async (s) => {
  const { wrong, client } = await ready(s, { script: { requests: false } });
  const room = client.room('plain');
  const seen = [];
  room.membership.on('gap', (gap) => seen.push(gap));
  room.on('n', (data, { skipped }) => seen.push([data, skipped]));
  room.join();
  const join = await wrong.got('join');
  assert.deepEqual(join.data.since, { plain: null });
  await wrong.answer(join, { rooms: ['plain'], positions: { plain: null } });
  await wrong.send({ event: 'gap', data: { room: 'plain', reason: 'slow', skipped: 17 } });
  await wrong.send({ event: 'n', data: 'newest', room: 'plain', skipped: 3 });
  await until('both came', () => seen.length === 2);
  assert.deepEqual(seen, [{ reason: 'slow', skipped: 17 }, ['newest', 3]]);
  assert.equal(room.position, null);
});

test('a client never concludes a gap itself, nor takes an application\'s event for one', async (s) => {
  const { wrong, client } = await ready(s);
  const plain = client.room('plain');
  const heard = [];
  plain.membership.on('gap', () => heard.push('gap!'));
  client.on('gap', (data) => heard.push(data.room));
  await plain.join();
  await wrong.send({ event: 'gap', data: { room: 'plain', reason: 'trimmed', epoch: 'x', offset: 1 } });
  await until('it is heard', () => heard.length > 0);
  assert.deepEqual(heard, ['plain']);
});

test('publications carry a key and are sent again under it after a reconnect', async (s) => {
  const stage = await ready(s, kLog);
  const { wrong, client } = stage;
  const log = client.room('log');
  await log.join();
  await wrong.call('set', { requests: false });
  const mine = log.publish('n', 'mine', { idempotencyKey: 'my key' });
  const random = log.publish('n', 'random');
  const [first, second] = [await wrong.got('publish'), await wrong.got('publish', 2)];
  assert.equal(first.data.idempotencyKey, 'my key');
  assert.ok(second.data.idempotencyKey.length >= 20);
  await wrong.call('set', { requests: true });
  await again(stage);
  await Promise.all([mine, random]);
  await wrong.noted();
  assert.deepEqual(wrong.of('publish').slice(2).map(({ data }) => data), [first.data, second.data]);
});

test('after 4 minutes a publication is given up as lost, before the server forgets its key', async (s) => {
  const { wrong, client, clock } = await ready(s, kLog);
  const log = client.room('log');
  await log.join();
  await wrong.call('set', { requests: false });
  const lost = assert.rejects(log.publish('n', 1), { kind: 'lost', sent: true, retryable: true });
  await wrong.got('publish');
  await clock.advance(5000);
  await wrong.call('away');
  await inState(client, 'waiting');
  let passed = 5000;
  while (passed < 239_999) {
    const step = Math.min(5000, 239_999 - passed);
    await clock.advance(step);
    passed += step;
    await until('it waits, or will never know', () => client.state !== 'authenticating');
  }
  let settled = false;
  lost.then(() => { settled = true; });
  await turn();
  assert.equal(settled, false);
  await clock.advance(1);
  await lost;
});

test('one that slept through the 4 minutes does not send it again', async (s) => {
  const stage = await ready(s, kLog);
  const { wrong, client, clock } = stage;
  const log = client.room('log');
  await log.join();
  await wrong.call('set', { requests: false });
  const lost = assert.rejects(log.publish('n', 1), { kind: 'lost' });
  await wrong.got('publish');
  await wrong.cut();
  await inState(client, 'waiting');
  await clock.sleep(300_000);
  await lost;
  await inState(client, 'ready');
  await exchanged(wrong, client);
  assert.equal(wrong.of('publish').length, 1);
});

test('its own publications without echo do not come back in a replay', async (s) => {
  const stage = await ready(s, kLog);
  const { wrong, client, clock } = stage;
  const log = client.room('log');
  const seen = [];
  log.on('n', (data) => seen.push(data));
  await log.join();
  await log.publish('other', 0, { echo: false });
  const former = client.id;
  await wrong.call('set', { requests: false });
  await wrong.cut();
  await inState(client, 'waiting');
  await clock.next();
  await wrong.answer(await wrong.got('join', 2), { rooms: ['log'],
    positions: { log: { recovered: true, epoch: 'k3fZ81Qa', offset: 1, top: 3 } } });
  await wrong.send({ event: 'n', data: 'mine', room: 'log', offset: 2, from: { id: former } });
  await wrong.send({ event: 'n', data: 'theirs', room: 'log', offset: 3, from: { id: 'x' } });
  await until('theirs came', () => seen.length > 0);
  assert.deepEqual(seen, ['theirs']);
  assert.equal(log.position.offset, 3);
});

test('history is asked for and handed on', async (s) => {
  const { wrong, client } = await ready(s);
  const page = client.room('log').history({ after: 12, limit: 2 });
  const asked = await wrong.got('history');
  assert.deepEqual(asked.data, { room: 'log', after: 12, limit: 2 });
  const data = { room: 'log', epoch: 'e', top: 44, first: 3, publications: [{ offset: 13, event: 'news', data: 1 }] };
  await wrong.answer(asked, data, 'history');
  assert.deepEqual(await page, data);
});

test('10,000 numbered publications over 100 cuts arrive exactly once and in order', { patience: 60_000 }, async (s) => {
  const wrong = await s.link.start('wrong', kLog, s.after);
  const client = new s.HearthClient(wrong.url, { WebSocket: s.WebSocket, backoff: { min: 1, max: 4 } });
  s.after(() => client.close());
  const log = client.room('log');
  const seen = [];
  const results = [];
  log.on('n', (data) => seen.push(data));
  log.membership.on('in', ({ recovered }) => results.push(recovered));
  await client.connect();
  await log.join();
  const cuts = Array.from({ length: 100 }, () => 1 + Math.floor(Math.random() * 10_000));
  await wrong.call('numbered', 'log', 10_000, cuts);
  await until('all came', () => seen.length >= 10_000);
  await exchanged(wrong, client);
  assert.equal(seen.length, 10_000);
  assert.ok(seen.every((n, at) => n === at + 1));
  assert.ok(results.length > 20, `${results.length} joins`);
  assert.deepEqual([...new Set(results)], [null, true]);
});
