/**
 * How many instructions the server's process executes for a delivered message, counted by callgrind, which sees the same
 * whatever else the machine does. Each case runs twice, with N and with 2 N messages: the difference is what N messages
 * cost, without starting and connecting. Compares with bench/instructions.json, and says where it is more.
 *
 *   node bench/instructions.mjs [--only echo,fanout-16] [--update]
 *
 * `page-1` is `serve-1`, a fan-out of the command's, while somebody wants to know the busiest rooms and clients, which
 * is all that an open page of the dashboard changes about a message. What the page asks for once a second is counted by
 * itself, with clients that say nothing: under callgrind a second has few messages, and it would count for too much.
 *
 * Needs the preset release, valgrind and redis-server. Exit code 1 if a case is more than 3 % above the baseline.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
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
/** So many seconds clients say nothing, to know what one costs. */
const kSilence = 10;
const kConfiguration = `
[limits]
connects_per_ip = "0"
connections_per_ip = 0
messages = "0"
bytes = "0"
`;
/** Flags of bench_app, or that it is the command that `serves`, maybe with an open `page`; messages N, arguments of
 * `hearth bench`. */
const kCases = {
  echo: { messages: 20_000, load: ['echo'] },
  'fanout-1': { messages: 200, load: kFanout },
  'fanout-16': { messages: 800, load: [...kFanout, '--window', '16'] },
  rooms: { messages: 4000, load: ['rooms', '--clients', '500', '--zipf', '0', '--churn', '0'] },
  'redis-1': { messages: 200, load: kFanout, redis: true },
  'redis-16': { messages: 800, load: [...kFanout, '--window', '16'], redis: true },
  'serve-1': { messages: 200, load: kFanout, serves: true },
  'page-1': { messages: 200, load: kFanout, serves: true, page: true },
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

/** What patterns find, each in a line of its own, in this order. */
async function firstLines(stream, patterns) {
  const found = [];
  for await (const line of createInterface({ input: stream })) {
    const match = patterns[found.length].exec(line);
    if (match) found.push(match[1]);
    if (found.length === patterns.length) return found;
  }
  throw new Error('the process ended before it was ready');
}

async function startRedis() {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  await firstLines(child.stdout, [/(Ready to accept connections)/]);
  child.stdout.resume();
  return { url: `redis://127.0.0.1:${port}`, stop: () => stop(child) };
}

async function stop(child) {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** Asks the API for rankings every few seconds, and with `isLive` for samples too; returns what ends that. */
function open(port, rankings, seconds, isLive) {
  const get = (path) => {
    const asked = request({ port, path }, (answer) => answer.resume()).on('error', () => {});
    asked.end();
    return asked;
  };
  const ask = () => rankings.forEach((by) => get(`/api/top?by=${by}&limit=5`));
  ask();
  const timer = setInterval(ask, 1000 * seconds);
  const stream = isLive ? get('/api/live') : null;
  return () => {
    clearInterval(timer);
    stream?.destroy();
  };
}

/** What an open page has the server do: the Overview while nobody says anything, and what makes a message dearer. */
function openPage(port, isSilent) {
  return isSilent ? open(port, ['clients.backlog', 'rooms.members'], 3, true)
    : open(port, ['rooms.messages', 'clients.messages'], 20, false);
}

/** What is run, and what it says of its ports: bench_app, or the command with its API. */
function program({ server = [], serves, tls }, directory) {
  const listening = /listening on \S*:(\d+)/;
  const secure = tls ? ['--tls', Object.values(certificate()).join(',')] : [];
  if (!serves) return { words: [kServer, '--port', '0', '--threads', '1', ...server, ...secure], says: [listening] };
  const file = join(directory, 'hearth.toml');
  writeFileSync(file, kConfiguration);
  const words = [kCommand, 'serve', '--dev', '--listen', '127.0.0.1:0', '--threads', '1', '--config', file];
  return { words, says: [listening, /API on \S*:(\d+)/], environment: { HEARTH_API_LISTEN: '127.0.0.1:0' } };
}

/** Arguments of `hearth bench` for so many messages, or for so long a silence. */
function words({ load, serves, tls }, much, port, broker) {
  const url = tls ? [`wss://127.0.0.1:${port}/ws`, '--insecure'] : [`ws://127.0.0.1:${port}/ws`];
  if (much.silence) return ['idle', '--clients', '500', '--duration', String(much.silence), ...url];
  const via = broker ? ['--via', 'redis', '--redis', broker.url] : [];
  return [...load, ...via, '--send', serves ? 'publish' : 'application', '--messages', String(much), ...url];
}

/** Runs the server under callgrind and the load against it. */
async function count(test, much, directory) {
  const out = join(directory, 'callgrind.out');
  const broker = test.redis ? await startRedis() : null;
  const { words: server, says, environment } = program(test, directory);
  const child = spawn('valgrind', ['--tool=callgrind', `--callgrind-out-file=${out}`, ...server,
    ...(broker ? ['--redis', broker.url] : [])],
  { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...environment } });
  try {
    const [port, apiPort] = await firstLines(child.stdout, says);
    const close = test.page ? openPage(apiPort, much.silence !== undefined) : () => {};
    const { stdout } = await promisify(execFile)(kCommand, ['bench', '--json', ...words(test, much, port, broker)],
      { timeout: kTimeout });
    close();
    const { deliveries } = JSON.parse(stdout);
    await stop(child);
    const [, total] = /^(?:summary|totals): (\d+)/m.exec(readFileSync(out, 'utf8'));
    return { instructions: Number(total), deliveries };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
    await broker?.stop();
  }
}

/** What the second of two runs has more than the first. */
async function growth(test, much, twice, directory) {
  const [one, other] = [await count(test, much, directory), await count(test, twice, directory)];
  return Object.fromEntries(Object.keys(one).map((name) => [name, other[name] - one[name]]));
}

/** What an open page adds to a second in which nobody says anything. */
async function measureSecond(test, directory) {
  const second = async (page) => {
    const { instructions } = await growth({ ...test, page }, { silence: kSilence }, { silence: 2 * kSilence }, directory);
    return instructions / kSilence;
  };
  return Math.round(await second(true) - await second(false));
}

async function measure(test) {
  const directory = mkdtempSync(join(tmpdir(), 'hearth-instructions-'));
  try {
    const { instructions, deliveries } = await growth(test, test.messages, 2 * test.messages, directory);
    if (test.page) console.log(`an open page, with 500 clients: ${await measureSecond(test, directory)} instructions a second`);
    return Math.round(instructions / deliveries);
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
