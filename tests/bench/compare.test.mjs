/** The comparison of servers: its statistics, page and plots from fixed results, and one short real run. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kFigures } from '../../bench/lib/cases.mjs';
import { writePage } from '../../bench/lib/page.mjs';
import { barChart, lineChart } from '../../bench/lib/plots.mjs';
import { childrenOf, cpuMicroseconds, residentBytes } from '../../bench/lib/process_figures.mjs';
import { loadFlags } from '../../bench/lib/runner.mjs';
import { median, overlap, Samples, summarise, summariseRatios } from '../../bench/lib/statistics.mjs';
import { format } from '../../bench/lib/text.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kProgram = here('../../bench/compare.mjs');
const kResults = here('results.json');
const results = JSON.parse(readFileSync(kResults, 'utf8'));

const run = (...args) => spawnSync(process.execPath, [kProgram, ...args], { encoding: 'utf8' });

/** The text of a section of a page, without its heading. */
function section(markdown, title) {
  const parts = markdown.split(/^## /m);
  return parts
    .find((part) => part.startsWith(`${title}\n`))
    ?.slice(title.length + 1)
    .trim();
}

/** Elements are closed in the order in which they were opened. */
function assertWellFormed(svg) {
  const open = [];
  for (const [, closing, name, empty] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (closing) assert.equal(open.pop(), name);
    else if (!empty) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
}

/** Waits until what is looked at is as wanted, and returns it. */
async function until(look, isWanted) {
  for (;;) {
    const seen = look();
    if (isWanted(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process is there, and not merely waits for its parent to take note of its end. */
function runs(pid) {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('statistics', () => {
  test('the median is the one in the middle, or between the two there', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 3, 2]), 2.5);
  });

  test('a summary has the median and where the rounds lay', () => {
    assert.deepEqual(summarise([5, 1, 3]), { median: 3, min: 1, max: 5, count: 3 });
    assert.equal(summarise([]), null);
  });

  test('ratios are taken round by round, of rounds that both have', () => {
    const of = new Map([
      [1, 2],
      [2, 9],
      [3, 4],
    ]);
    const to = new Map([
      [1, 1],
      [3, 4],
    ]);
    assert.deepEqual(summariseRatios(of, to), { median: 1.5, min: 1, max: 2, count: 2 });
  });

  test('spreads overlap if they share a value', () => {
    assert.ok(overlap({ min: 1, max: 2 }, { min: 2, max: 3 }));
    assert.ok(!overlap({ min: 1, max: 2 }, { min: 2.1, max: 3 }));
  });

  test('runs that failed count in no figure', () => {
    const samples = new Samples(results.samples, kFigures);
    assert.deepEqual(samples.summary('fanout-1', 'floor', 'cpu'), summarise([4.8, 4.9]));
  });
});

describe('the page', () => {
  const { markdown, plots } = writePage(results);

  test('says of each aim whether the median holds it', () => {
    const aims = section(markdown, 'Aims');
    assert.match(aims, /^\| echo, CPU time, to the floor \| 1\.08 × \| 1\.05 \(1\.00–1\.10\) \| yes \|$/m);
    assert.match(
      aims,
      /^\| fan-out with 16 in flight, CPU time, to Ignis \| 0\.8 × \| 0\.840 \(0\.800–0\.880\) \| no \|$/m,
    );
    assert.match(aims, /^\| latency, 99th percentile, to Bun \| 1 × \| 0\.75\d \S+ \| yes \|$/m);
    assert.match(aims, /^\| memory of a client in 4 rooms \| 700 B \| 690 \S+ \| yes \|$/m);
    assert.doesNotMatch(aims, /Redis/);
  });

  test('names every figure in which another server is ahead, and none in which it is not', () => {
    const text = section(markdown, 'Where Hearth is not ahead');
    const ahead = text.split('\n').filter((line) => line.startsWith('- '));
    assert.equal(ahead.length, 4);
    assert.match(
      ahead[0],
      /Fan-out, one message at a time: CPU time .*: Ignis 5\.10 .* Hearth 5\.20 .*; the spreads overlap\.$/,
    );
    assert.match(ahead[1], /Bun 4\.10 \(4\.00–4\.20\) µs, Hearth 5\.20 \(5\.00–5\.50\) µs\.$/);
    assert.ok(ahead.slice(2).every((line) => line.includes('delivered messages a second')));
    assert.doesNotMatch(text, /- .*floor/);
  });

  test('has a row for each server and the spread in each cell', () => {
    assert.match(section(markdown, 'Echo'), /^\| Ignis \| 9\.00 \(8\.00–10\.0\) \|/m);
    assert.match(section(markdown, 'Growth'), /^\| Ignis \| 5\.10 \(5\.10–5\.40\) \| 6\.00 \S+ \| 7\.00 \S+ \|$/m);
  });

  test('puts cases of other servers into the same columns', () => {
    const connecting = section(markdown, 'Connecting');
    assert.match(connecting, /^\| Hearth \| 30\.0 \S+ \|$/m);
    assert.match(connecting, /^\| nchan \| 70\.0 \S+ \|$/m);
  });

  test('names what failed, was left out, or came out of order', () => {
    assert.match(section(markdown, 'What failed'), /^- fanout-1, floor, round 3: the load ended with 1: 3 missing$/m);
    assert.match(section(markdown, 'What failed'), /^- Socket\.IO was left out: /m);
    assert.match(section(markdown, 'Out of order'), /^- Encrypted, 16 messages in flight: Ignis\.$/m);
  });

  test('says at which rate latency was measured, on what machine, and with which commands', () => {
    assert.match(section(markdown, 'Latency'), /In this run these were 90\.0 messages a second/);
    assert.match(markdown, /^\| Processor \| an example, 2 cores \|$/m);
    assert.match(markdown, /^fanout-16: hearth bench fanout URL --clients 1000 --window 16 --send application /m);
    assert.doesNotMatch(markdown, /NaN|undefined|Infinity/);
  });

  test('shows a plot of each group, each of them well-formed', () => {
    const shown = [...markdown.matchAll(/\]\(benchmarks\/(\S+\.svg)\)/g)].map(([, name]) => name);
    assert.deepEqual(shown, [...plots.keys()]);
    assert.ok(shown.includes('growth.svg') && shown.includes('fanout.svg'));
    for (const svg of plots.values()) assertWellFormed(svg);
  });
});

describe('plots', () => {
  test('numbers have three digits that count', () => {
    assert.deepEqual([0, 0.0423, 0.5, 5.412, 69, 1234, 1_234_567].map(format), [
      '0',
      '0.0423',
      '0.500',
      '5.41',
      '69.0',
      '1,230',
      '1,230,000',
    ]);
  });

  test('what XML would take for its own is escaped', () => {
    const bar = { name: 'a<b>&"c', colour: '#000', label: '1', median: 1, min: 1, max: 1 };
    const svg = barChart('A & B', [{ title: '<', bars: [bar] }]);
    assert.match(svg, />a&lt;b&gt;&amp;&quot;c</);
    assertWellFormed(svg);
  });

  test('a longer bar is of a larger figure', () => {
    const bars = [1, 2].map((value) => ({
      name: `${value}`,
      colour: '#123456',
      label: '',
      median: value,
      min: value,
      max: value,
    }));
    const widths = [...barChart('t', [{ title: '', bars }]).matchAll(/width="([\d.]+)" height="18"/g)].map(
      ([, width]) => Number(width),
    );
    assert.equal(widths[1], 2 * widths[0]);
  });

  test('a line has a point for each x', () => {
    const points = [1000, 19_000].map((x) => ({ x, median: 5, min: 4, max: 6 }));
    const svg = lineChart('t', { series: [{ name: 'one', colour: '#123456', points }], x: 'clients', y: 'µs' });
    assert.equal(svg.match(/<circle /g).length, 2);
    assertWellFormed(svg);
  });
});

describe('bench/compare.mjs', () => {
  test('gives the page of results that are there, and fails if a run of them did', () => {
    const { status, stdout } = run('--from', kResults);
    assert.equal(stdout, writePage(results).markdown);
    assert.equal(status, 1);
  });

  test('refuses arguments that make no sense', () => {
    for (const args of [['--only', 'nothing'], ['--servers', 'nothing'], ['--rounds', 'x'], ['--what']]) {
      const { status, stderr } = run(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, /^script\/bench: /);
    }
  });

  test('reads what a process has used', () => {
    const before = cpuMicroseconds(process.pid);
    for (const end = performance.now() + 5; performance.now() < end;);
    assert.ok(cpuMicroseconds(process.pid) > before);
    assert.ok(residentBytes(process.pid) > 1e6);
  });

  test('gives a load at a rate only where the case has one', () => {
    const target = { url: 'U', pids: [1], rate: 80 };
    const pace = { duration: 2, warmUp: 1, clients: 100, rooms: Infinity };
    const flags = (load) => loadFlags({ load }, target, pace).join(' ');
    assert.equal(
      flags({ scenario: 'fanout', clients: 1000 }),
      'fanout U --clients 100 --send application --duration 2 --warm-up 1 --pid 1 --json',
    );
    assert.match(flags({ scenario: 'fanout', rateFrom: 'x' }), / --rate 80 /);
  });

  test('ends what it has started when it is ended', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hearth-compare-'));
    try {
      const args = ['--only', 'echo', '--servers', 'hearth', '--duration', '60'];
      const program = spawn(process.execPath, [kProgram, ...args], {
        env: { ...process.env, TMPDIR: directory },
        stdio: 'ignore',
      });
      // A server and a load.
      const children = await until(
        () => childrenOf(program.pid),
        (found) => found.length === 2,
      );
      program.kill('SIGTERM');
      assert.deepEqual(await once(program, 'exit'), [143, null]);
      await until(
        () => children.filter(runs),
        (left) => left.length === 0,
      );
      assert.deepEqual(readdirSync(directory), []);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('sees that ten thousand clients take at most 1 KiB each', () => {
    const directory = mkdtempSync(join(tmpdir(), 'hearth-compare-'));
    try {
      const file = join(directory, 'results.json');
      // Past half of the 28,000 local ports that there are, each further connection takes the kernel long to find one.
      const oneRound = ['--rounds', '1', '--duration', '0.1', '--clients', '10000'];
      const { status, stderr } = run(...oneRound, '--only', 'memory', '--servers', 'hearth', '--results', file);
      assert.equal(status, 0, stderr);
      const samples = JSON.parse(readFileSync(file, 'utf8')).samples.filter(({ result }) => result);
      assert.ok(samples.length > 0);
      for (const { result } of samples) {
        assert.ok(result.clients >= 10_000);
        assert.ok(result.server.rss_bytes_per_client <= 1024, `${result.server.rss_bytes_per_client} bytes`);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('measures Hearth and the floor', () => {
    const directory = mkdtempSync(join(tmpdir(), 'hearth-compare-'));
    try {
      const file = join(directory, 'results.json');
      const { status, stdout, stderr } = run(
        '--quick',
        '--only',
        'echo,fanout',
        '--servers',
        'hearth,floor',
        '--results',
        file,
      );
      assert.equal(status, 0, stderr);
      const { samples } = JSON.parse(readFileSync(file, 'utf8'));
      assert.deepEqual(
        samples.map((sample) => `${sample.case} ${sample.server}`),
        ['echo', 'fanout-1', 'fanout-16'].flatMap((name) => [`${name} hearth`, `${name} floor`]),
      );
      for (const { result } of samples) {
        assert.ok(result.deliveries > 0 && result.server.cpu_us_per_delivery > 0);
        assert.equal(result.missing + result.doubled + result.out_of_order, 0);
      }
      assert.match(stdout, /^\| floor \| \d/m);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
