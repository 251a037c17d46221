/** Starts servers on a core of their own and stops them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const kStartPatience = 20_000; // ms
const kRetryAfter = 20; // ms

export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** What runs, with the signal that ends it and the directory that goes with it. */
const live = new Map();

function track(child, { stopSignal = 'SIGKILL', directory } = {}) {
  live.set(child, { stopSignal, directory });
  child.on('exit', () => live.delete(child));
  return child;
}

/** Whoever ends this program ends what it has started. */
export function endTogether() {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () => {
      for (const [child, { stopSignal, directory }] of live) {
        child.kill(stopSignal);
        if (directory) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
      }
      process.exit(code);
    });
  }
}

/** A program on certain cores, in a directory of its own that goes with it; `prepare` may put files there first. */
export class Running {
  constructor(command, cores, { prepare = () => {}, stopSignal = 'SIGKILL' } = {}) {
    this.stopSignal = stopSignal;
    this.directory = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
    this.errors = '';
    prepare(this.directory);
    this.process = track(
      spawn('taskset', ['-c', cores, ...command], { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] }),
      this,
    );
    this.process.stderr.on('data', (text) => {
      this.errors = (this.errors + text).slice(-2000);
    });
    this.gone = once(this.process, 'exit');
  }

  get pid() {
    return this.process.pid;
  }

  get running() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Waits for a line `listening on <address>:<port>` and returns the port. */
  async port() {
    const lines = createInterface({ input: this.process.stdout });
    const timer = setTimeout(() => this.process.kill('SIGKILL'), kStartPatience);
    try {
      for await (const line of lines) {
        const port = /listening on \S*:(\d+)$/.exec(line)?.[1];
        if (port) return Number(port);
      }
    } finally {
      clearTimeout(timer);
      this.process.stdout.resume();
    }
    throw new Error(`${this.process.spawnargs.slice(3).join(' ')} did not start: ${this.errors}`);
  }

  /** Waits until something listens on a port. */
  async listensOn(port) {
    const end = performance.now() + kStartPatience;
    while (this.running && performance.now() < end) {
      const socket = connect(port, '127.0.0.1');
      const connected = await new Promise((resolve) => {
        socket.on('connect', () => resolve(true));
        socket.on('error', () => resolve(false));
      });
      socket.destroy();
      if (connected) return;
      await new Promise((resolve) => setTimeout(resolve, kRetryAfter));
    }
    throw new Error(`nothing listens on ${port}: ${this.errors}`);
  }

  async stop() {
    if (this.running) this.process.kill(this.stopSignal);
    await this.gone;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A redis-server that keeps nothing. */
export async function startRedis(cores) {
  const port = await freePort();
  const redis = new Running(
    [
      'redis-server',
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--client-output-buffer-limit',
      'pubsub 0 0 0',
    ],
    cores,
  );
  redis.process.stdout.resume();
  redis.url = `redis://127.0.0.1:${port}`;
  try {
    await redis.listensOn(port);
    return redis;
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

/** Runs a program to its end and returns what it wrote to standard output, and how it ended. */
export async function output(command, cores, patience) {
  const child = track(spawn('taskset', ['-c', cores, ...command], { stdio: ['ignore', 'pipe', 'pipe'] }));
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  let text = '';
  let errors = '';
  child.stdout.on('data', (more) => {
    text += more;
  });
  child.stderr.on('data', (more) => {
    errors = (errors + more).slice(-2000);
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { text, errors, code, signal };
}
