/** Runs the cases: each server in turn under the same load, round after round (A B A B). */
import { kCases } from './cases.mjs';
import { kPeers, loadCommand, missing, startPeer } from './peers.mjs';
import { allowedCores } from './process_figures.mjs';
import { output, startRedis } from './processes.mjs';
import { median } from './statistics.mjs';

const kPatience = 120_000; // ms beyond what a run is to take
const kQuick = { duration: 1, warmUp: 0.3, clients: 500, rooms: 500 };
const kUsual = { duration: 2, warmUp: 1, clients: Infinity, rooms: Infinity };

/** Server and load each get a core, as far as there are two. */
function cores({ sharedCores }) {
  const allowed = allowedCores();
  const both = allowed.slice(0, 2).join(',');
  return sharedCores
    ? { server: both, load: both }
    : { server: String(allowed[0]), load: String(allowed[1] ?? allowed[0]) };
}

const kFlags = {
  clients: '--clients',
  window: '--window',
  rate: '--rate',
  rooms: '--rooms',
  members: '--members',
  zipf: '--zipf',
  churn: '--churn',
  via: '--via',
};

/** The flags of `hearth bench`, which the scripts of bench/peers take as well. */
export function loadFlags(one, { url, pids, redis, rate }, pace) {
  const load = { ...one.load, rate: one.load.rateFrom ? rate : undefined };
  load.clients = Math.min(load.clients ?? 1, pace.clients);
  if (load.rooms) load.rooms = Math.min(load.rooms, pace.rooms);
  const flags = Object.entries(kFlags)
    .filter(([name]) => load[name] !== undefined)
    .flatMap(([name, flag]) => [flag, String(load[name])]);
  const withRedis = load.via === 'redis' || load.redis;
  const speaksIt = !load.script;
  return [
    load.scenario,
    url,
    ...flags,
    ...(load.encrypt ? ['--encrypt'] : []),
    ...(load.deflate ? ['--deflate'] : []),
    ...(withRedis ? ['--redis', redis] : []),
    ...(speaksIt ? ['--send', 'application'] : []),
    '--duration',
    String(pace.duration * (one.times ?? 1)),
    '--warm-up',
    String(pace.warmUp),
    ...pids.flatMap((pid) => ['--pid', String(pid)]),
    ...(one.setup?.tls && speaksIt ? ['--insecure'] : []),
    '--json',
  ];
}

export class Comparison {
  constructor({ rounds, quick, only, servers, duration, clients, log }) {
    this.rounds = rounds;
    this.pace = { ...(quick ? kQuick : kUsual), ...(duration && { duration }), ...(clients && { clients }) };
    this.log = log;
    this.samples = [];
    this.left = new Map(); // server to why it is left out
    this.cases = this.#choose(only, servers);
  }

  /** Cases by their names or those of their groups, with the servers that there are. */
  #choose(only, servers) {
    const known = new Set(kCases.flatMap(({ id, group }) => [id, group]));
    const unknown = (only ?? []).find((name) => !known.has(name));
    if (unknown) throw new Error(`there is no case ${unknown}; there are ${[...known].join(', ')}`);
    const stranger = (servers ?? []).find((name) => !kPeers[name]);
    if (stranger) throw new Error(`there is no server ${stranger}; there are ${Object.keys(kPeers).join(', ')}`);
    let chosen = kCases.filter(({ id, group }) => !only || only.includes(id) || only.includes(group));
    const needed = new Set(chosen.map(({ load }) => load.rateFrom));
    chosen = kCases.filter((one) => chosen.includes(one) || needed.has(one.id));
    const isThere = (name) => {
      const reason = missing(name);
      if (reason) this.left.set(name, reason);
      return !reason;
    };
    return chosen.map((one) => ({
      ...one,
      servers: one.servers.filter((name) => (!servers || servers.includes(name)) && isThere(name)),
    }));
  }

  async run(afterCase = () => {}) {
    for (const one of this.cases) {
      const rate = one.load.rateFrom && this.#halfOfSaturation(one);
      for (let round = 1; round <= this.rounds; round += 1) {
        for (const server of one.servers) await this.#measure(one, server, round, rate);
      }
      afterCase();
    }
  }

  /** Messages a second: half of what the slowest server of a case bore in the closed loop. */
  #halfOfSaturation({ servers, load }) {
    const bore = servers.map((server) => {
      const own = this.samples.filter(
        (sample) => sample.case === load.rateFrom && sample.server === server && sample.result,
      );
      return own.length > 0 ? median(own.map(({ result }) => result.deliveries_per_second / result.clients)) : Infinity;
    });
    return Math.max(1, Math.floor(Math.min(...bore) / 2));
  }

  async #measure(one, server, round, rate) {
    const sample = { case: one.id, server, round };
    try {
      sample.result = await this.#sample(one, server, rate);
    } catch (error) {
      sample.failure = error.message;
    }
    this.samples.push(sample);
    this.log(`${one.id}, ${server}, round ${round}: ${sample.failure ? `failed: ${sample.failure}` : 'done'}`);
  }

  async #sample(one, server, rate) {
    const on = cores(one);
    const redis = one.redis ? await startRedis(on.load) : null;
    try {
      const started = await startPeer(server, { ...one.setup, redis: redis?.url }, on.server);
      try {
        return await this.#load(one, server, { started, redis, rate, core: on.load });
      } finally {
        await started.server.stop();
      }
    } finally {
      await redis?.stop();
    }
  }

  async #load(one, server, { started, redis, rate, core }) {
    const scheme = one.setup?.tls ? 'wss' : 'ws';
    const target = { url: `${scheme}://127.0.0.1:${started.port}/ws`, pids: started.pids, redis: redis?.url, rate };
    const flags = loadFlags(one, target, this.pace);
    const command = [...loadCommand(server, one.load), ...flags, ...(kPeers[server].flags ?? [])];
    const { text, errors, code, signal } = await output(
      command,
      core,
      kPatience + this.pace.duration * (one.times ?? 1) * 1000,
    );
    const result = text.startsWith('{') ? JSON.parse(text) : null;
    if (code === 0 || isMerelyDisordered(result)) return result;
    throw new Error(`the load ended with ${code ?? signal}: ${describe(result) ?? (errors || text).trim()}`);
  }
}

const kFaults = ['errors', 'missing', 'doubled', 'unexpected'];

/** All has come, once, but in another order: that is a server's way (the page names it), and its figures hold. */
const isMerelyDisordered = (result) => result?.out_of_order > 0 && kFaults.every((fault) => !result[fault]);

function describe(result) {
  const faults = kFaults.filter((fault) => result?.[fault]).map((fault) => `${result[fault]} ${fault}`);
  return faults.length > 0 ? [...faults, result.first_error].filter(Boolean).join(', ') : null;
}
