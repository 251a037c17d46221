/**
 * How many instructions the server's process executes for a delivered message, counted by callgrind, which sees the same
 * whatever else the machine does. Each case runs twice, with N and with 2 N messages: the difference is what N messages
 * cost, without starting and connecting. Compares with bench/instructions.json, and says where it is more.
 *
 *   node bench/instructions.mjs [--only echo,fanout-16] [--update]
 *
 * Needs the preset release, valgrind and redis-server. Exit code 1 if a case is more than 3 % above the baseline.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { certificate } from './lib/peers.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kBaseline = here('instructions.json');
const kServer = here('../build/release/bench/bench_app');
const kCommand = here('../build/release/app/hearth');
const kTolerance = 0.03;
const kTimeout = 300_000;

const kFanout = ['fanout', '--clients', '500'];
/** Flags of bench_app, messages N, arguments of `hearth bench`. */
const kCases = {
  echo: { messages: 20_000, load: ['echo'] },
  'fanout-1': { messages: 200, load: kFanout },
  'fanout-16': { messages: 800, load: [...kFanout, '--window', '16'] },
  rooms: { messages: 4000, load: ['rooms', '--clients', '500', '--zipf', '0', '--churn', '0'] },
  'redis-1': { messages: 200, load: kFanout, redis: true },
  'redis-16': { messages: 800, load: [...kFanout, '--window', '16'], redis: true },
  'encrypted-1': { messages: 100, load: [...kFanout, '--encrypt'], server: ['--encrypt'] },
  'encrypted-16': { messages: 400, load: [...kFanout, '--window', '16', '--encrypt'], server: ['--encrypt'] },
  'history-1': { messages: 200, load: [...kFanout, '--since'], server: ['--history', '1000'] },
  'history-16': { messages: 800, load: [...kFanout, '--window', '16', '--since'], server: ['--history', '1000'] },
  'tls-echo': { messages: 10_000, load: ['echo', '--clients', '10'], tls: true },
  'tls-fanout-1': { messages: 200, load: kFanout, tls: true },
  'tls-fanout-16': { messages: 800, load: [...kFanout, '--window', '16'], tls: true },
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function firstLine(stream, pattern) {
  for await (const line of createInterface({ input: stream })) {
    const found = pattern.exec(line);
    if (found) return found[1];
  }
  throw new Error('the process ended before it was ready');
}

async function startRedis() {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  await firstLine(child.stdout, /(Ready to accept connections)/);
  child.stdout.resume();
  return { url: `redis://127.0.0.1:${port}`, stop: () => stop(child) };
}

async function stop(child) {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** Runs the server under callgrind and the load against it. */
async function count({ load, server = [], redis, tls }, messages, directory) {
  const out = join(directory, 'callgrind.out');
  const broker = redis ? await startRedis() : null;
  const child = spawn('valgrind', ['--tool=callgrind', `--callgrind-out-file=${out}`, kServer, '--port', '0',
    '--threads', '1', ...server, ...(tls ? ['--tls', Object.values(certificate()).join(',')] : []), ...(broker ? ['--redis', broker.url] : [])], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const port = await firstLine(child.stdout, /listening on \S*:(\d+)/);
    const via = broker ? ['--via', 'redis', '--redis', broker.url] : [];
    const [url, ...trust] = tls ? [`wss://127.0.0.1:${port}/ws`, '--insecure'] : [`ws://127.0.0.1:${port}/ws`];
    const { stdout } = await promisify(execFile)(kCommand, ['bench', ...load, ...via, '--send', 'application', '--messages',
      String(messages), '--json', url, ...trust], { timeout: kTimeout });
    const { deliveries } = JSON.parse(stdout);
    await stop(child);
    const [, total] = /^(?:summary|totals): (\d+)/m.exec(readFileSync(out, 'utf8'));
    return { instructions: Number(total), deliveries };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
    await broker?.stop();
  }
}

async function measure(test) {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-instructions-'));
  try {
    const once = await count(test, test.messages, directory);
    const twice = await count(test, 2 * test.messages, directory);
    return Math.round((twice.instructions - once.instructions) / (twice.deliveries - once.deliveries));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const kUsage = `usage: script/bench --instructions [options]

Counts the instructions of a message with callgrind, and compares them with bench/instructions.json.

  --only CASE,…  of ${Object.keys(kCases).join(', ')}
  --update       make what is counted the baseline
  --help`;

function fail(why) {
  console.error(`script/bench: ${why}`);
  process.exit(2);
}

function readArguments() {
  const flag = { type: 'boolean', default: false };
  try {
    return parseArgs({ options: { only: { type: 'string' }, update: flag, help: flag } }).values;
  } catch (error) {
    return fail(error.message);
  }
}

const values = readArguments();
if (values.help) {
  console.log(kUsage);
  process.exit(0);
}
const names = values.only ? values.only.split(',') : Object.keys(kCases);
const unknown = names.find((name) => !(name in kCases));
if (unknown !== undefined) fail(`there is no case \`${unknown}\`; there are ${Object.keys(kCases).join(', ')}`);
const baseline = JSON.parse(readFileSync(kBaseline, 'utf8'));
let worse = false;
console.log('instructions a delivered message, and the baseline');
for (const name of names) {
  const instructions = await measure(kCases[name]);
  const before = baseline[name];
  const change = before ? instructions / before - 1 : 0;
  worse ||= change > kTolerance;
  console.log(`${name.padEnd(14)} ${String(instructions).padStart(6)} ${String(before ?? '-').padStart(6)}  ${(change * 100).toFixed(1)} %`);
  baseline[name] = instructions;
}
if (values.update) writeFileSync(kBaseline, `${JSON.stringify(baseline, null, 2)}\n`);
process.exitCode = worse && !values.update ? 1 : 0;
