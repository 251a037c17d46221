/** What is measured: for each case the load, the servers that bear it in turn, and the figures that count. */

const kRates = ['hearth', 'ignis', 'bun', 'ws', 'socketio', 'nchan', 'floor'];
const kCrowd = { scenario: 'fanout', clients: 1000 };
const kRooms = { scenario: 'rooms', clients: 10_000, rooms: 10_000, members: 10, zipf: 0, churn: 0 };

/** `better` says which way a figure is good. */
export const kFigures = {
  cpu: { title: 'CPU time of the server a delivered message', unit: 'µs', better: 'less', of: (r) => r.server.cpu_us_per_delivery },
  rate: { title: 'delivered messages a second', unit: '/s', better: 'more', of: (r) => r.deliveries_per_second },
  p50: { title: 'latency, median', unit: 'ms', better: 'less', of: (r) => r.latency_us.p50 / 1000 },
  p99: { title: 'latency, 99th percentile', unit: 'ms', better: 'less', of: (r) => r.latency_us.p99 / 1000 },
  connect: { title: 'CPU time of the server a client', unit: 'µs', better: 'less', of: (r) => r.connect.server_cpu_us_per_client },
  memory: { title: 'memory of the server a client', unit: 'B', better: 'less', of: (r) => r.server.rss_bytes_per_client },
  handled: { title: 'CPU time of the server a message', unit: 'µs', better: 'less', of: (r) => r.server.cpu_us_per_delivery },
};

const kGrowing = ['hearth', 'ignis', 'bun', 'floor'];

const growth = [5000, 10_000, 19_000].map((clients) => ({
  id: `growth-${clients}`,
  group: 'growth',
  title: `${clients.toLocaleString('en-US')} clients`,
  x: clients,
  servers: kGrowing,
  load: { ...kCrowd, clients },
  figures: ['cpu'],
}));

/** Fan-out to 1000 is where growth begins, and is not measured twice. */
export const kGrowthBegins = { id: 'fanout-1', title: '1000 clients', x: 1000, servers: kGrowing, load: kCrowd, figures: ['cpu'] };

