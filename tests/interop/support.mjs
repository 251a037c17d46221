/** Starts Redis, Ignis and Hearth for the interop tests, and stops them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Redis from 'ioredis';
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kHearthApp = process.env.TEST_INTEROP_APP ?? here('../../build/release/tests/interop_app');
export const kHearthCommand = process.env.TEST_COMMAND ?? here('../../build/release/app/hearth');
const kBun = ['x64', 'aarch64'].map((machine) => here(`node_modules/@oven/bun-linux-${machine}/bin/bun`)).find(existsSync);

/** How long a test may take; every wait inside it is for a condition. */
export const kTestTimeout = 60_000;

async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function end(process, signal = 'SIGTERM') {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'exit');
  process.kill(signal);
  await gone;
}

/** A redis-server that keeps nothing. */
export class RedisServer {
  static async start() {
    const server = new RedisServer();
    server.port = await freePort();
    server.url = `redis://127.0.0.1:${server.port}`;
    server.directory = mkdtempSync(join(tmpdir(), 'hearth-interop-'));
    server.process = spawn('redis-server', ['--port', server.port, '--bind', '127.0.0.1', '--save', '', '--appendonly',
      'no', '--dir', server.directory], { stdio: 'ignore' });
    server.client = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    server.client.on('error', () => {});
    await server.client.ping();
    return server;
  }

  async stop() {
    this.client.disconnect();
    await end(this.process);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** An application that takes the commands of ignis_app.mjs and interop_app.cpp. */
class App {
  /** Ignis writes its log into the directory that it runs in. */
  static async start(kind, command, flags, directory) {
    const app = new App();
    app.kind = kind;
    app.process = spawn(command[0], [...command.slice(1), ...flags],
      { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] });
    app.lines = createInterface({ input: app.process.stdout })[Symbol.asyncIterator]();
    const port = /^listening on \S*:(\d+)$/.exec(await app.line(/^listening/))[1];
    app.url = `ws://127.0.0.1:${port}/ws`;
    return app;
  }

  async line(wanted) {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error(`${this.kind} ended`);
      if (wanted.test(value)) return value;
    }
  }

  async obey(command) {
    this.process.stdin.write(`${JSON.stringify(command)}\n`);
    await this.line(/^done$/);
  }

  send(destination, topic, data) {
    return this.obey({ op: 'send', destination, topic, data });
  }

  emit(kind, target, event, data, exclude) {
    return this.obey({ op: 'emit', kind, target, event, data, exclude });
  }

  /** Ends its input, at which it shuts down. */
  async finish() {
    const gone = once(this.process, 'exit');
    this.process.stdin.end();
    await gone;
  }

  stop() {
    return end(this.process, 'SIGKILL');
  }
}

export function startHearth(redis, flags = []) {
  return App.start('Hearth', [kHearthApp], ['--redis', redis.url, ...flags], redis.directory);
}

export function startIgnis(redis, flags = []) {
  assert.ok(kBun, 'Bun is missing; script/bootstrap installs it');
  return App.start('Ignis', [kBun, here('ignis_app.mjs')], ['--redis', redis.url, ...flags], redis.directory);
}

/** A WebSocket client that keeps what comes, as the bytes that came. */
export class Client {
  static async connect(url) {
    const client = new Client();
    client.all = [];
    client.taken = 0;
    client.waiting = [];
    client.socket = new WebSocket(url);
    client.socket.on('message', (bytes) => {
      client.all.push(String(bytes));
      client.waiting.splice(0).forEach((wake) => wake());
    });
    client.closed = once(client.socket, 'close').then(([code, reason]) => `${code} ${reason}`);
    await once(client.socket, 'open');
    return client;
  }

  static async authenticated(url, userId, rooms = []) {
    const client = await Client.connect(url);
    client.send({ event: 'authenticate', data: { userId } });
    client.id = JSON.parse(await client.next()).data.id;
    if (rooms.length > 0) client.send({ event: 'join', data: { rooms } });
    // A message of its own comes back after the join is done.
    await client.settle();
    return client;
  }

  send(message) {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The next message's text. */
  async next() {
    while (this.taken === this.all.length) await new Promise((wake) => this.waiting.push(wake));
    this.taken += 1;
    return this.all[this.taken - 1];
  }

  /** Returns once the server has handled what was sent, with what came until then. */
  async settle() {
    const mark = randomUUID();
    this.send({ event: 'echo', data: mark });
    const before = [];
    for (;;) {
      const text = await this.next();
      if (text === `{"event":"echo","data":"${mark}"}`) return before;
      before.push(text);
    }
  }

  close() {
    this.socket.close();
    return this.closed;
  }
}
