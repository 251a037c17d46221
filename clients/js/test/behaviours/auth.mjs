/** Tokens: asked for, refused, expiring. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { exchanged, inState, makeClient, ready, until } from './support.mjs';

/** An `auth` that notes what it was asked for, and answers with what `answers` say, the last again and again. */
function asking(...answers) {
  const asked = [];
  const auth = async ({ reason, signal }) => {
    asked.push(reason);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(signal) : answer;
  };
  return { asked, auth };
}

test('auth is asked before the socket is opened, so that a slow one costs the server nothing', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  let answer;
  const { client, clock, sockets } = makeClient(s, wrong.url, { auth: () => new Promise((resolve) => { answer = resolve; }) });
  const connected = client.connect();
  await clock.advance(14_000);
  assert.equal(sockets(), 0);
  answer({ token: 'slow' });
  await connected;
  assert.deepEqual((await wrong.got('authenticate')).data, { token: 'slow' });
});

test('auth that fails twice is asked again with back-off', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { asked, auth } = asking(new Error('503'), new Error('503'), { token: 'x' });
  const { client, clock, told } = makeClient(s, wrong.url, { auth });
  const connected = client.connect();
  for (let n = 1; n < 3; n += 1) {
    await until('it waits', () => told('waiting').length === n);
    await clock.advance(2000);
  }
  await connected;
  assert.deepEqual(asked, ['connect', 'connect', 'connect']);
  assert.deepEqual(told('waiting').map(({ cause }) => cause.cause.message), ['503', '503']);
});

for (const nobody of [null, undefined]) {
  test(`auth that gives ${nobody} lets nobody in`, async (s) => {
    const { auth } = asking(nobody);
    const { client } = makeClient(s, 'ws://127.0.0.1:1/', { auth });
    await assert.rejects(client.connect(), { kind: 'auth' });
    assert.equal(client.state, 'closed');
  });
}

test('auth may say no with an error of kind auth', async (s) => {
  const { auth } = asking(new s.HearthError('auth', 'you are out'));
  const { client } = makeClient(s, 'ws://127.0.0.1:1/', { auth });
  await assert.rejects(client.connect(), { kind: 'auth', message: 'connect: you are out' });
});

test('auth is told when its answer is not wanted any more', async (s) => {
  let aborted = 0;
  const { client, clock } = makeClient(s, 'ws://127.0.0.1:1/', {
    auth: ({ signal }) => new Promise(() => {
      signal.addEventListener('abort', () => { aborted += 1; });
    }),
  });
  client.connect();
  await clock.advance(15_000);
  assert.equal(aborted, 1);
  await clock.advance(1000);
  assert.equal(client.state, 'connecting');
  client.close();
  assert.equal(aborted, 2);
});

test('4003 asks once more, with the reason, then gives up', async (s) => {
  const wrong = await s.link.start('wrong', { script: { connect: 'none' } }, s.after);
  const { asked, auth } = asking({ token: 'old' });
  const { client, clock, told } = makeClient(s, wrong.url, { auth });
  const connected = client.connect();
  for (let n = 1; n < 3; n += 1) {
    const request = await wrong.got('authenticate', n);
    await wrong.answer(request, { message: 'Authentication failed', code: 103 }, 'error');
    await wrong.close(4003, 'Authentication failed');
    if (n === 1) {
      await inState(client, 'waiting');
      assert.equal(told('waiting')[0].delay, 500);
      await clock.advance(500);
    }
  }
  await assert.rejects(connected, { kind: 'auth', code: 103, message: 'connect: Authentication failed' });
  assert.deepEqual(asked, ['connect', 'refused']);
  assert.equal(told('closed')[0].close.code, 4003);
});

test('4003 after ready is a new refusal', async (s) => {
  const { asked, auth } = asking({});
  const { wrong, client, clock } = await ready(s, { auth });
  for (let n = 0; n < 3; n += 1) {
    await wrong.close(4003);
    await inState(client, 'waiting');
    await clock.next();
    await inState(client, 'ready');
  }
  assert.deepEqual(asked, ['connect', 'refused', 'refused', 'refused']);
});

test('4006 asks for a new token, also if the next attempt fails', async (s) => {
  const { asked, auth } = asking({}, new Error('no'), {});
  const { wrong, client, clock } = await ready(s, { auth });
  await wrong.close(4006, 'Token expired');
  await inState(client, 'waiting');
  await clock.advance(0);
  await inState(client, 'waiting');
  await clock.advance(2000);
  await inState(client, 'ready');
  assert.deepEqual(asked, ['connect', 'expired', 'expired']);
});

test('a token that expires under the connection is renewed on it', async (s) => {
  const { asked, auth } = asking({ token: 1 }, { token: 2 });
  const { wrong, client, told } = await ready(s, { auth });
  const kept = client.room('kept');
  const lost = client.room('lost');
  const refused = [];
  lost.membership.on('refused', (error) => refused.push(error));
  await Promise.all([kept.join(), lost.join()]);
  await wrong.send({ event: 'token_expiring', data: { expiresIn: 17 } });
  const renewal = await wrong.got('authenticate', 2);
  assert.deepEqual(renewal.data, { token: 2 });
  await wrong.answer(renewal, { rooms: ['kept'], expiresIn: 900 });
  await until('the room that is not allowed any more is known', () => refused.length > 0);
  assert.deepEqual([kept.state, lost.state, client.state], ['in', 'refused', 'ready']);
  assert.equal(refused[0].kind, 'refused');
  assert.deepEqual(asked, ['connect', 'expiring']);
  assert.equal(told('error').length, 0);
});

test('a renewal that fails is tried again, a second apart at least, until the connection ends', async (s) => {
  const { asked, auth } = asking({}, new Error('down'), { token: 'bad' }, { token: 'good' });
  const { wrong, client, clock, told } = await ready(s, { auth });
  clock.chance.push(0, 0);
  await wrong.send({ event: 'token_expiring', data: {} });
  await until('it failed', () => told('error').length === 1);
  await clock.advance(999);
  assert.equal(asked.length, 2);
  await clock.advance(1);
  await wrong.answer(await wrong.got('authenticate', 2), { message: 'Authentication failed', code: 103 }, 'error');
  await until('it failed again', () => told('error').length === 2);
  assert.equal(told('error')[1].kind, 'auth');
  await clock.advance(1000);
  await wrong.answer(await wrong.got('authenticate', 3), { rooms: [] });
  await exchanged(wrong, client);
  assert.equal(told('error').length, 2);
});

test('a client with a fixed token has nothing to renew', async (s) => {
  const { wrong, client } = await ready(s, { auth: { token: 1 } });
  await wrong.send({ event: 'token_expiring', data: {} });
  await exchanged(wrong, client);
  assert.equal(wrong.of('authenticate').length, 1);
  assert.equal(client.state, 'ready');
});
