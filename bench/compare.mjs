/** Compares Hearth with its peers: `script/bench`, which sees to it that all of them are there. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kCases } from './lib/cases.mjs';
import { describeMachine } from './lib/machine.mjs';
import { writePage } from './lib/page.mjs';
import { versions } from './lib/peers.mjs';
import { endTogether } from './lib/processes.mjs';
import { Comparison } from './lib/runner.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const kHelp = `usage: script/bench [options]

Runs Hearth, the servers that it is compared with, and the floor under the same load, in turn, and prints the figures as
Markdown.

  --rounds N          how often each server has its turn (5)
  --duration S        seconds that a run counts for (2)
  --clients N         no more than so many, whatever a case asks for
  --only CASE,…       cases or groups of them: ${[...new Set(kCases.map(({ group }) => group))].join(', ')}
  --servers NAME,…    servers that take part, e.g. hearth,ignis,floor
  --quick             one second, few clients, one round: to see that all of it works
  --write             write docs/benchmarks.md, its plots, and the results that it is made of
  --from FILE         measure nothing; take the results of a run before
  --results FILE      where the results go as well, after each case
  --help
`;

function readArguments() {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({
    options: {
      rounds: text,
      duration: text,
      clients: text,
      only: text,
      servers: text,
      from: text,
      results: text,
      quick: flag,
      write: flag,
      help: flag,
    },
  });
  const number = (name, otherwise) => {
    if (values[name] === undefined) return otherwise;
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} ${values[name]} is no number above 0`);
    return value;
  };
  return {
    ...values,
    rounds: Math.ceil(number('rounds', values.quick ? 1 : 5)),
    duration: number('duration'),
    clients: number('clients'),
    only: values.only?.split(','),
    servers: values.servers?.split(','),
  };
}

const save = (file, results) => {
  const { samples, ...rest } = results;
  const lines = samples.map((sample) => `    ${JSON.stringify(sample)}`).join(',\n');
  writeFileSync(file, `${JSON.stringify(rest, null, 2).replace(/\n}$/, '')},\n  "samples": [\n${lines}\n  ]\n}\n`);
};

async function measure(args) {
  endTogether();
  const comparison = new Comparison({ ...args, log: (line) => process.stderr.write(`${line}\n`) });
  const { rounds, pace, left, samples } = comparison;
  const limits = Object.fromEntries(
    ['clients', 'rooms'].filter((name) => Number.isFinite(pace[name])).map((name) => [name, pace[name]]),
  );
  const results = {
    made: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: versions(),
    settings: { rounds, duration: pace.duration, warmUp: pace.warmUp, ...limits },
    left: Object.fromEntries(left),
    samples,
  };
  await comparison.run(() => args.results && save(args.results, results));
  return results;
}

function write(results, { markdown, plots }) {
  mkdirSync(path('docs/benchmarks'), { recursive: true });
  for (const name of readdirSync(path('docs/benchmarks')).filter((file) => file.endsWith('.svg'))) {
    rmSync(path(`docs/benchmarks/${name}`));
  }
  writeFileSync(path('docs/benchmarks.md'), markdown);
  for (const [name, svg] of plots) writeFileSync(path(`docs/benchmarks/${name}`), svg);
  save(path('docs/benchmarks/results.json'), results);
}

try {
  const args = readArguments();
  if (args.help) {
    process.stdout.write(kHelp);
  } else {
    const results = args.from ? JSON.parse(readFileSync(args.from, 'utf8')) : await measure(args);
    const page = writePage(results);
    if (args.write) write(results, page);
    else process.stdout.write(page.markdown);
    process.exitCode = results.samples.some(({ failure }) => failure) ? 1 : 0;
  }
} catch (error) {
  process.stderr.write(`script/bench: ${error.message}\n`);
  process.exitCode = 2;
}
