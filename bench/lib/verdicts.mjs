/** The parts of the page that judge: aims, where others are ahead, what went wrong. */
import { judge, kAims } from './aims.mjs';
import { kCases, kFigures, kGroups } from './cases.mjs';
import { kPeers } from './peers.mjs';
import { overlap } from './statistics.mjs';
import { paragraph, spread, table } from './text.mjs';

const kHearths = ['hearth', 'hearth-pattern', 'hearth-2', 'hearth-nginx'];

const kLimits = paragraph(
  'What to keep in mind of all of it: server, load and Redis share one small machine, and on a loopback nothing is lost',
  'or late. The figures are good for comparing the servers with each other, not for saying what a machine bears. CPU time',
  'is what counts: deliveries a second say less, since the load is at its own limit before some of the servers are at',
  'theirs. Socket.IO and nchan are driven from Node.js, whose own time is in their latencies and rates. The log of Ignis',
  'is switched off, which makes connecting several times cheaper for it. The floor checks nothing, knows one room and',
  'keeps no index; it is no server.',
);

/** Each aim that something was measured for. */
export function aims(samples) {
  const judged = kAims.map((aim) => judge(aim, samples)).filter(({ summary }) => summary);
  if (judged.length === 0) return '';
  const rows = judged.map(({ title, figure, to, most, summary, held }) => {
    const unit = to ? '×' : kFigures[figure].unit;
    return [title, `${most} ${unit}`, spread(summary), held ? 'yes' : 'no'];
  });
  const head = ['', 'at most', 'measured', 'held'];
  return `## Aims\n\nRatios are taken round by round. The median decides.\n\n${table(head, rows)}`;
}

/** What a server is better at than Hearth, as a line of a list; null if it is not. */
function lead(samples, one, figure, server) {
  if (kHearths.includes(server) || kPeers[server].lowerBound) return null;
  const own = samples.summary(one.id, 'hearth', figure);
  const other = samples.summary(one.id, server, figure);
  const { title, unit, better } = kFigures[figure];
  if (!own || !other) return null;
  if (better === 'less' ? other.median >= own.median : other.median <= own.median) return null;
  const what = `${kGroups[one.group].title}, ${one.title}: ${title}`;
  const figures = `${kPeers[server].name} ${spread(other)} ${unit}, Hearth ${spread(own)} ${unit}`;
  return `- ${what}: ${figures}${overlap(own, other) ? '; the spreads overlap' : ''}.`;
}

/** Every figure of every case in which another server is better. */
export function notAhead(samples) {
  const found = kCases.flatMap((one) =>
    one.figures.flatMap((figure) => one.servers.map((server) => lead(samples, one, figure, server)).filter(Boolean)),
  );
  const text =
    found.length > 0
      ? `All figures of this run in which another server is better, the floor aside:\n\n${found.join('\n')}`
      : 'In no figure of this run is another server better, the floor aside.';
  return `## Where Hearth is not ahead\n\n${text}\n\n${kLimits}`;
}

/** Who did not keep the order of messages. */
export function disorder(results) {
  const found = new Set();
  for (const { case: id, server, result } of results.samples) {
    const one = kCases.find((known) => known.id === id);
    if (result?.out_of_order > 0) found.add(`- ${kGroups[one.group].title}, ${one.title}: ${kPeers[server].name}.`);
  }
  if (found.size === 0) return '';
  const text =
    'All messages came to all receivers, once. Here they did not all come in the order in which they were sent:';
  return `## Out of order\n\n${text}\n\n${[...found].join('\n')}`;
}

/** Runs that are in no figure. */
export function failures(results) {
  const left = Object.entries(results.left).map(([server, why]) => `- ${kPeers[server].name} was left out: ${why}.`);
  const failed = results.samples
    .filter((sample) => sample.failure)
    .map(({ case: id, server, round, failure }) => {
      const said = failure.split('\n')[0].slice(0, 200);
      return `- ${id}, ${kPeers[server].name}, round ${round}: ${said}`;
    });
  if (left.length + failed.length === 0) return '';
  return `## What failed\n\nThese runs are in no figure.\n\n${[...left, ...failed].join('\n')}`;
}
