/**
 * Real runs of rooms that remember: three `hearth` processes and a Redis, or a master, its replica and three Sentinels,
 * sometimes Ignis, clients and publishers, and faults by a plan that is drawn from a seed. What everybody saw is judged by
 * tests/history/checker.
 *
 *     node storm.mjs --schedules 20 [--seed 1] [--jobs 2] [--plan FILE] [--command hearth] [--check history_check]
 *
 * Exit codes: 0 nothing is violated, 1 something is; the records of that schedule are then kept.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { start } from './child.mjs';
import { planOf } from './plan.mjs';
import { Storm } from './run.mjs';

const build = (name) => fileURLToPath(new URL(`../../../build/release/${name}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' }, // schedules at once
    plan: { type: 'string' }, // of a schedule that failed, as it was or with less in it
    command: { type: 'string', default: build('app/hearth') },
    check: { type: 'string', default: build('tests/history_check') },
    keep: { type: 'boolean', default: false }, // what a schedule leaves behind, also when nothing is wrong
  },
});

const plan = (seed) => (options.plan ? JSON.parse(readFileSync(options.plan, 'utf8')) : planOf(seed));
const first = Number(options.seed);
const count = Number(options.schedules);

/** Whether nothing is wrong. */
async function run(seed) {
  const storm = new Storm(plan(seed), options);
  const began = Date.now();
  try {
    const verdict = await storm.run();
    console.log(`seed ${seed}: ${verdict} (${storm.plan.topology}, ${Date.now() - began} ms)${options.keep ? ` ${storm.file}` : ''}`);
    return true;
  } catch (error) {
    console.log(`seed ${seed}: FAILED\n${error.stack ?? error}\nplan: ${JSON.stringify(storm.plan)}\nrecords: ${storm.file}`);
    return false;
  }
}

/** The same in a process of its own: where several run at once, none waits for the others' bytes. */
async function runApart(seed) {
  const words = ['plan', 'command', 'check'].filter((name) => options[name]).flatMap((name) => [`--${name}`, options[name]]);
  if (options.keep) words.push('--keep');
  const its = start(process.execPath, [fileURLToPath(import.meta.url), '--schedules', '1', '--seed', seed, ...words],
    { stdio: ['ignore', 'pipe', 'inherit'] }, 'SIGTERM');
  let said = '';
  its.stdout.on('data', (text) => { said += text; });
  const [code] = await once(its, 'close');
  process.stdout.write(said.replace(/\n[^\n]*\n$/, '\n')); // less the summary
  return code === 0;
}

const seeds = Array.from({ length: count }, (_, i) => first + i);
const jobs = Number(options.jobs);
let failures = 0;

async function work() {
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    if (!await (jobs > 1 ? runApart(seed) : run(seed))) failures += 1;
  }
}

await Promise.all(Array.from({ length: jobs }, work));
console.log(`${count} schedules, ${failures} failed`);
process.exit(failures > 0 ? 1 : 0);
