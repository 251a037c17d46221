/** What Hearth is held against: ratios to another server in the same run, or figures by themselves. */
import { kPeers } from './peers.mjs';

const ratio = (title, [caseId, to], most, figure = 'cpu') => ({
  title,
  figure,
  of: [caseId, 'hearth'],
  to: [caseId, to],
  most,
});

export const kAims = [
  ratio('echo, CPU time, to the floor', ['echo', 'floor'], 1.08),
  ratio('fan-out one at a time, CPU time, to the floor', ['fanout-1', 'floor'], 1.05),
  ratio('fan-out with 16 in flight, CPU time, to Ignis', ['fanout-16', 'ignis'], 0.8),
  ratio('from Redis one at a time, CPU time, to Ignis', ['redis-1', 'ignis'], 0.8),
  ratio('from Redis with 16 in flight, CPU time, to Ignis', ['redis-16', 'ignis'], 0.8),
  ratio('encrypted one at a time, CPU time, to Ignis', ['encrypted-1', 'ignis'], 0.25),
  ratio('encrypted with 16 in flight, CPU time, to Ignis', ['encrypted-16', 'ignis'], 0.05),
  {
    title: 'fan-out with 16 in flight over TLS, CPU time, to plain',
    figure: 'cpu',
    of: ['tls-fanout-16', 'hearth'],
    to: ['fanout-16', 'hearth'],
    most: 1.6,
  },
  { title: 'memory of a client with TLS', figure: 'memory', of: ['tls-memory', 'hearth'], most: 16_384 },
  ...['1', '16'].flatMap((window) => [
    {
      title: `rooms that remember, ${window === '1' ? 'one at a time' : '16 in flight'}, CPU time, to those that do not`,
      figure: 'cpu',
      of: [`history-${window}`, 'hearth-history'],
      to: [`history-${window}`, 'hearth'],
      most: 1.05,
    },
    {
      title: `the same, to Ignis without a history`,
      figure: 'cpu',
      of: [`history-${window}`, 'hearth-history'],
      to: [`history-${window}`, 'ignis'],
      most: 1,
    },
  ]),
  {
    title: '10,000 rooms of 10, 100 in flight, CPU time, to fan-out one at a time',
    figure: 'cpu',
    of: ['rooms-100', 'hearth'],
    to: ['fanout-1', 'hearth'],
    most: 1.1,
  },
  ...[
    ['latency', 'ignis'],
    ['latency', 'bun'],
    ['latency', 'ws'],
    ['latency-node', 'socketio'],
    ['latency-node', 'nchan'],
  ].map((to) => ratio(`latency, 99th percentile, to ${kPeers[to[1]].name}`, to, 1, 'p99')),
  { title: 'connecting and authenticating, CPU time', figure: 'connect', of: ['connect', 'hearth'], most: 32 },
  { title: 'memory of a client in 4 rooms', figure: 'memory', of: ['memory', 'hearth'], most: 700 },
  { title: 'the same with compression agreed on', figure: 'memory', of: ['deflate', 'hearth'], most: 1024 },
];

/** An aim with what was measured: `summary` is null if it was not. It is held by the median. */
export function judge(aim, samples) {
  const summary = aim.to ? samples.ratio(aim.figure, aim.of, aim.to) : samples.summary(...aim.of, aim.figure);
  return { ...aim, summary, held: summary ? summary.median <= aim.most : null };
}
