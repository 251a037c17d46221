/** Encryption, against the real server and the wrong one. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { inState, makeClient, until } from './support.mjs';

for (const kind of ['optional', 'required']) {
  test(`with a server where it is ${kind}, everything after the welcome is sealed, in order`, async (s) => {
    const hearth = await s.link.start('hearth', { flags: ['--encryption', kind] }, s.after);
    const wire = { in: [], out: [] };
    const { client, clock } = makeClient(s, hearth.url, {
      encryption: s.encryption(),
      trace: (direction, text, sealed) => wire[direction].push({ event: JSON.parse(text).event, sealed }),
    });
    const heard = [];
    client.on('n', (data) => heard.push(data));
    await client.connect();
    await client.room('vault').join();
    await Promise.all(Array.from({ length: 100 }, (_, n) => client.room('vault').publish('n', n)));
    client.send('grüße', '🔥');
    await until('all came', () => heard.length === 100);
    assert.ok(heard.every((n, at) => n === at));
    await clock.advance(25_000);
    await until('the heartbeat is out', () => wire.out.at(-1).event === 'heartbeat');
    assert.equal(wire.out[0].sealed, undefined);
    assert.equal(wire.in[0].event, 'connected');
    for (const { sealed } of [...wire.out.slice(1), ...wire.in.slice(1)]) assert.equal(JSON.parse(sealed).event, 'encrypted');
    client.reconnect();
    await clock.next();
    await inState(client, 'ready');
    await until('it is in again', () => client.room('vault').state === 'in');
    await client.room('vault').publish('n', 'again');
    await until('it came', () => heard.at(-1) === 'again');
  });
}

test('a server that does not encrypt is refused, unless it is optional', async (s) => {
  const hearth = await s.link.start('hearth', { flags: ['--encryption', 'off'] }, s.after);
  const strict = makeClient(s, hearth.url, { encryption: s.encryption() });
  await assert.rejects(strict.client.connect(), { kind: 'encryption', message: /does not encrypt/ });
  const { client } = makeClient(s, hearth.url, { encryption: s.encryption({ optional: true }) });
  await client.connect();
  await client.room('plain').join();
});

test('a server that requires it refuses who does not, for good', async (s) => {
  const hearth = await s.link.start('hearth', { flags: ['--encryption', 'required'] }, s.after);
  const { client } = makeClient(s, hearth.url);
  await assert.rejects(client.connect(), { kind: 'encryption', code: 107 });
});

test('encrypted and plain clients talk', async (s) => {
  const hearth = await s.link.start('hearth', { flags: ['--encryption', 'optional'] }, s.after);
  const plain = makeClient(s, hearth.url).client;
  const sealed = makeClient(s, hearth.url, { encryption: s.encryption() }).client;
  const heard = [];
  for (const client of [plain, sealed]) {
    client.on('say', (data) => heard.push(data));
    await client.connect();
    await client.room('mixed').join();
  }
  await plain.room('mixed').publish('say', 'plain');
  await sealed.room('mixed').publish('say', 'sealed');
  await until('all came', () => heard.length === 4);
  assert.deepEqual(heard.sort(), ['plain', 'plain', 'sealed', 'sealed']);
});

test('the limit on messages counts what they become', async (s) => {
  const hearth = await s.link.start('hearth', { flags: ['--encryption', 'required'] }, s.after);
  const { client } = makeClient(s, hearth.url, { encryption: s.encryption() });
  await client.connect();
  await client.room('vault').join();
  const around = JSON.stringify({ event: 'publish', data: { room: 'vault', event: 'x', data: '' }, id: '12' }).length;
  await client.room('vault').publish('x', 'x'.repeat(131_072 * 0.75 - 128 - around));
  await assert.rejects(client.room('vault').publish('x', 'x'.repeat(131_072 * 0.75)), { kind: 'protocol', sent: false });
  assert.equal(client.state, 'ready');
});

test('what does not open brings a new connection with a new key, three times', async (s) => {
  const wrong = await s.link.start('wrong', { script: { connect: 'none' } }, s.after);
  const { client, clock, told } = makeClient(s, wrong.url, { encryption: s.encryption() });
  client.connect();
  const keys = new Set();
  for (let n = 1; n <= 3; n += 1) {
    const { data, id, connection } = await wrong.got('authenticate', n);
    keys.add(data.publicKey);
    await wrong.send({ event: 'connected', data: { id: `c${n}`, serverPublicKey: data.publicKey, salt: btoa('x'.repeat(32)) } });
    await wrong.answer({ id, connection }, {});
    await inState(client, 'ready');
    await wrong.send({ event: 'encrypted', data: { iv: btoa('x'.repeat(12)), ct: btoa('nonsense nonsense nonsense') } });
    if (n === 3) break;
    await inState(client, 'waiting');
    assert.equal(told('waiting').at(-1).cause.cause.kind, 'encryption');
    await clock.next();
  }
  await inState(client, 'closed');
  assert.equal(told('closed')[0].kind, 'encryption');
  assert.equal(keys.size, 3);
});

test('a key that is none is treated so too', async (s) => {
  const { told, client } = await (async () => {
    const wrong = await s.link.start('wrong', { script: { welcome: { serverPublicKey: 'bm8=', salt: 'bm8=' } } }, s.after);
    const made = makeClient(s, wrong.url, { encryption: s.encryption() });
    made.client.connect();
    return made;
  })();
  await inState(client, 'waiting');
  assert.equal(told('waiting')[0].cause.cause.kind, 'encryption');
});

test('messages that came before the close are handled before it', async (s) => {
  const hearth = await s.link.start('hearth', { flags: ['--encryption', 'required'] }, s.after);
  const make = () => makeClient(s, hearth.url, { encryption: s.encryption() });
  const [one, two] = [make(), make()];
  for (const { client } of [one, two]) {
    await client.connect();
    await client.room('r').join();
  }
  const heard = [];
  let heardAtClose = -1;
  one.client.on('n', (data) => heard.push(data));
  one.client.connection.on('waiting', () => { heardAtClose = heard.length; });
  await Promise.all(Array.from({ length: 200 }, (_, n) => two.client.room('r').publish('n', n)));
  await hearth.call('stop', 'SIGTERM');
  await until('it is over', () => heardAtClose >= 0);
  assert.equal(heardAtClose, 200);
});

test('without WebCrypto it says where there is one', async (s) => {
  const { subtle } = globalThis.crypto;
  if (subtle) {
    Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined, configurable: true });
    s.after(() => { delete globalThis.crypto.subtle; });
    if (globalThis.crypto.subtle) return;
  }
  const { client } = makeClient(s, 'ws://127.0.0.1:1/', { encryption: s.encryption() });
  await assert.rejects(client.connect(), { kind: 'encryption', message: /https:\/\/ and localhost alone/ });
});

test('to Ignis nothing is sent sealed, and what it seals is opened', async (s) => {
  const { wrong, client, clock } = await (async () => {
    const server = await s.link.start('wrong', { script: { connect: 'ignis' } }, s.after);
    const made = makeClient(s, server.url, { encryption: s.encryption({ optional: true }) });
    const connected = made.client.connect();
    await until('it waits for the ack', () => made.clock.due.includes(1000));
    await made.clock.advance(1000);
    await connected;
    return { wrong: server, ...made };
  })();
  assert.equal(client.server, 'ignis');
  client.send('x');
  await wrong.got('x');
  assert.equal(clock.running > 0, true);
});
