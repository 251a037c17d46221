/** The real programs that the client talks to: the command, and Ignis on Bun. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kCommand = process.env.TEST_COMMAND ?? here('../../../../build/release/app/hearth');
const kRememberingApp = process.env.TEST_REMEMBERING_APP ?? here('../../../../build/release/tests/remembering_app');
const kInterop = here('../../../../tests/interop/');
const kBun = ['x64', 'aarch64'].map((machine) => `${kInterop}node_modules/@oven/bun-linux-${machine}/bin/bun`).find(existsSync);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export async function end(process, signal = 'SIGKILL') {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'exit');
  process.kill(signal);
  await gone;
}

/** Resolves with the port in the line that says where it listens. */
function listening(process, name) {
  return new Promise((resolve, reject) => {
    process.once('error', reject);
    process.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    createInterface({ input: process.stdout }).on('line', (line) => {
      const match = /^listening on \S*?:(\d+)\b/.exec(line);
      if (match) resolve(Number(match[1]));
    });
  });
}

/** `hearth serve`, with a configuration or `--dev`. */
export class Hearth {
  #process;
  #flags;
  #folder;

  /** `descriptors`: how many it may have open. `config`: the text of its configuration. */
  static async start({ flags = [], descriptors, config } = {}) {
    const hearth = new Hearth();
    hearth.#flags = ['--dev', ...flags];
    hearth.descriptors = descriptors;
    if (config) hearth.#configure(config, flags);
    await hearth.begin(0);
    return hearth;
  }

  #configure(text, flags) {
    this.#folder = mkdtempSync(join(tmpdir(), 'hearth-client-'));
    this.config = join(this.#folder, 'hearth.toml');
    writeFileSync(this.config, `${text}\n[api]\nlisten = ["127.0.0.1:0"]\n`, { mode: 0o600 });
    this.#flags = ['--config', this.config, ...flags];
  }

  /** A token that the configuration takes. */
  async token(user, ttl) {
    const { stdout } = await promisify(execFile)(kCommand, ['token', '--config', this.config, '--user', user, '--ttl', ttl]);
    return stdout.trim();
  }

  async begin(port = this.port) {
    const command = [kCommand, 'serve', '--log-level', 'error', '--listen', `127.0.0.1:${port}`, ...this.#flags];
    const limited = this.descriptors
      ? ['prlimit', `--nofile=${this.descriptors}:${this.descriptors}`, ...command] : command;
    this.#process = spawn(limited[0], limited.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
    this.port = await listening(this.#process, 'hearth');
  }

  /** Returns once it has stopped, if that is what it should do. */
  async signal(name) {
    this.#process.kill(name);
    const threads = `/proc/${this.#process.pid}/task`;
    const stopped = () => readdirSync(threads).every((thread) => /^State:\tT/m.test(readFileSync(`${threads}/${thread}/status`)));
    while (name === 'SIGSTOP' && !stopped()) await new Promise((resolve) => { setTimeout(resolve, 1); });
  }

  stop(signal) {
    return end(this.#process, signal);
  }

  async end() {
    await this.stop('SIGKILL');
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A server of the library, whose rooms `log` and `ticker` keep so many publications. */
export class Remembering {
  static async start({ size = 1000, threads = 0 } = {}) {
    const remembering = new Remembering();
    remembering.process = spawn(kRememberingApp, ['--size', `${size}`, '--threads', `${threads}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    remembering.port = await listening(remembering.process, 'remembering_app');
    return remembering;
  }

  end() {
    return end(this.process);
  }
}

/** A redis-server of its own, that keeps nothing, and `hearth emit`, which publishes in it. */
export class Redis {
  #directory = mkdtempSync(join(tmpdir(), 'hearth-client-'));
  #server;
  #emitting = [];

  static async start() {
    const redis = new Redis();
    redis.port = await freePort();
    redis.#server = spawn('redis-server', ['--port', redis.port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no',
      '--dir', redis.#directory], { stdio: 'ignore' });
    return redis;
  }

  /** Begins a program that keeps what it publishes in the room's log; resolves with its name for `emit`. */
  emitter(room, event) {
    const emitter = spawn(kCommand, ['emit', 'room', room, event, '--lines', '--history', '1000,10m', '--redis',
      `redis://127.0.0.1:${this.port}`], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: emitter.stdout });
    emitter.confirmed = 0;
    lines.on('line', () => { emitter.confirmed += 1; });
    this.#emitting.push(emitter);
    return this.#emitting.length - 1;
  }

  emit(name, ...values) {
    this.#emitting[name].stdin.write(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  }

  /** How many the log has confirmed. */
  confirmed(name) {
    return this.#emitting[name].confirmed;
  }

  async end() {
    for (const emitter of this.#emitting) await end(emitter);
    await end(this.#server);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The application of tests/interop on Ignis, with a Redis of its own. */
export class Ignis {
  #processes = [];
  #directory = mkdtempSync(join(tmpdir(), 'hearth-client-'));

  static async start(flags = []) {
    if (!kBun) throw new Error('Bun is missing; script/bootstrap installs it');
    const ignis = new Ignis();
    const port = await freePort();
    ignis.#run('redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no',
      '--dir', ignis.#directory]);
    const app = ignis.#run(kBun, [`${kInterop}ignis_app.mjs`, '--redis', `redis://127.0.0.1:${port}`, ...flags]);
    ignis.port = await listening(app, 'Ignis');
    return ignis;
  }

  #run(command, words) {
    const process = spawn(command, words, { cwd: this.#directory, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#processes.push(process);
    return process;
  }

  async end() {
    for (const process of this.#processes.reverse()) await end(process);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
