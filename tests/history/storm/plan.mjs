/** What a seed says that happens: the store, and which faults, when, to whom. */
import { stream } from './time.mjs';

const kFaults = 7;
const kSpan = 3000; // ms that they begin in

/** What can happen whatever the store is, and what only to one server, or to a master and its replica. */
const kKinds = [
  'killNode', 'stopNode', 'drainNode', 'cutRedis', 'slowRedis', 'breakRedis', 'cutClient', 'dropClient', 'sendAway',
  'sendAllAway', 'stopReading', 'stopRedis', 'flush', 'flushScripts', 'killLinks',
];
const kOwn = {
  single: ['restartRedis', 'save'],
  sentinel: ['failoverKill', 'failoverStop', 'failover', 'failback', 'slowReplica', 'killSentinel'],
};
const kWays = [['to'], ['from'], ['to', 'from']];

export function planOf(seed) {
  const random = stream(seed);
  const one = (list) => list[Math.floor(random() * list.length)];
  const topology = random() < 0.55 ? 'sentinel' : 'single';
  // Each seed leaves some kinds out, so that others come together.
  const kinds = kKinds.filter(() => random() < 0.4);
  const own = kOwn[topology].filter(() => random() < 0.7);
  const all = [...kinds, ...own, ...own]; // what the store does is what is hardest
  if (all.length === 0) all.push('killNode');
  return {
    seed,
    topology,
    hasIgnis: random() < 0.5,
    keep: random() < 0.25 ? 30 : 1000,
    cache: one(['64MiB', '16KiB']),
    pad: all.includes('stopReading') ? 6000 : 0,
    faults: Array.from({ length: kFaults }, () => ({
      at: Math.floor(random() * kSpan),
      op: one(all),
      which: Math.floor(random() * 3),
      ms: 50 + Math.floor(random() * 1500),
      ways: one(kWays),
      delay: Math.floor(random() * 200),
      lag: random() < 0.6 ? 50 + Math.floor(random() * 500) : 0,
    })).sort((first, other) => first.at - other.at),
  };
}
