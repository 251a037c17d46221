/** Writes the page with the figures, and its plots, from the results of a run. */
import { judge, kAims } from './aims.mjs';
import { kCases, kFigures, kGroups, kGrowthBegins } from './cases.mjs';
import { kPeers } from './peers.mjs';
import { barChart, format, lineChart } from './plots.mjs';
import { loadFlags } from './runner.mjs';
import { overlap, Samples } from './statistics.mjs';

const kHearths = ['hearth', 'hearth-pattern', 'hearth-2'];

const spread = ({ median, min, max }) => `${format(median)} (${format(min)}–${format(max)})`;
const table = (head, rows) => [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const capital = (text) => text[0].toUpperCase() + text.slice(1);

class Page {
  constructor(results) {
    this.results = results;
    this.samples = new Samples(results.samples, kFigures);
    this.measured = new Set(results.samples.map((sample) => sample.case));
    this.plots = new Map();  // file name to SVG
  }

  casesOf(group) {
    const cases = kCases.filter((one) => one.group === group && this.measured.has(one.id));
    const begins = group === 'growth' && cases.length > 0 && this.measured.has(kGrowthBegins.id);
    return begins ? [kGrowthBegins, ...cases] : cases;
  }

  groups() {
    return Object.keys(kGroups).filter((group) => this.casesOf(group).length > 0);
  }

  serversOf(cases) {
    const has = (server) => (one) => one.servers.includes(server) && one.figures.some((figure) => this.samples.summary(one.id, server, figure));
    return Object.keys(kPeers).filter((server) => cases.some(has(server)));
  }

  groupTable(cases) {
    const columns = this.columns(cases);
    const rows = this.serversOf(cases).map((server) => [kPeers[server].name, ...columns.map((column) => this.cell(column, server))]);
    return table(['', ...columns.map(({ title }) => title)], rows);
  }

  /** Cases that have no server in common stand in the same columns. */
  columns(cases) {
    const merged = [];
    for (const [one, figure] of cases.flatMap((each) => each.figures.map((name) => [each, name]))) {
      const same = merged.find((column) => column.figure === figure && !column.cases.some((other) => other.servers.some((server) => one.servers.includes(server))));
      if (same) same.cases.push(one);
      else merged.push({ figure, cases: [one] });
    }
    const alone = new Set(merged.map((column) => column.cases[0].id)).size === 1;
    for (const column of merged) {
      const { title, unit } = kFigures[column.figure];
      const figure = unit === '/s' ? title : `${title}, ${unit}`;
      column.title = alone ? figure : `${column.cases[0].title}: ${figure}`;
    }
    return merged;
  }

  cell({ cases, figure }, server) {
    const summary = cases.map((one) => this.samples.summary(one.id, server, figure)).find(Boolean);
    return summary ? spread(summary) : '';
  }

  bars(one, figure) {
    return this.serversOf([one]).map((server) => ({ server, summary: this.samples.summary(one.id, server, figure) }))
      .filter(({ summary }) => summary)
      .map(({ server, summary }) => ({
        name: kPeers[server].name, colour: kPeers[server].colour, label: `${format(summary.median)} ${kFigures[figure].unit}`, ...summary,
      }));
  }

  plot(group) {
    const cases = this.casesOf(group);
    const { title } = kGroups[group];
    if (cases.every((one) => one.x)) return lineChart(title, this.lines(cases));
    const panels = cases.flatMap((one) => one.figures.filter((figure) => figure !== 'rate')
      .map((figure) => ({ title: `${capital(one.title)}: ${kFigures[figure].title}`, bars: this.bars(one, figure) })));
    return barChart(title, panels.filter(({ bars }) => bars.length > 0));
  }

  lines(cases) {
    const [figure] = cases[0].figures;
    const series = this.serversOf(cases).map((server) => ({
      name: kPeers[server].name,
      colour: kPeers[server].colour,
      points: cases.map((one) => ({ x: one.x, ...this.samples.summary(one.id, server, figure) })).filter(({ count }) => count),
    }));
    return { series, x: 'clients', y: `${kFigures[figure].title}, ${kFigures[figure].unit}` };
  }

  section(group) {
    const cases = this.casesOf(group);
    const { title, text } = kGroups[group];
    if (this.serversOf(cases).length === 0) return `## ${title}\n\n${text}\n\nEvery run of it failed.`;
    this.plots.set(`${group}.svg`, this.plot(group));
    const rates = cases.map((one) => one.load.rateFrom && this.rateOf(one)).filter(Boolean);
    const at = rates.length > 0 ? ` In this run that was ${rates.map(format).join(' and ')} messages a second, each to all clients.` : '';
    return `## ${title}\n\n${text}${at}\n\n${this.groupTable(cases)}\n\n![${title}](benchmarks/${group}.svg)`;
  }

  rateOf(one) {
    return this.results.samples.find((sample) => sample.case === one.id && sample.result)?.result.rate;
  }

  aims() {
    const judged = kAims.map((aim) => judge(aim, this.samples)).filter(({ summary }) => summary);
    if (judged.length === 0) return '';
    const rows = judged.map(({ title, figure, to, most, summary, held }) => {
      const unit = to ? '×' : kFigures[figure].unit;
      return [title, `${most} ${unit}`, spread(summary), held ? 'yes' : 'no'];
    });
    return `## Aims\n\nRatios are taken round by round. The median decides.\n\n${table(['', 'at most', 'measured', 'held'], rows)}`;
  }

  /** Every figure of every case in which another server is better. */
  notAhead() {
    const found = [];
    for (const one of kCases.filter(({ id }) => this.measured.has(id))) {
      for (const figure of one.figures) {
        const own = this.samples.summary(one.id, 'hearth', figure);
        if (own) found.push(...one.servers.map((server) => this.lead(one, figure, server, own)).filter(Boolean));
      }
    }
    const list = found.length > 0 ? found.join('\n') : 'In no figure of this run is one of the others ahead.';
    return `## Where Hearth is not ahead\n\nAll figures of this run in which another server is better, the floor aside, which no server can pass:\n\n${list}\n\n${kLimits}`;
  }

  lead(one, figure, server, own) {
    if (kHearths.includes(server) || kPeers[server].lowerBound) return null;
    const other = this.samples.summary(one.id, server, figure);
    const { title, unit, better } = kFigures[figure];
    if (!other || (better === 'less' ? other.median >= own.median : other.median <= own.median)) return null;
    const within = overlap(own, other) ? '; the spreads overlap' : '';
    return `- ${kGroups[one.group].title}, ${one.title}: ${title}: ${kPeers[server].name} ${spread(other)} ${unit}, Hearth ${spread(own)} ${unit}${within}.`;
  }

  failures() {
    const failed = this.results.samples.filter((sample) => sample.failure)
      .map(({ case: id, server, round, failure }) => `- ${id}, ${kPeers[server].name}, round ${round}: ${failure.split('\n')[0].slice(0, 200)}`);
    const left = Object.entries(this.results.left).map(([server, why]) => `- ${kPeers[server].name} was left out: ${why}.`);
    if (failed.length + left.length === 0) return '';
    return `## What failed\n\nThese runs are in no figure.\n\n${[...left, ...failed].join('\n')}`;
  }

  /** Who did not keep the order of messages, which every sender and receiver may expect to be kept. */
  disorder() {
    const found = new Map();
    for (const { case: id, server, result } of this.results.samples) {
      if (result?.out_of_order > 0) found.set(`${id} ${server}`, { id, server });
    }
    if (found.size === 0) return '';
    const lines = [...found.values()].map(({ id, server }) => {
      const { group, title } = kCases.find((one) => one.id === id);
      return `- ${kGroups[group].title}, ${title}: ${kPeers[server].name}.`;
    });
    return `## Out of order\n\nIn every run all messages came to all receivers, once. Here some did not come in the order in which they were sent:\n\n${lines.join('\n')}`;
  }

  how() {
    const { machine, versions, settings, made } = this.results;
    const rows = [...Object.entries(machine), ...Object.entries(versions)].map(([name, value]) => [name, value]);
    const server = '`script/bench --write` makes this page: it installs the others, starts each in turn on a core of its own with the same application, puts the same load on it from another core, and goes round again.';
    return `## How it was measured\n\n${server} Each figure is the median of ${settings.rounds} ${settings.rounds === 1 ? 'round' : 'rounds'}, of ${settings.duration} s after ${settings.warmUp} s of warm-up each, and behind it, in brackets, stands the lowest and the highest. CPU time is what the kernel has for all threads of the server’s process (\`schedstat\`), in user mode and in the kernel; for nginx that of its worker. Latency is measured five times as long. Measured on ${made}.\n\n${table(['', ''], rows)}\n\nThe load, case by case (a script of \`bench/peers\` takes the place of \`hearth bench\` where a server has a protocol of its own):\n\n\`\`\`text\n${this.commands().join('\n')}\n\`\`\``;
  }

  commands() {
    const { settings } = this.results;
    const pace = { ...settings, clients: settings.clients ?? Infinity, rooms: settings.rooms ?? Infinity };
    const target = { url: 'URL', pid: 'PID', redis: 'REDIS', rate: 'RATE' };
    return kCases.filter(({ id }) => this.measured.has(id))
      .map((one) => `${one.id}: ${one.load.script ? `bench/peers/${one.load.script}` : 'hearth bench'} ${loadFlags(one, target, pace).join(' ')}`);
  }
}

const kLimits = `What to keep in mind of all of it: server, load and Redis share one small machine, and nothing is lost or late on a loopback. The figures are good for comparing the servers with each other, not for saying what a machine bears. CPU time counts, since the load generator is at its own limit before some of the servers are at theirs; so deliveries a second say less. Socket.IO and nchan are driven from Node.js, whose own time is in their latencies and rates. The log of Ignis is switched off, which makes connecting several times cheaper for it. The floor checks nothing, knows one room and keeps no index; it is no server.`;

const kIntro = `What Hearth costs, beside Ignis on Bun, Bun’s own publish and subscribe (which is the core of uWebSockets), \`ws\` and Socket.IO on Node.js, nchan on nginx, and the floor: a program of ours that makes the same system calls and has no protocol at all.`;

/** The page as Markdown, and its plots by file name. */
export function writePage(results) {
  const page = new Page(results);
  const sections = page.groups().map((group) => page.section(group));
  const parts = ['# Figures', kIntro, page.aims(), page.notAhead(), ...sections, page.disorder(), page.failures(), page.how()];
  return { markdown: `${parts.filter(Boolean).join('\n\n')}\n`, plots: page.plots };
}
