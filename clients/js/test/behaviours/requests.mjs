/** Requests: answered, waiting, given up, lost. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { exchanged, inState, makeClient, ready, until } from './support.mjs';

test('a request is answered under its id, in whatever order', async (s) => {
  const { wrong, client } = await ready(s);
  const answers = Promise.all([client.request('a', 1), client.request('b', 2)]);
  const [a, b] = [await wrong.got('a'), await wrong.got('b')];
  assert.notEqual(a.id, b.id);
  await wrong.answer(b, 'for b');
  await wrong.answer(a, 'for a', 'a');
  assert.deepEqual(await answers, ['for a', 'for b']);
});

const kinds = {
  100: 'request', 105: 'request', 106: 'request', 112: 'request', 199: 'request', 0: 'request',
  103: 'auth', 104: 'auth', 110: 'auth', 111: 'auth', 107: 'encryption',
  200: 'refused', 202: 'refused', 203: 'refused', 204: 'refused', 206: 'refused', 207: 'refused',
  109: 'unavailable', 113: 'unavailable', 201: 'unavailable', 205: 'unavailable', 300: 'unavailable', 301: 'unavailable',
};
test('an error is of the kind of its code', async (s) => {
  const { wrong, client } = await ready(s);
  for (const [code, kind] of Object.entries(kinds)) {
    const rejected = assert.rejects(client.request(`e${code}`), {
      kind, code: Number(code), message: 'so', sent: true, retryable: kind === 'unavailable', name: 'HearthError',
    });
    await wrong.answer(await wrong.got(`e${code}`), { message: 'so', code: Number(code) }, 'error');
    await rejected;
  }
});

test('an error that answers nothing is an event of the connection', async (s) => {
  const { wrong, told } = await ready(s);
  await wrong.send({ event: 'error', data: { message: 'Invalid message format' } });
  await until('it is told', () => told('error').length > 0);
  assert.equal(told('error')[0].message, 'Invalid message format');
});

test('errors are told apart by instanceof over two copies of the package', async (s) => {
  const foreign = Object.assign(new Error('x'), { name: 'HearthError', kind: 'lost' });
  assert.ok(foreign instanceof s.HearthError);
  assert.ok(!(new Error('x') instanceof s.HearthError));
  assert.ok(new s.HearthError('lost', 'x') instanceof Error);
});

test('requests wait for a connection, and are then sent in order', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client } = makeClient(s, wrong.url);
  const answers = [1, 2, 3].map((n) => client.request('n', n));
  await client.connect();
  await wrong.got('n', 3);
  assert.deepEqual(wrong.of('n').map(({ data }) => data), [1, 2, 3]);
  for (const request of wrong.of('n')) await wrong.answer(request, request.data * 2);
  assert.deepEqual(await Promise.all(answers), [2, 4, 6]);
});

test('the 101st that waits is rejected', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client } = makeClient(s, wrong.url);
  const kept = Array.from({ length: 100 }, (_, n) => client.request('n', n));
  await assert.rejects(client.request('n', 100), { kind: 'queue', sent: false, retryable: true });
  await client.connect();
  await wrong.got('n', 100);
  for (const request of wrong.of('n')) await wrong.answer(request, request.data);
  assert.equal((await Promise.all(kept)).at(-1), 99);
});

test('the length of the queue can be set', async (s) => {
  const { client } = makeClient(s, 'ws://127.0.0.1:1/', { queue: 1 });
  const kept = assert.rejects(client.request('a'), { kind: 'closed' });
  await assert.rejects(client.request('b'), { kind: 'queue' });
  client.close();
  await kept;
});

test('what was given up while it waited has never been sent', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client, clock } = makeClient(s, wrong.url);
  const control = new AbortController();
  const late = assert.rejects(client.request('late'), { kind: 'timeout', sent: false });
  const aborted = assert.rejects(client.request('aborted', 0, { signal: control.signal }), { message: 'changed my mind' });
  const patient = client.request('patient', 0, { timeout: 10_001 });
  await clock.advance(9999);
  control.abort(new Error('changed my mind'));
  await clock.advance(1);
  await Promise.all([late, aborted]);
  await client.connect();
  await wrong.answer(await wrong.got('patient'), 1);
  assert.equal(await patient, 1);
  assert.equal(wrong.of('late').length + wrong.of('aborted').length, 0);
  await assert.rejects(client.request('x', 0, { signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
});

test('an answer after 9.9 s is one, after 10 s it is too late', async (s) => {
  const { wrong, client, clock } = await ready(s);
  const good = client.request('good');
  await wrong.got('good');
  await clock.advance(9999);
  await wrong.answer(await wrong.got('good'), 'in time');
  assert.equal(await good, 'in time');
  const bad = assert.rejects(client.request('bad'), { kind: 'timeout', sent: true, retryable: true });
  await wrong.got('bad');
  await clock.advance(10_000);
  await bad;
  await wrong.answer(await wrong.got('bad'), 'too late');
  await exchanged(wrong, client);
  assert.equal(client.state, 'ready');
});

test('timeouts are the client\'s or the request\'s', async (s) => {
  const { client, clock } = await ready(s, { timeout: 50 });
  const [mine, its] = [{ kind: 'timeout' }, { kind: 'timeout' }];
  const first = assert.rejects(client.request('a'), mine);
  const second = assert.rejects(client.request('b', 0, { timeout: 20 }), its);
  await clock.advance(20);
  await second;
  await clock.advance(30);
  await first;
});

test('an aborted request is given up at once; its answer is nobody\'s', async (s) => {
  const { wrong, client } = await ready(s);
  const heard = [];
  client.on('*', (data, { event }) => heard.push(event));
  const control = new AbortController();
  const pending = assert.rejects(client.request('x', 0, { signal: control.signal }), { name: 'AbortError' });
  const request = await wrong.got('x');
  control.abort();
  await pending;
  await wrong.answer(request, 1);
  await exchanged(wrong, client);
  assert.deepEqual(heard, []);
});

test('requests under way are lost with the connection, and never sent twice', async (s) => {
  const { wrong, client, clock } = await ready(s);
  await client.room('tea').join();
  await wrong.call('set', { requests: false });
  const lost = [client.request('x'), client.room('tea').publish('y', 1)].map((promise) => assert.rejects(promise,
    { kind: 'lost', sent: true, retryable: false }));
  await wrong.got('publish');
  await wrong.cut();
  await inState(client, 'waiting');
  await clock.next();
  await inState(client, 'ready');
  await Promise.all(lost);
  await exchanged(wrong, client);
  assert.equal(wrong.of('x').length, 1);
  assert.equal(wrong.of('publish').length, 1);
});

for (const code of [1002, 1003, 1007, 1009]) {
  test(`close ${code} blames the request that was sent last`, async (s) => {
    const { wrong, client } = await ready(s);
    const first = assert.rejects(client.request('a'), { kind: 'lost' });
    const last = assert.rejects(client.request('b'), { kind: 'protocol', retryable: false });
    await wrong.got('b');
    await wrong.close(code);
    await Promise.all([first, last]);
  });
}

test('a message that is too long is not sent', async (s) => {
  const { wrong, client } = await ready(s);
  await assert.rejects(client.request('x', 'é'.repeat(65_536)), { kind: 'protocol', sent: false, message: /1311\d\d bytes; the most is 131072/ });
  assert.throws(() => client.send('x', 'x'.repeat(131_072)), { kind: 'protocol' });
  const room = 131_072 - JSON.stringify({ event: 'long', data: '' }).length;
  assert.equal(client.send('long', 'x'.repeat(room)), true);
  await wrong.got('long');
  const other = await ready(s, { maxMessage: 100 });
  await assert.rejects(other.client.request('x', 'x'.repeat(100)), { kind: 'protocol' });
});

test('what is no JSON rejects', async (s) => {
  const { client } = await ready(s);
  const circle = {};
  circle.circle = circle;
  await assert.rejects(client.request('x', circle), { name: 'TypeError' });
});

test('send says whether it was sent', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client } = makeClient(s, wrong.url);
  assert.equal(client.send('early'), false);
  await client.connect();
  assert.equal(client.send('x', { n: 1 }), true);
  assert.deepEqual((await wrong.got('x')).data, { n: 1 });
  assert.equal((await wrong.got('x')).id, undefined);
  assert.equal(wrong.of('early').length, 0);
});
