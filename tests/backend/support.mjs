/** `hearth serve` with a configuration, a backend that does as a test says, and WebSocket clients. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import WebSocket from 'ws';

export const kCommand = process.env.TEST_COMMAND ?? fileURLToPath(new URL('../../build/release/app/hearth', import.meta.url));

/** How long a test may take; every wait inside it is for a condition. */
export const kTestTimeout = 240_000;
export const kSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** Things that come one after the other, and who waits for them. */
export class Sequence {
  #emitter = new EventEmitter().setMaxListeners(0);
  #over;
  items = [];

  push(item) {
    this.items.push(item);
    this.#emitter.emit('more');
  }

  /** Nothing comes any more, for this reason; who waits fails. */
  end(why) {
    this.#over = why;
    this.#emitter.emit('more');
  }

  async #more() {
    if (this.#over) throw new Error(`${this.#over}, after ${JSON.stringify(this.items)}`);
    await once(this.#emitter, 'more');
  }

  /** The first one from `from` on that fits, once it is there. */
  async find(fits, from = 0) {
    for (let at = from; ; ++at) {
      while (at >= this.items.length) await this.#more();
      if (fits(this.items[at])) return this.items[at];
    }
  }

  /** The item with this index, once it is there. */
  async at(index) {
    while (index >= this.items.length) await this.#more();
    return this.items[index];
  }
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A folder for the files of a test. */
export class Folder {
  path = mkdtempSync(join(tmpdir(), 'hearth-backend-'));

  write(name, text) {
    const path = join(this.path, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  remove() {
    rmSync(this.path, { recursive: true });
  }
}

/**
 * A backend. `answer(question, request, response)` gives `[status, body]`, or has answered by itself and gives nothing.
 * Every request is verified as Standard Webhooks has it before anything else is done.
 */
export class Backend {
  requests = new Sequence();
  answer = () => [200, {}];
  #server;
  #webhook;

  static async start({ secret = kSecret, tls } = {}) {
    const backend = new Backend();
    backend.#webhook = new Webhook(secret.replace('whsec_', ''));
    const take = (request, response) => backend.#take(request, response);
    backend.#server = tls ? createSecureServer(tls, take) : createServer(take);
    backend.#server.listen(0, '127.0.0.1');
    await once(backend.#server, 'listening');
    backend.url = `${tls ? 'https' : 'http'}://127.0.0.1:${backend.#server.address().port}/hearth`;
    return backend;
  }

  /** The questions of a type that have come. */
  of(type) {
    return this.requests.items.map(({ question }) => question).filter((question) => question.type === type);
  }

  async #take(request, response) {
    let body = '';
    request.setEncoding('utf8');
    request.on('error', () => {});
    for await (const chunk of request) body += chunk;
    let question;
    try {
      question = this.#webhook.verify(body, request.headers);
    } catch (error) {
      this.requests.push({ error, headers: request.headers, body });
      response.writeHead(400).end();
      return;
    }
    this.requests.push({ question, headers: request.headers, body, method: request.method, url: request.url });
    const answer = await this.answer(question, request, response);
    if (!answer) return;
    const [status, content] = answer;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof content === 'string' ? content : JSON.stringify(content));
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A Redis that keeps nothing on disk. */
export class Redis {
  #folder = new Folder();
  #process;

  static async start() {
    const redis = new Redis();
    redis.port = await freePort();
    redis.url = `redis://127.0.0.1:${redis.port}`;
    await redis.begin();
    return redis;
  }

  /** Starts it, also once more, on the same port. */
  async begin() {
    this.#process = spawn('redis-server', ['--port', String(this.port), '--save', '', '--dir', this.#folder.path],
      { stdio: ['ignore', 'ignore', 'inherit'] });
    while (await this.ask('PING').catch(() => undefined) !== 'PONG');
  }

  /** Has redis-cli ask something. */
  async ask(...words) {
    const child = spawn('redis-cli', ['-p', String(this.port), '--json', ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    await once(child, 'close');
    return text.trim() ? JSON.parse(text) : undefined;
  }

  /** Ends it, and loses what it had. */
  async kill() {
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  async stop() {
    await this.kill();
    this.#folder.remove();
  }
}

/** A running `hearth serve`, whose lines are kept. */
export class Hearth {
  lines = new Sequence();
  #process;
  #folder = new Folder();

  /** One that has begun to start. */
  static launch(config, { environment = {} } = {}) {
    const hearth = new Hearth();
    const file = hearth.#configure(config);
    hearth.#process = spawn(kCommand, ['serve', '--config', file],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    for (const stream of [hearth.#process.stdout, hearth.#process.stderr]) {
      createInterface({ input: stream }).on('line', (line) => hearth.lines.push(line));
    }
    hearth.#process.once('exit', (code) => hearth.lines.push(`hearth ended with ${code}`));
    return hearth;
  }

  static async start(config, options) {
    const hearth = Hearth.launch(config, options);
    hearth.socketUrl = `ws://${await hearth.#address('listening on')}/ws`;
    hearth.apiUrl = `http://${await hearth.#address('API on')}`;
    return hearth;
  }

  #configure(config) {
    return this.#folder.write('hearth.toml', `
[server]
listen = ["127.0.0.1:0"]
drain_delay = "0"
drain_time = "0"
auth_timeout = "2m"
[api]
listen = ["127.0.0.1:0"]
${config}`);
  }

  /** Has it go on with another configuration, and gives its answer. */
  async reload(config) {
    this.#configure(config);
    const answer = await fetch(`${this.apiUrl}/api/reload`, { method: 'POST' });
    return { status: answer.status, ...await answer.json() };
  }

  async #address(before) {
    const line = await this.lines.find((text) => text.startsWith(before) || text.startsWith('hearth ended'));
    assert.ok(line.startsWith(before), this.lines.items.join('\n'));
    return line.slice(before.length).trim();
  }

  get log() {
    return this.lines.items.join('\n');
  }

  /** The value of a line of /metrics that begins with `name`. */
  async metric(name) {
    const text = await (await fetch(`${this.apiUrl}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  }

  kill(signal) {
    this.#process.kill(signal);
  }

  /** Kills it, as a machine that fails does. */
  async crash() {
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
    this.#folder.remove();
  }

  /** Ends it, and gives its exit code. */
  async stop(signal = 'SIGTERM') {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, 'exit');
      this.#process.kill(signal);
      await gone;
    }
    this.#folder.remove();
    return this.#process.exitCode;
  }
}

/** A client. */
export class Client {
  messages = new Sequence();
  #socket;
  #id = 0;

  /** `options` are those of `ws`: `headers`, `ca`, `cert`, … */
  static async connect(hearth, options = {}) {
    const client = new Client();
    client.#socket = new WebSocket(hearth.socketUrl, options);
    client.closed = new Promise((resolve) => {
      client.#socket.once('close', (code, reason) => {
        client.messages.end(`closed with ${code}`);
        resolve({ code, reason: reason.toString() });
      });
    });
    client.#socket.on('message', (bytes) => client.messages.push(JSON.parse(bytes.toString())));
    client.#socket.on('error', () => {});
    await once(client.#socket, 'open');
    return client;
  }

  /** One that is authenticated. */
  static async enter(hearth, data = {}, options = {}) {
    const client = await Client.connect(hearth, options);
    client.send('authenticate', data);
    const { data: connected } = await client.event('connected');
    client.id = connected.id;
    return client;
  }

  send(event, data, id) {
    this.#socket.send(JSON.stringify({ event, data, id }));
  }

  sendText(text) {
    this.#socket.send(text);
  }

  /** Sends something with an id, and gives the answer: `ack` or `error`. */
  async ask(event, data) {
    const id = String(++this.#id);
    this.send(event, data, id);
    return this.messages.find((message) => message.id === id);
  }

  event(name) {
    return this.messages.find((message) => message.event === name);
  }

  async leave() {
    this.#socket.close();
    await this.closed;
  }

  terminate() {
    this.#socket.terminate();
  }
}

export const kAnswerOf = (code) => (answer) => {
  assert.equal(answer.event, 'error');
  assert.equal(answer.data.code, code);
};
