/** Starts the command and a browser for the tests, and stops them. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const kCommand = process.env.TEST_COMMAND
  ?? fileURLToPath(new URL('../../build/release/app/hearth', import.meta.url));
const kChromium = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';
const kChromiumFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** How long a single test may take; every wait inside it is for a condition. */
export const kTestTimeout = 60_000;

async function end(process, signal) {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'exit');
  process.kill(signal);
  await gone;
}

/** A running `hearth serve --dev`. */
export class Server {
  #process;
  #directory = null;
  /** Of the HTTP API, with a configuration. */
  apiPort = null;

  /**
   * Starts it on `port` (0: a free one), with further flags, and waits until it listens. With a text for its
   * configuration it has the API, too, on `apiPort`.
   */
  static async start({ port = 0, flags = [], config = null, apiPort = 0 } = {}) {
    const server = new Server();
    const all = ['serve', '--dev', '--listen', `127.0.0.1:${port}`, ...flags];
    if (config !== null) {
      server.#directory = mkdtempSync(join(tmpdir(), 'hearth-browser-'));
      const file = join(server.#directory, 'hearth.toml');
      writeFileSync(file, config, { mode: 0o600 });
      all.push('--config', file);
    }
    const env = config === null ? process.env : { ...process.env, HEARTH_API_LISTEN: `127.0.0.1:${apiPort}` };
    server.#process = spawn(kCommand, all, { stdio: ['ignore', 'pipe', 'inherit'], env });
    [server.port, server.apiPort] = await server.#readPorts(config === null ? ['listening'] : ['listening', 'API']);
    return server;
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  get apiOrigin() {
    return `http://127.0.0.1:${this.apiPort}`;
  }

  get socketUrl() {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** Ends it with `signal` and waits until it is gone. */
  async stop(signal = 'SIGTERM') {
    await end(this.#process, signal);
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The ports of the lines `<what> on <address>:<port>`, once all have been there. */
  async #readPorts(whats) {
    const failed = Promise.race([
      once(this.#process, 'exit').then(([code]) => `ended with ${code} before it listened`),
      once(this.#process, 'error').then(([error]) => error.message),
    ]).then((why) => {
      throw new Error(`${kCommand}: ${why}`);
    });
    // It goes on reading after the ports are known, so that the command never waits for room in the pipe.
    const lines = createInterface({ input: this.#process.stdout });
    const found = Promise.all(whats.map((what) => new Promise((resolve) => {
      lines.on('line', (line) => {
        const match = new RegExp(`^${what} on \\S*?:(\\d+)\\b`).exec(line);
        if (match) resolve(Number(match[1]));
      });
    })));
    failed.catch(() => {});
    return Promise.race([found, failed]);
  }
}

/** Begins `hearth bench` with these words; it goes on until it is stopped. */
export function startBench(words) {
  const bench = spawn(kCommand, ['bench', ...words, '--duration', '3600'], { stdio: 'ignore' });
  return { stop: () => end(bench, 'SIGKILL') };
}

/** Runs `hearth emit`; throws if it fails. */
export function emit(words) {
  return promisify(execFile)(kCommand, ['emit', ...words]);
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** A redis-server that keeps nothing. */
export class RedisServer {
  #process;
  #directory = mkdtempSync(join(tmpdir(), 'hearth-browser-'));

  static async start() {
    const server = new RedisServer();
    server.port = await freePort();
    await server.restart();
    return server;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on the port that it had, and returns when it answers. */
  async restart() {
    this.#process = spawn('redis-server', ['--port', this.port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no',
      '--dir', this.#directory], { stdio: 'ignore' });
    await this.#answers('PING', '+PONG');
  }

  /** Returns when so many subscribe to the channel. */
  subscribers(channel, count) {
    return this.#answers(`PUBSUB NUMSUB ${channel}`, `:${count}`);
  }

  kill() {
    return end(this.#process, 'SIGKILL');
  }

  async stop() {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Asks again and again until the last line of the answer is this one. */
  async #answers(command, wanted) {
    while (!(await this.#ask(command)).endsWith(`${wanted}\r\n`)) await sleep(20);
  }

  /** An answer in one piece, as short ones on this machine are; nothing from a server that is not there. */
  #ask(command) {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(`${command}\r\n`));
      socket.on('error', () => resolve(''));
      socket.on('data', (bytes) => {
        resolve(String(bytes));
        socket.destroy();
      });
    });
  }
}

export function launchBrowser(options = {}) {
  return chromium.launch({ executablePath: kChromium, args: kChromiumFlags, ...options });
}

/**
 * What a page does that a visitor does not see: lines on its console that are warnings or errors, exceptions nobody
 * caught, and requests to other origins.
 */
export class Watch {
  complaints = [];
  strangers = [];
  #origin;

  constructor(page, origin) {
    this.#origin = origin;
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type())) this.complaints.push(line.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => this.#saw(request.url()));
    page.on('websocket', (socket) => this.#saw(socket.url()));
  }

  #saw(url) {
    const { protocol, host } = new URL(url);
    if (protocol !== 'data:' && host !== new URL(this.#origin).host) this.strangers.push(url);
  }
}

/** Texts on the page whose contrast to what is behind them is below 4.5 to 1 (disabled controls excepted). */
export function lowContrast(page) {
  return page.evaluate(() => {
    const parse = (color) => {
      const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
      return { r, g, b, a };
    };
    const luminance = ({ r, g, b }) => {
      const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
    };
    const behind = (node) => {
      for (let at = node; at; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color.a === 1) return color;
      }
      return parse(getComputedStyle(document.body).backgroundColor);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const node = texts.currentNode.parentElement;
      const text = texts.currentNode.textContent.trim();
      if (!text || !node.checkVisibility() || node.closest(':disabled, .visually-hidden, noscript')) continue;
      const front = luminance(parse(getComputedStyle(node).color));
      const back = luminance(behind(node));
      const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      if (ratio < 4.5) found.push(`${ratio.toFixed(2)}: ${text}`);
    }
    return found;
  });
}
