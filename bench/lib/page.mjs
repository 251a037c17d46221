/** Writes the page with the figures, and its plots, from the results of a run. */
import { kCases, kFigures, kGroups, kGrowthBegins } from './cases.mjs';
import { kPeers } from './peers.mjs';
import { barChart, lineChart } from './plots.mjs';
import { loadFlags } from './runner.mjs';
import { Samples } from './statistics.mjs';
import { format, paragraph, spread, table } from './text.mjs';
import { aims, disorder, failures, notAhead } from './verdicts.mjs';

const kIntro = paragraph(
  'What Hearth costs, beside Ignis on Bun, Bun’s own publish and subscribe (which is the core of uWebSockets), `ws` and',
  'Socket.IO on Node.js, nchan on nginx, and the floor: a program of ours that makes the same system calls and has no',
  'protocol at all.',
);

const kHow = paragraph(
  '`script/bench --write` makes this page: it installs the others, starts each in turn on a core of its own with the same',
  'application, puts the same load on it from another core, and goes round again.',
);

const kCpuTime = paragraph(
  'CPU time is what the kernel has for all threads of the server’s process, its own work for them included (`schedstat`);',
  'for nginx it is that of its worker.',
);

const kCommands = paragraph(
  'The load, case by case. A script of `bench/peers` takes the place of `hearth bench` where a server has a protocol of',
  'its own.',
);

const capital = (text) => text[0].toUpperCase() + text.slice(1);

class Page {
  plots = new Map(); // file name to SVG

  constructor(results) {
    this.results = results;
    this.samples = new Samples(results.samples, kFigures);
    this.measured = new Set(results.samples.map((sample) => sample.case));
  }

  casesOf(group) {
    const cases = kCases.filter((one) => one.group === group && this.measured.has(one.id));
    const begins = group === 'growth' && cases.length > 0 && this.measured.has(kGrowthBegins.id);
    return begins ? [kGrowthBegins, ...cases] : cases;
  }

  /** Those that have a figure, in the order of the page. */
  serversOf(cases) {
    const has = (server) => (one) =>
      one.servers.includes(server) && one.figures.some((figure) => this.samples.summary(one.id, server, figure));
    return Object.keys(kPeers).filter((server) => cases.some(has(server)));
  }

  sections() {
    const groups = Object.keys(kGroups).filter((group) => this.casesOf(group).length > 0);
    return groups.map((group) => this.section(group));
  }

  section(group) {
    const cases = this.casesOf(group);
    const { title, text } = kGroups[group];
    if (this.serversOf(cases).length === 0) return `## ${title}\n\n${text}\n\nEvery run of it failed.`;
    this.plots.set(`${group}.svg`, this.plot(group));
    return `## ${title}\n\n${text}${this.rates(cases)}\n\n${this.table(cases)}\n\n![${title}](benchmarks/${group}.svg)`;
  }

  /** At how many messages a second cases at a steady rate were measured. */
  rates(cases) {
    const rateOf = (one) => this.results.samples.find(({ case: id, result }) => id === one.id && result)?.result.rate;
    const rates = cases.map((one) => one.load.rateFrom && rateOf(one)).filter(Boolean);
    if (rates.length === 0) return '';
    return ` In this run these were ${rates.map(format).join(' and ')} messages a second, each to all clients.`;
  }

  table(cases) {
    const columns = this.columns(cases);
    const rows = this.serversOf(cases).map((server) => {
      return [kPeers[server].name, ...columns.map((column) => this.cell(column, server))];
    });
    return table(['', ...columns.map(({ title }) => title)], rows);
  }

  /** One for each figure of each case; cases that have no server in common stand in the same ones. */
  columns(cases) {
    const columns = [];
    for (const [one, figure] of cases.flatMap((each) => each.figures.map((name) => [each, name]))) {
      const shares = (other) => other.servers.some((server) => one.servers.includes(server));
      const same = columns.find((column) => column.figure === figure && !column.cases.some(shares));
      if (same) same.cases.push(one);
      else columns.push({ figure, cases: [one] });
    }
    const alone = new Set(columns.map((column) => column.cases[0].id)).size === 1;
    for (const column of columns) {
      const { head } = kFigures[column.figure];
      column.title = alone ? head : `${column.cases[0].title}: ${head}`;
    }
    return columns;
  }

  cell({ cases, figure }, server) {
    const summary = cases.map((one) => this.samples.summary(one.id, server, figure)).find(Boolean);
    return summary ? spread(summary) : '';
  }

  plot(group) {
    const cases = this.casesOf(group);
    const { title } = kGroups[group];
    if (cases.every((one) => one.x)) return lineChart(title, this.lines(cases));
    const panels = cases.flatMap((one) =>
      one.figures
        .filter((figure) => figure !== 'rate')
        .map((figure) => ({
          title: `${capital(one.title)}: ${kFigures[figure].title}`,
          bars: this.bars(one, figure),
        })),
    );
    return barChart(
      title,
      panels.filter(({ bars }) => bars.length > 0),
    );
  }

  bars(one, figure) {
    return this.serversOf([one]).flatMap((server) => {
      const { name, colour } = kPeers[server];
      const summary = this.samples.summary(one.id, server, figure);
      return summary ? [{ name, colour, label: `${format(summary.median)} ${kFigures[figure].unit}`, ...summary }] : [];
    });
  }

  lines(cases) {
    const [figure] = cases[0].figures;
    const { title, unit } = kFigures[figure];
    const series = this.serversOf(cases).map((server) => {
      const { name, colour } = kPeers[server];
      const points = cases.map((one) => ({ x: one.x, ...this.samples.summary(one.id, server, figure) }));
      return { name, colour, points: points.filter(({ count }) => count) };
    });
    return { series, x: 'clients', y: `${title}, ${unit}` };
  }

  how() {
    const { machine, versions, settings, made } = this.results;
    const rounds = `${settings.rounds} ${settings.rounds === 1 ? 'round' : 'rounds'}`;
    const what = paragraph(
      `Each figure is the median of ${rounds} of ${settings.duration} s, after ${settings.warmUp} s of warm-up (latency:`,
      'five times as long); behind it, in brackets, stand the lowest and the highest.',
    );
    const facts = table(['', ''], [['Measured on', made], ...Object.entries(machine), ...Object.entries(versions)]);
    const commands = `${kCommands}\n\n\`\`\`text\n${this.commands().join('\n')}\n\`\`\``;
    return `## How it was measured\n\n${kHow} ${what} ${kCpuTime}\n\n${facts}\n\n${commands}`;
  }

  commands() {
    const { settings } = this.results;
    const pace = { ...settings, clients: settings.clients ?? Infinity, rooms: settings.rooms ?? Infinity };
    const target = { url: 'URL', pids: ['PID'], redis: 'REDIS', rate: 'RATE' };
    const program = ({ script }) => (script ? `bench/peers/${script}` : 'hearth bench');
    return kCases
      .filter(({ id }) => this.measured.has(id))
      .map((one) => `${one.id}: ${program(one.load)} ${loadFlags(one, target, pace).join(' ')}`);
  }
}

/** The page as Markdown, and its plots by file name. */
export function writePage(results) {
  const page = new Page(results);
  const verdicts = [aims(page.samples), notAhead(page.samples)];
  const parts = [
    '# Figures',
    kIntro,
    ...verdicts,
    ...page.sections(),
    disorder(results),
    failures(results),
    page.how(),
  ];
  return { markdown: `${parts.filter(Boolean).join('\n\n')}\n`, plots: page.plots };
}
