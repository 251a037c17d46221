/** One cluster of Ignis and Hearth: who is reached by what, message by message. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Client, kHearthCommand, kTestTimeout, RedisServer, startHearth, startIgnis } from './support.mjs';

let redis;
let apps;
/** On each server one client of a user of its own and one of the user `shared`, all of them in the room `all`. */
let clients;

before(async () => {
  redis = await RedisServer.start();
  apps = { ignis: await startIgnis(redis), first: await startHearth(redis), second: await startHearth(redis) };
  clients = {};
  for (const [name, app] of Object.entries(apps)) {
    clients[name] = await Client.authenticated(app.url, name, ['all', `room of ${name}`]);
    clients[`${name}+`] = await Client.authenticated(app.url, 'shared', ['all']);
  }
}, { timeout: kTestTimeout });

after(async () => {
  for (const client of Object.values(clients ?? {})) client.socket.terminate();
  for (const app of Object.values(apps ?? {})) await app.stop();
  await redis?.stop();
});

let marks = 0;

/**
 * What came to whom, by the clients' names: `act` sends, and `mark` then broadcasts an event over the same connection to
 * Redis, so that it comes after.
 */
async function reached(act, mark) {
  marks += 1;
  const event = `mark ${marks}`;
  await act();
  await mark(event);
  const got = {};
  for (const [name, client] of Object.entries(clients)) {
    for (let text = await client.next(); JSON.parse(text).event !== event; text = await client.next()) {
      (got[name] ??= []).push(text);
    }
  }
  return got;
}

const all = ['ignis', 'ignis+', 'first', 'first+', 'second', 'second+'];
const expected = (names, text) => Object.fromEntries(names.map((name) => [name, [text]]));
const data = { text: 'h\u00e9 "\n', list: [1, 2.5, -3e-7, null, true], nested: { empty: {}, none: [] } };
const message = `{"event":"news","data":${JSON.stringify(data)}}`;
const one = () => clients.ignis.id;
const other = () => clients.second.id;

/** What every emitter can do: the words for it, and who gets it. */
const emissions = [
  ['to a client of Ignis', () => ['client', one(), []], ['ignis']],
  ['to a client of Hearth', () => ['client', other(), []], ['second']],
  ['to a user of Ignis', () => ['user', 'ignis', []], ['ignis']],
  ['to a user of Hearth', () => ['user', 'first', []], ['first']],
  ['to a user on every server', () => ['user', 'shared', []], ['ignis+', 'first+', 'second+']],
  ['to a room', () => ['room', 'all', []], all],
  ['to a room of Ignis', () => ['room', 'room of ignis', []], ['ignis']],
  ['to a room of Hearth', () => ['room', 'room of second', []], ['second']],
  ['to a room but for some', () => ['room', 'all', [one(), other()]], ['ignis+', 'first', 'first+', 'second+']],
  ['to all', () => ['broadcast', '', []], all],
  ['to nobody', () => ['room', 'empty', []], []],
];

function emitCommand(words, input = '') {
  const command = spawn(kHearthCommand, ['emit', ...words, '--redis', redis.url], { stdio: ['pipe', 'inherit', 'inherit'] });
  command.stdin.end(input);
  return once(command, 'exit').then(([code]) => code);
}

/** An envelope published as people do who use nothing but ioredis. */
function publishPlainly(kind, target, exclude, event, payload) {
  const envelope = { serverId: 'emitter', type: kind, event, data: payload };
  if (kind !== 'broadcast') envelope.target = target;
  if (exclude.length > 0) envelope.exclude = exclude;
  const channel = kind === 'broadcast' ? 'ws:broadcast' : `ws:${kind}:${target}`;
  return redis.client.publish(channel, JSON.stringify(envelope));
}

const emitters = {
  'WebSocketEmitter of Ignis': (kind, target, exclude, event, payload) =>
    apps.ignis.emit(kind, target, event, payload, exclude),
  'hearth::Emitter': (kind, target, exclude, event, payload) => apps.first.emit(kind, target, event, payload, exclude),
  'hearth emit': async (kind, target, exclude, event, payload) => {
    const words = [kind, ...(kind === 'broadcast' ? [] : [target]), event, JSON.stringify(payload ?? null)];
    assert.equal(await emitCommand([...words, ...exclude.flatMap((id) => ['--exclude', id])]), 0);
  },
  'plain ioredis': publishPlainly,
};

for (const [name, emit] of Object.entries(emitters)) {
  describe(`${name} sends`, () => {
    for (const [what, target, reachable] of emissions) {
      test(what, { timeout: kTestTimeout }, async () => {
        const got = await reached(() => emit(...target(), 'news', data), (mark) => emit('broadcast', '', [], mark, null));
        assert.deepEqual(got, expected(reachable, message));
      });
    }
  });
}

test('hearth emit --lines sends a message a line', { timeout: kTestTimeout }, async () => {
  const got = await reached(
    () => emitCommand(['room', 'room of ignis', 'line', '--lines'], '1\n\n"two"\n{"three":3}\n').then((code) => assert.equal(code, 0)),
    (mark) => publishPlainly('broadcast', '', [], mark, null),
  );
  assert.deepEqual(got, {
    ignis: ['{"event":"line","data":1}', '{"event":"line","data":"two"}', '{"event":"line","data":{"three":3}}'],
  });
});

test('what instances of Hearth say to each other, Ignis does not hear', { timeout: kTestTimeout }, async () => {
  const said = JSON.stringify({ serverId: 'somebody', type: 'control', op: 'hello', event: 'news', data });
  const got = await reached(
    async () => assert.equal(await redis.client.publish('ws:control', said), 2, 'the two of Hearth'),
    (mark) => publishPlainly('broadcast', '', [], mark, null),
  );
  assert.deepEqual(got, {});
});

for (const sender of ['ignis', 'first']) {
  describe(`send() on ${sender}`, () => {
    const cases = [
      ['without a destination', () => undefined, all],
      ['to a room', () => 'all', all],
      ['to a room that only another server has', () => (sender === 'ignis' ? 'room of second' : 'room of ignis'),
        [sender === 'ignis' ? 'second' : 'ignis']],
      ['to a client here', () => clients[sender].id, [sender]],
      ['to a client on Ignis', () => one(), ['ignis']],
      ['to a client on Hearth', () => other(), ['second']],
      ['to nobody', () => 'empty', []],
    ];
    for (const [what, destination, reachable] of cases) {
      test(what, { timeout: kTestTimeout }, async () => {
        const got = await reached(
          () => apps[sender].send(destination(), 'news', data),
          (mark) => apps[sender].send(undefined, mark, null),
        );
        assert.deepEqual(got, expected(reachable, message));
      });
    }

    test('of an empty topic or no data does nothing', { timeout: kTestTimeout }, async () => {
      const got = await reached(
        async () => {
          await apps[sender].send(undefined, '', data);
          await apps[sender].send('all', 'news', undefined);
        },
        (mark) => apps[sender].send(undefined, mark, null),
      );
      assert.deepEqual(got, {});
    });

    test('many messages arrive in order everywhere', { timeout: kTestTimeout }, async () => {
      const count = 300;
      const got = await reached(
        async () => {
          for (let i = 0; i < count; i += 1) await apps[sender].send('all', 'n', i);
        },
        (mark) => apps[sender].send(undefined, mark, null),
      );
      const texts = Array.from({ length: count }, (_, i) => `{"event":"n","data":${i}}`);
      assert.deepEqual(got, Object.fromEntries(all.map((name) => [name, texts])));
    });
  });
}
