/** Runs the behaviours somewhere: node20, node22, node20-ws, bun, deno, chromium, firefox. A filter may follow. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Stage } from './stage/stage.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const find = (names) => {
  const found = names.map((name) => here(`node_modules/${name}`)).find(existsSync);
  if (!found) throw new Error(`there is no ${names[0]}; script/bootstrap installs it`);
  return found;
};
const node = (version) => find([`node-${version}-linux-x64/bin/node`, `node-${version}-linux-arm64/bin/node`]);

const kProgram = {
  'node20-ws': () => [node(20), '--expose-gc'],
  node20: () => [node(20), '--expose-gc', '--experimental-websocket', '--no-warnings'],
  node22: () => [node(22), '--expose-gc'],
  bun: () => [find(['@oven/bun-linux-x64/bin/bun', '@oven/bun-linux-aarch64/bin/bun'])],
  deno: () => [find(['@deno/linux-x64-glibc/deno', '@deno/linux-arm64-glibc/deno']), 'run', '--allow-all', '--no-lock',
    '--node-modules-dir=manual', '--quiet'],
};

/** They wait for servers most of the time, hence in two parts at once; but Firefox has one page in front. */
const partsIn = (where) => (where === 'firefox' ? 1 : 2);

/** What came of it: prints what failed, and a summary. */
class Tally {
  passed = 0;
  failures = [];
  slowest = [];

  constructor(where) {
    this.where = where;
    this.parts = partsIn(where);
  }

  get done() {
    return this.parts === 0;
  }

  add({ name, error, ms, done }) {
    if (done) {
      this.parts -= 1;
    } else if (error) {
      this.failures.push(name);
      console.log(`${this.where}: FAILED ${name}\n${error.replace(/^/gm, '    ')}`);
    } else {
      this.passed += 1;
      this.slowest.push({ name, ms });
    }
    if (name && process.env.VERBOSE) console.log(`${this.where}: ${error ? 'FAILED' : 'ok'} ${name} (${ms} ms)`);
  }

  /** Whether all is well; a run of nothing is not. */
  sum() {
    console.log(`${this.where}: ${this.passed} passed, ${this.failures.length} failed${this.done ? '' : ', and it did not finish'}`);
    return this.done && this.passed > 0 && this.failures.length === 0;
  }
}

async function runIn(where, filter) {
  const tally = new Tally(where);
  if (where === 'chromium' || where === 'firefox') {
    const { runInBrowser } = await import('./browsers.mjs');
    await runInBrowser(where, filter, tally);
    return tally.sum();
  }
  const stage = await Stage.start((result) => tally.add(result));
  const [program, ...words] = kProgram[where]();
  const parts = [...Array(tally.parts).keys()];
  await Promise.all(parts.map((part) => once(spawn(program,
    [...words, here('worker.mjs'), stage.url, where, filter, part, parts.length], { stdio: ['ignore', 'inherit', 'inherit'] }), 'exit')));
  await stage.stop();
  return tally.sum();
}

const [places, filter = ''] = process.argv.slice(2);
const good = await Promise.all(places.split(',').map((where) => runIn(where, filter)));
process.exit(good.every(Boolean) ? 0 : 1);