export const kCases = [
  { id: 'echo', group: 'echo', title: '50 clients, 64 bytes', servers: kRates.filter((name) => name !== 'nchan'),
    load: { scenario: 'echo', clients: 50 }, figures: ['cpu', 'rate'] },
  { id: 'fanout-1', group: 'fanout', title: 'one message at a time', servers: kRates, load: kCrowd, figures: ['cpu', 'rate'] },
  { id: 'fanout-16', group: 'fanout', title: '16 messages in flight', servers: kRates, load: { ...kCrowd, window: 16 },
    figures: ['cpu', 'rate'] },
  { id: 'latency', group: 'latency', title: 'five servers at one rate', servers: ['hearth', 'ignis', 'bun', 'ws', 'floor'],
    load: { ...kCrowd, rateFrom: 'fanout-1' }, times: 5, figures: ['p50', 'p99'] },
  { id: 'latency-node', group: 'latency', title: 'driven from Node.js, and Hearth at their rate', servers: ['hearth', 'socketio', 'nchan'],
    load: { ...kCrowd, rateFrom: 'fanout-1' }, times: 5, figures: ['p50', 'p99'] },
  { id: 'redis-1', group: 'redis', title: 'one message at a time', servers: ['hearth', 'hearth-pattern', 'ignis'], redis: true,
    load: { ...kCrowd, via: 'redis' }, figures: ['cpu', 'rate'] },
  { id: 'redis-16', group: 'redis', title: '16 messages in flight', servers: ['hearth', 'hearth-pattern', 'ignis'], redis: true,
    load: { ...kCrowd, via: 'redis', window: 16 }, figures: ['cpu', 'rate'] },
  { id: 'unheard', group: 'unheard', title: 'a room that nobody here is in', servers: ['hearth', 'hearth-pattern', 'ignis'],
    redis: true, load: { scenario: 'unheard', script: 'unheard_load.mjs', redis: true }, figures: ['handled'] },
  { id: 'encrypted-1', group: 'encrypted', title: 'one message at a time', servers: ['hearth', 'ignis'],
    setup: { encrypt: true }, load: { ...kCrowd, encrypt: true }, figures: ['cpu', 'rate'] },
  { id: 'encrypted-16', group: 'encrypted', title: '16 messages in flight', servers: ['hearth', 'ignis'],
    setup: { encrypt: true }, load: { ...kCrowd, encrypt: true, window: 16 }, figures: ['cpu', 'rate'] },
  { id: 'connect', group: 'connect', title: '19,000 clients in 4 rooms', servers: ['hearth', 'ignis', 'bun', 'ws'],
    load: { scenario: 'connect', clients: 19_000, rooms: 4 }, figures: ['connect', 'memory'] },
  { id: 'connect-other', group: 'connect', title: '4000 clients with a protocol of their own', servers: ['socketio', 'nchan'],
    load: { scenario: 'connect', clients: 4000, rooms: 4 }, figures: ['connect', 'memory'] },
  { id: 'deflate', group: 'deflate', title: '19,000 clients in 4 rooms, at rest', servers: ['hearth', 'ignis', 'bun', 'ws'],
    setup: { deflate: true }, load: { scenario: 'connect', clients: 19_000, rooms: 4, deflate: true },
    figures: ['memory'] },
  { id: 'rooms-1', group: 'rooms', title: 'one message at a time', servers: ['hearth', 'ignis', 'bun', 'ws'],
    load: kRooms, figures: ['cpu', 'rate'] },
  { id: 'rooms-100', group: 'rooms', title: '100 messages in flight', servers: ['hearth', 'ignis', 'bun', 'ws'],
    load: { ...kRooms, window: 100 }, figures: ['cpu', 'rate'] },
  ...growth,
  { id: 'shards', group: 'shards', title: '1000 clients, both cores for server and load', servers: ['hearth', 'hearth-2'],
    sharedCores: true, load: { ...kCrowd, window: 16 }, figures: ['cpu', 'rate'] },
];

/** The headings and words of the page, in its order. */
export const kGroups = {
  echo: { title: 'Echo', text: 'Each of 50 clients sends a message of 64 bytes to itself and, when it is back, the next. nchan has no such thing.' },
  fanout: { title: 'Fan-out', text: 'A message of 64 bytes goes to a room of 1000 clients. Either the next one is sent when it has arrived everywhere, or 16 are sent at once and the next 16 when all of them have arrived.' },
  latency: { title: 'Latency', text: 'From the sender to each of 1000 receivers, at a steady rate, the same for all: half of what the slowest of them bears one message at a time. Socket.IO and nchan bear less, with their load from Node.js, and so have a rate of their own.' },
  redis: { title: 'From Redis', text: 'As fan-out, but published through Redis, as by another instance. “Pattern” is Hearth with `subscriptions=pattern`, which is how Ignis subscribes.' },
  unheard: { title: 'From Redis, for nobody', text: 'What a message costs an instance that has no member of its room. With interest, which is the default, Redis does not send it there.' },
  encrypted: { title: 'Encrypted', text: 'As fan-out, each client with a key of its own.' },
  connect: { title: 'Connecting', text: 'Upgrade, authentication and joining rooms; then what a client at rest takes of the server’s resident memory. Socket.IO and nchan are connected by Node.js, which takes longer for it, and fewer; nchan’s clients neither authenticate nor are in more than one room.' },
  deflate: { title: 'Memory with compression', text: 'permessage-deflate is agreed on, and nothing is said.' },
  rooms: { title: 'Many rooms', text: '10,000 clients, 10,000 rooms, 10 clients in each, every message to a random room. With 100 in flight there are as many deliveries at a time as in the fan-out of one message to 1000.' },
  growth: { title: 'Growth', text: 'Fan-out, one message at a time, to more and more clients.' },
  shards: { title: 'Two shards', text: 'The server may use both cores, and shares them with the load generator, so that this shows what a second shard costs and not what it gives on a machine with cores to spare.' },
};
