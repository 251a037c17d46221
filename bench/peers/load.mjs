/**
 * What the load generators here share. They take the arguments of `hearth bench` as far as they need them, and print the
 * same JSON, so that servers with a protocol of their own are measured like the others.
 */
import { parseArgs } from 'node:util';
import { cpuMicroseconds, residentBytes } from '../lib/process_figures.mjs';

const kPatience = 10_000; // ms until a message counts as missing

export function readArguments() {
  const text = (value) => ({ type: 'string', default: value });
  const {
    values,
    positionals: [scenario, url],
  } = parseArgs({
    allowPositionals: true,
    strict: false,
    options: {
      clients: text('1000'),
      window: text('1'),
      rate: text('0'),
      bytes: text('64'),
      duration: text('10'),
      'warm-up': text('2'),
      rooms: text('4'),
      pid: { type: 'string', multiple: true, default: [] },
      redis: text(''),
    },
  });
  const numbers = ['clients', 'window', 'rate', 'bytes', 'duration', 'rooms'].map((name) => [
    name,
    Number(values[name]),
  ]);
  const pids = values.pid.map(Number);
  return { scenario, url, pids, redis: values.redis, warmUp: Number(values['warm-up']), ...Object.fromEntries(numbers) };
}

export const microseconds = () => Math.round(performance.now() * 1000);

/** The `data` of message `n`: as many bytes of JSON as asked for, if the rest leaves room. */
export function makeData(n, { bytes }, room) {
  const data = { by: 0, n, at: microseconds(), room, pad: '' };
  data.pad = 'x'.repeat(Math.max(0, bytes - JSON.stringify(data).length));
  return data;
}

/** Counts what arrives. */
export class Tally {
  #latencies = [];
  #wake = () => {};
  deliveries = 0;
  measuring = false;

  receive({ at }) {
    this.deliveries += 1;
    if (this.measuring) this.#latencies.push(microseconds() - at);
    this.#wake();
  }

  /** Waits until so many have arrived; says whether they have. */
  reach(count) {
    if (this.deliveries >= count) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#finish(resolve, false), kPatience);
      this.#wake = () => {
        if (this.deliveries < count) return;
        clearTimeout(timer);
        this.#finish(resolve, true);
      };
    });
  }

  #finish(resolve, reached) {
    this.#wake = () => {};
    resolve(reached);
  }

  latency() {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
    const mean = sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length);
    return { mean, p50: at(0.5), p90: at(0.9), p99: at(0.99), p99_9: at(0.999), max: at(1) };
  }
}

const total = (pids, figure) => pids.reduce((sum, pid) => sum + figure(pid), 0);

/** A server's processes, from when it is made. */
export class Usage {
  #pids;
  #cpu;
  #resident;

  constructor(pids) {
    this.#pids = pids;
    this.#cpu = total(pids, cpuMicroseconds);
    this.#resident = total(pids, residentBytes);
  }

  cpu() {
    return total(this.#pids, cpuMicroseconds) - this.#cpu;
  }

  figures(deliveries, clients) {
    const resident = total(this.#pids, residentBytes);
    return {
      cpu_us_per_delivery: deliveries > 0 ? this.cpu() / deliveries : 0,
      cpu_s: this.cpu() / 1e6,
      rss_bytes: resident,
      rss_bytes_per_client: (resident - this.#resident) / clients,
    };
  }
}

/** Messages to everybody, so many in flight, or at a rate, for so many seconds. Returns how many were sent. */
async function sendFor(seconds, args, tally, send) {
  const end = performance.now() + seconds * 1000;
  const before = tally.deliveries;
  let sent = 0;
  const arrived = () => tally.reach(before + sent * args.clients);
  if (args.rate > 0) {
    const start = performance.now();
    while (performance.now() < end) {
      send(1);
      sent += 1;
      const wait = start + (sent * 1000) / args.rate - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
    }
    return { sent, complete: await arrived() };
  }
  do {
    send(args.window);
    sent += args.window;
    if (!(await arrived())) return { sent, complete: false };
  } while (performance.now() < end);
  return { sent, complete: true };
}

/** Runs the scenario `fanout`; `send` sends so many messages that every client gets. */
export async function fanout(args, tally, send) {
  await sendFor(args.warmUp, args, tally, send);
  const usage = new Usage(args.pids);
  tally.deliveries = 0;
  tally.measuring = true;
  const start = performance.now();
  const { sent, complete } = await sendFor(args.duration, args, tally, send);
  return report(args, {
    usage,
    tally,
    start,
    messages: sent,
    missing: complete ? 0 : sent * args.clients - tally.deliveries,
  });
}

/** Runs the scenario `echo`: each client by itself sends the next message when the last one is back. */
export async function echo(args, tally, clients, send) {
  let usage = new Usage(args.pids);
  let start = performance.now();
  let messages = 0;
  const begin = start + args.warmUp * 1000;
  const end = begin + args.duration * 1000;
  await Promise.all(
    clients.map(
      (client) =>
        new Promise((done) => {
          client.echoed = (data) => {
            tally.receive(data);
            messages += 1;
            const now = performance.now();
            if (!tally.measuring && now >= begin) {
              tally.measuring = true;
              usage = new Usage(args.pids);
              start = now;
              messages = 0;
              tally.deliveries = 0;
            }
            if (now < end) send(client);
            else done();
          };
          send(client);
        }),
    ),
  );
  return report(args, { usage, tally, start, messages, missing: 0 });
}

/** Runs the scenario `connect`; `connect` returns when client `i` is authenticated and in its rooms. */
export async function connectAll(args, connect, atATime = 32) {
  const usage = new Usage(args.pids);
  const start = performance.now();
  let next = 0;
  const work = async () => {
    while (next < args.clients) {
      const i = next;
      next += 1;
      await connect(i);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  const connected = {
    clients_per_second: args.clients / ((performance.now() - start) / 1000),
    server_cpu_us_per_client: usage.cpu() / args.clients,
  };
  return { usage, connected };
}

export function report(
  args,
  { usage, tally = new Tally(), start = performance.now(), messages = 0, missing = 0, connected },
) {
  const seconds = (performance.now() - start) / 1000;
  return {
    scenario: args.scenario,
    url: args.url,
    clients: args.clients,
    threads: 1,
    window: args.window,
    rate: args.rate,
    bytes: args.bytes,
    encrypted: false,
    duration_s: seconds,
    messages,
    deliveries: tally.deliveries,
    deliveries_per_second: seconds > 0 ? tally.deliveries / seconds : 0,
    latency_us: tally.latency(),
    server: usage.figures(tally.deliveries || messages, args.clients),
    errors: 0,
    missing,
    doubled: 0,
    out_of_order: 0,
    connect: connected ?? null,
  };
}

/** Prints the result and ends the process, connections and all. */
export function finish(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(result.missing > 0 ? 1 : 0));
}
