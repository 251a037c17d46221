/** `hearth serve` with a configuration, and its API. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const kCommand = process.env.TEST_COMMAND ?? fileURLToPath(new URL('../../build/release/app/hearth', import.meta.url));

export const kKey = '0123456789abcdef0123456789abcdef';
export const kReadKey = 'only-reads-89abcdef0123456789abc';

/** Anybody may connect and be in every room. */
export const kOpen = `
[server]
auth_timeout = "10m"
[auth]
anonymous = true
[[rooms]]
pattern = "**"
join = "anyone"
publish = "anyone"
`;
export const kKeys = `
[[api.keys]]
name = "ops"
key = "${kKey}"
[[api.keys]]
name = "desk"
key = "${kReadKey}"
allow = ["read"]
rooms = ["news:*"]
`;

export class Server {
  #folder = mkdtempSync(join(tmpdir(), 'hearth-api-'));
  #process;
  #exited;

  /** Starts one, in a folder with this configuration, and ends it after the test. */
  static async start(test, configuration, { flags = [], environment = {} } = {}) {
    const server = new Server();
    server.write(configuration);
    server.#process = spawn(kCommand, ['serve', ...flags], {
      cwd: server.#folder,
      env: { ...process.env, HEARTH_SERVER_LISTEN: '127.0.0.1:0', HEARTH_API_LISTEN: '127.0.0.1:0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server.#process.stderr.resume();
    server.#exited = once(server.#process, 'exit');
    test.after(() => server.stop());
    for await (const line of createInterface({ input: server.#process.stdout })) {
      if (line.startsWith('listening on ')) server.address = line.slice('listening on '.length);
      if (line.startsWith('API on ')) server.url = `http://${line.slice('API on '.length)}`;
      if (server.url) return server;
    }
    throw new Error('the server has ended');
  }

  write(configuration) {
    writeFileSync(join(this.#folder, 'hearth.toml'), configuration, { mode: 0o600 });
  }

  signal(name) {
    this.#process.kill(name);
  }

  /** Stops all of its threads, which takes them a moment. */
  async freeze() {
    this.#process.kill('SIGSTOP');
    const tasks = `/proc/${this.#process.pid}/task`;
    const state = (task) => /.*\) (\w)/s.exec(readFileSync(`${tasks}/${task}/stat`, 'utf8'))[1];
    while (!readdirSync(tasks).every((task) => state(task) === 'T')) await setImmediate();
  }

  thaw() {
    this.#process.kill('SIGCONT');
  }

  async stop() {
    this.#process.kill('SIGINT');
    this.thaw(); // a test that failed may have left it stopped
    await this.#exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What the API answers: `status`, `headers`, and `body`, which is JSON if it says so. */
  async ask(path, { method, key, cookie, headers, body } = {}) {
    const answer = await fetch(this.url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(key && { Authorization: `Bearer ${key}` }),
        ...(cookie && { Cookie: cookie }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('Content-Type') ?? '');
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Begins a session, and gives its cookie. */
  async signIn(key) {
    const { status, headers } = await this.ask('/api/session', { body: { key } });
    assert.equal(status, 200);
    return headers.get('Set-Cookie').split(';')[0];
  }

  /** A client that has connected, and no more. */
  async connection() {
    const [host, port] = this.address.split(':');
    const socket = connect({ host, port });
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: ${this.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1.1 101/);
    return socket;
  }
}

/** The events of a stream as they come, each with `event` and `data`. */
export class Events {
  #reader;
  #text = '';
  #abort = new AbortController();

  static async open(server, path, { key, cookie } = {}) {
    const events = new Events();
    const headers = { ...(key && { Authorization: `Bearer ${key}` }), ...(cookie && { Cookie: cookie }) };
    const answer = await fetch(server.url + path, { headers, signal: events.#abort.signal });
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
    assert.equal(answer.headers.get('Content-Type'), 'text/event-stream');
    events.#reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    return events;
  }

  /** The next one; nothing once it has ended. */
  async next() {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n');
        this.#text = this.#text.slice(end + 2);
        const fields = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s)));
        if (fields.event) return { event: fields.event, data: JSON.parse(fields.data) };
        continue; // a comment
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
  }

  /** The next one that fits. */
  async find(fits) {
    for (;;) {
      const event = await this.next();
      assert.ok(event, 'the stream has ended');
      if (fits(event)) return event;
    }
  }

  close() {
    this.#abort.abort();
  }
}

/** A client of a server in development mode, that has joined a room. */
export class Client {
  #socket;

  static async open(server, user, room) {
    const client = new Client();
    client.#socket = await server.connection();
    let text = '';
    client.#socket.on('data', (bytes) => (text += bytes));
    client.#send({ event: 'authenticate', data: { userId: user }, id: '1' });
    client.#send({ event: 'join', data: { rooms: [room] }, id: '2' });
    while (!text.includes('"id":"2"')) await once(client.#socket, 'data');
    client.id = text.match(/"event":"connected","data":\{"id":"([^"]+)"/)[1];
    return client;
  }

  /** As a masked frame with a short payload (RFC 6455, 5.2). */
  #send(message) {
    const payload = Buffer.from(JSON.stringify(message));
    assert.ok(payload.length < 126);
    this.#socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  }

  close() {
    this.#socket.destroy();
  }
}
