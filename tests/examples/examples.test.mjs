/**
 * Starts each program of examples/ and does as one of its clients would. The programs lie in the directory that
 * TEST_EXAMPLES names.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { jose } from '../auth/support.mjs';

const { WebSocket } = createRequire(new URL('../browser/package.json', import.meta.url))('ws');

const kExamples = process.env.TEST_EXAMPLES ?? fileURLToPath(new URL('../../build/release/examples', import.meta.url));
const kTimeout = { timeout: 30_000 };
const running = new Set();

after(() => {
  for (const program of running) program.kill('SIGKILL');
});

/** An example that listens. */
async function start(name, words = [], environment = {}) {
  const program = spawn(join(kExamples, name), ['0', ...words],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } });
  running.add(program);
  program.once('exit', () => running.delete(program));
  const lines = createInterface({ input: program.stdout });
  const [first] = await Promise.race([
    once(lines, 'line'),
    once(program, 'exit').then(([code]) => assert.fail(`${name} ended with ${code} before it listened`)),
  ]);
  const [, address] = /^listening on (127\.0\.0\.1:\d+)$/.exec(first) ?? assert.fail(`first line: ${first}`);
  return { program, address, url: `ws://${address}/ws` };
}

async function stop({ program }, signal) {
  const exited = once(program, 'exit');
  program.kill(signal);
  assert.deepEqual(await exited, [0, null]);
}

/** A connection whose messages are taken one by one. */
class Client {
  #socket;
  #messages = [];
  #wake = () => {};

  static async connect(url, options = {}) {
    const client = new Client();
    client.#socket = new WebSocket(url, options);
    client.closed = once(client.#socket, 'close');
    client.#socket.on('message', (text) => {
      client.#messages.push(JSON.parse(text));
      client.#wake();
    });
    await once(client.#socket, 'open');
    return client;
  }

  /** Connected, and authenticated with `data`. */
  static async authenticated(url, data, options) {
    const client = await Client.connect(url, options);
    client.send('authenticate', data);
    client.id = (await client.next('connected')).data.id;
    return client;
  }

  send(event, data, id) {
    this.#socket.send(JSON.stringify({ event, data, id }));
  }

