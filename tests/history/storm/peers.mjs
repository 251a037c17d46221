/**
 * Who loses what: one fault at a time, to Hearth and to Socket.IO with its Redis streams adapter, judged by the same
 * checker. Prints a table for docs/recovery.md.
 *
 *     script/bootstrap --bench && script/storm peers [--runs 10] [--faults killNode,flush]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Records } from './records.mjs';
import { Storm } from './run.mjs';
import { SocketIo } from './socketio.mjs';

const build = (name) => fileURLToPath(new URL(`../../../build/release/${name}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    faults: { type: 'string' },
    servers: { type: 'string', default: 'hearth,socketio' },
    verbose: { type: 'boolean', default: false },
    command: { type: 'string', default: build('app/hearth') },
    check: { type: 'string', default: build('tests/history_check') },
  },
});

const kAof = ['--appendonly', 'yes', '--appendfsync', 'always'];
const kCases = {
  'client’s connection broken off': { op: 'dropClient' },
  'client away for 3 s': { isAway: true },
  'node killed (SIGKILL)': { op: 'killNode' },
  'node restarted (SIGTERM)': { op: 'drainNode' },
  'node’s connections to Redis broken off': { op: 'breakRedis' },
  'node’s links to Redis held up for 3 s': { op: 'cutRedis' },
  'node’s links to Redis held up, then node killed': { op: 'cutAndKill' },
  'Redis stopped for 1.5 s (SIGSTOP)': { op: 'stopRedis' },
  'Redis killed, `appendfsync always`': { op: 'restartRedis', words: kAof },
  'Redis killed, `appendfsync always`, a client away': { op: 'restartRedis', words: kAof, isAway: true },
  'Redis killed, without persistence': { op: 'restartRedis' },
  'Redis killed, without persistence, a client away': { op: 'restartRedis', isAway: true },
  '`FLUSHALL`': { op: 'flush' },
  '`FLUSHALL`, a client away': { op: 'flush', isAway: true },
  'client that does not read for 3 s': { op: 'stopReading', pad: 6000 },
};

async function check(file) {
  const { stdout } = await promisify(execFile)(options.check, [file]).catch((error) => {
    if (error.code !== 1) throw error;
    return error;
  });
  const violations = stdout.trim().split('\n').slice(0, -1);
  const lost = violations.map((line) => Number(/^C3 .* was not sent (\d+) publications/.exec(line)?.[1] ?? 0));
  const number = (rule) => violations.filter((line) => line.startsWith(`${rule} `)).length;
  return {
    lost: lost.reduce((sum, it) => sum + it, 0),
    doubled: number('C1'),
    violations,
  };
}

/** For faults.mjs. */
function faultsOf({ op, isAway }) {
  const fault = (name, at) => ({ at, op: name, which: 0, ms: 1500, ways: ['to', 'from'], delay: 0, lag: 0 });
  const faults = op === 'cutAndKill' ? [fault('cutRedis', 500), fault('killNode', 1000)] : [];
  if (isAway) faults.push(fault('sendAway', 400));
  if (op && op !== 'cutAndKill') faults.push(fault(op, 500));
  return faults;
}

/** Of one run: what the checker says, and how many clients were told that they may have missed something. */
const kServers = {
  async hearth(its) {
    const plan = {
      seed: Math.floor(Math.random() * 1e6),
      isCalm: true,
      topology: 'single',
      redis: its.words,
      hasIgnis: false,
      keep: 1000,
      cache: '64MiB',
      pad: its.pad ?? 0,
      faults: faultsOf(its),
    };
    const storm = new Storm(plan, { ...options, keep: true });
    const error = await storm.run().then(() => null, (thrown) => thrown);
    const found = await check(storm.file);
    if (error && found.violations.length === 0) throw error;
    const told = readFileSync(storm.file, 'utf8').split('\n').filter((line) => line.includes('"lost":'));
    rmSync(dirname(storm.file), { recursive: true, force: true });
    return { ...found, told: new Set(told.map((line) => JSON.parse(line).who)).size };
  },

  async socketio(its) {
    const directory = mkdtempSync(join(tmpdir(), 'hearth-peers-'));
    const file = join(directory, 'records.jsonl');
    const records = new Records(file);
    const run = new SocketIo(its, directory, records);
    await run.run();
    records.write();
    const found = await check(file);
    rmSync(directory, { recursive: true, force: true });
    return { ...found, told: run.told };
  },
};

/** A word for each count, as `lost 0 to 3`; those that are 0 in all runs are left out. */
function summary(runs) {
  const counts = { told: 'told', lost: 'lost silently', doubled: 'doubled' };
  const words = Object.entries(counts).map(([key, name]) => {
    const all = runs.map((run) => run[key]);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    return most === 0 ? '' : `${name} ${least === most ? most : `${least} to ${most}`}`;
  });
  return words.filter(Boolean).join(', ') || 'nothing';
}

const servers = options.servers.split(',');
console.log(`| fault | ${servers.join(' | ')} |\n|---|${servers.map(() => '---|').join('')}`);
const wanted = options.faults?.split(',');
for (const [name, its] of Object.entries(kCases)) {
  if (wanted && !wanted.includes(its.op ?? 'none')) continue;
  const cells = [];
  for (const server of servers) {
    const runs = [];
    for (let i = 0; i < Number(options.runs); i += 1) runs.push(await kServers[server](its));
    cells.push(summary(runs));
    const violations = runs.flatMap((run) => run.violations);
    // Those that have no column, which is to say that a run is not what it should be.
    const others = violations.filter((line) => !/^(C1|C2|C7) |^C3 .* was not sent/.test(line));
    for (const line of options.verbose ? violations : others) console.error(`  ${server}: ${line}`);
  }
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
process.exit(0);