  /** The next message of this event; those of other events before it are passed over. */
  async next(event) {
    for (;;) {
      while (this.#messages.length > 0) {
        const message = this.#messages.shift();
        if (message.event === event) return message;
      }
      await new Promise((resolve) => { this.#wake = resolve; });
    }
  }
}

test('chat: what one says, the members of the room hear', kTimeout, async () => {
  const chat = await start('chat');
  const ann = await Client.authenticated(chat.url, { name: 'ann' });
  const ben = await Client.authenticated(chat.url, { name: 'ben' });
  for (const client of [ann, ben]) {
    client.send('join', { rooms: ['chat-tea'] }, '1');
    assert.deepEqual((await client.next('ack')).data, { rooms: ['chat-tea'] });
  }
  ann.send('message', { room: 'chat-tea', text: 'Hello' });
  for (const client of [ann, ben]) {
    assert.deepEqual((await client.next('message')).data, { room: 'chat-tea', from: 'ann', text: 'Hello' });
  }
  await stop(chat, 'SIGINT');
});

test('chat: other rooms, and rooms one is not in, are refused', kTimeout, async () => {
  const chat = await start('chat');
  const ann = await Client.authenticated(chat.url, { name: 'ann' });
  ann.send('join', { rooms: ['kitchen'] }, '1');
  assert.deepEqual((await ann.next('error')).data, { message: 'Room refused', code: 200, rooms: ['kitchen'] });
  ann.send('message', { room: 'chat-tea', text: 'Hello' });
  assert.equal((await ann.next('error')).data.message, 'you are not in that room');
  ann.send('message', { text: 'Hello' });
  assert.equal((await ann.next('error')).data.message, 'field `room` is missing');
  await stop(chat, 'SIGTERM');
});

test('chat: a client without a name is closed with 4003', kTimeout, async () => {
  const chat = await start('chat');
  const nobody = await Client.connect(chat.url);
  nobody.send('authenticate', {});
  assert.equal((await nobody.closed)[0], 4003);
  await stop(chat, 'SIGTERM');
});

test('notifications: every device of a user gets its own, and no other', kTimeout, async () => {
  const service = await start('notifications');
  const phone = await Client.authenticated(service.url, { token: 'token-of-ann', device: 'phone' });
  const desk = await Client.authenticated(service.url, { token: 'token-of-ann' });
  const ben = await Client.authenticated(service.url, { token: 'token-of-ben', device: 'phone' });
  assert.deepEqual((await phone.next('welcome')).data, { name: 'phone' });
  assert.deepEqual((await desk.next('welcome')).data, { name: 'unnamed' });
  for (const [client, text] of [[phone, 'News for ann'], [desk, 'News for ann'], [ben, 'News for ben']]) {
    const first = (await client.next('notification')).data;
    const second = (await client.next('notification')).data;
    assert.equal(first.text, text);
    assert.deepEqual(second, { number: first.number + 1, text });
  }
  await stop(service, 'SIGTERM');
  assert.equal((await phone.closed)[0], 1001);
});

test('notifications: auth data that does not fit the struct is refused', kTimeout, async () => {
  const service = await start('notifications');
  for (const data of [{ token: 7 }, {}, { token: 'unknown' }]) {
    const client = await Client.connect(service.url);
    client.send('authenticate', data);
    assert.equal((await client.closed)[0], 4003);
  }
  await stop(service, 'SIGINT');
});

test('embedded_asio: its timer broadcasts, and a coroutine answers with the next price', kTimeout, async () => {
  const market = await start('embedded_asio');
  const ann = await Client.authenticated(market.url, {});
  const seen = (await ann.next('price')).data;
  ann.send('next', undefined, 'a');
  ann.send('next', undefined, 'b');
  const first = (await ann.next('next')).data;
  const second = (await ann.next('next')).data;
  assert.equal(first.id, 'a');
  assert.equal(second.id, 'b');
  assert.ok(seen < first.price && first.price < second.price, `${seen}, ${first.price}, ${second.price}`);
  ann.send('next', undefined, 'c');  // at work when the signal comes
  await stop(market, 'SIGTERM');
  assert.equal((await ann.closed)[0], 1001);
});

test('guarded: over TLS, tokens say who somebody is, and rules what they may', kTimeout, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-guarded-'));
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days',
    '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
  { stdio: 'ignore' });
  const secret = 'thirty-two bytes and a few more, for HS256';
  const guarded = await start('guarded', [certificate, key], { JWT_SECRET: secret });
  const url = `wss://${guarded.address}/ws`;
  const options = { ca: readFileSync(certificate) };
  const token = (claims, by = secret) => new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h').sign(new TextEncoder().encode(by));
  const ann = await Client.authenticated(url, { token: await token({ sub: 'ann', team: 'red' }) }, options);
  const ben = await Client.authenticated(url, { token: await token({ sub: 'ben', team: 'red' }) }, options);
  ann.send('join', { rooms: ['team:red', 'news:today'] }, '1');
  assert.deepEqual((await ann.next('ack')).data, { rooms: ['team:red', 'news:today'] });
  ben.send('join', { rooms: ['team:red', 'team:blue', 'user:ann'] }, '1');
  assert.deepEqual((await ben.next('error')).data.rooms, ['team:blue', 'user:ann']);
  ben.send('publish', { room: 'team:red', event: 'said', data: 'Hello' });
  assert.equal((await ann.next('said')).data, 'Hello');
  ann.send('publish', { room: 'news:today', event: 'said' }, '2');
  assert.equal((await ann.next('error')).data.code, 203);
  const forged = await Client.connect(url, options);
  forged.send('authenticate', { token: await token({ sub: 'ann' }, 'another secret that has thirty-two bytes') });
  assert.equal((await forged.closed)[0], 4003);
  await stop(guarded, 'SIGTERM');
  assert.equal((await ann.closed)[0], 1001);
  rmSync(folder, { recursive: true });
});

test('a port that cannot be had is said in one line, and ends with 1', kTimeout, async () => {
  const program = spawn(join(kExamples, 'chat'), ['nonsense'], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(program);
  const exited = once(program, 'exit');
  const lines = [];
  for await (const line of createInterface({ input: program.stderr })) lines.push(line);
  assert.deepEqual(await exited, [1, null]);
  running.delete(program);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^chat: listen address `127\.0\.0\.1:nonsense`/);
});
