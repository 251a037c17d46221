/** What is measured: for each case the load, the servers that bear it in turn, and the figures that count. */

const kAll = ['hearth', 'ignis', 'bun', 'ws', 'socketio', 'nchan', 'floor'];
const kDriven = ['socketio', 'nchan']; // from Node.js
const kOne = 'one message at a time';
const kSixteen = '16 messages in flight';
const kOtherTitle = '4000 clients with a protocol of their own';
const kCrowd = { scenario: 'fanout', clients: 1000 };
const kRooms = { scenario: 'rooms', clients: 10_000, rooms: 10_000, members: 10, zipf: 0, churn: 0 };

const kCpu = { unit: 'µs', better: 'less' };

/** `title` is for sentences and plots, `head` for tables; `better` says which way a figure is good. */
export const kFigures = {
  cpu: {
    ...kCpu,
    title: 'CPU time of the server a delivered message',
    head: 'µs of CPU a delivery',
    of: (result) => result.server.cpu_us_per_delivery,
  },
  handled: {
    ...kCpu,
    title: 'CPU time of the server a message',
    head: 'µs of CPU a message',
    of: (result) => result.server.cpu_us_per_delivery,
  },
  handshake: {
    ...kCpu,
    title: 'CPU time of the server a handshake',
    head: 'µs of CPU a handshake',
    of: (result) => result.server.cpu_us_per_delivery,
  },
  connect: {
    ...kCpu,
    title: 'CPU time of the server a client',
    head: 'µs of CPU a client',
    of: (result) => result.connect.server_cpu_us_per_client,
  },
  rate: {
    unit: '/s',
    better: 'more',
    title: 'delivered messages a second',
    head: 'deliveries a second',
    of: (result) => result.deliveries_per_second,
  },
  p50: {
    unit: 'ms',
    better: 'less',
    title: 'median',
    head: 'median, ms',
    of: (result) => result.latency_us.p50 / 1000,
  },
  p99: {
    unit: 'ms',
    better: 'less',
    title: '99th percentile',
    head: '99th percentile, ms',
    of: (result) => result.latency_us.p99 / 1000,
  },
  memory: {
    unit: 'B',
    better: 'less',
    title: 'memory of the server a client',
    head: 'bytes a client',
    of: (result) => result.server.rss_bytes_per_client,
  },
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
export const kGrowthBegins = {
  id: 'fanout-1',
  title: '1000 clients',
  x: 1000,
  servers: kGrowing,
  load: kCrowd,
  figures: ['cpu'],
};

const kSpeakers = ['hearth', 'ignis', 'bun', 'ws']; // of Hearth's protocol
const kCluster = ['hearth', 'hearth-pattern', 'ignis'];
const kRemembering = ['hearth', 'hearth-history', 'ignis'];
const kSecure = ['hearth', 'hearth-nginx', 'bun', 'ws'];
const kHandshakes = { script: 'handshakes_load.mjs', clients: 1, window: 8 };
const kConnect = { scenario: 'connect', clients: 19_000, rooms: 0 };
const kOther = { ...kConnect, clients: 4000 };

export const kCases = [
  {
    id: 'echo',
    group: 'echo',
    title: '50 clients, 64 bytes',
    servers: kAll.filter((name) => name !== 'nchan'),
    load: { scenario: 'echo', clients: 50 },
    figures: ['cpu', 'rate'],
  },
  { id: 'fanout-1', group: 'fanout', title: kOne, servers: kAll, load: kCrowd, figures: ['cpu', 'rate'] },
  {
    id: 'fanout-16',
    group: 'fanout',
    title: kSixteen,
    servers: kAll,
    load: { ...kCrowd, window: 16 },
    figures: ['cpu', 'rate'],
  },
  { id: 'history-1', group: 'history', title: kOne, servers: kRemembering, load: kCrowd, figures: ['cpu', 'rate'] },
  {
    id: 'history-16',
    group: 'history',
    title: kSixteen,
    servers: kRemembering,
    load: { ...kCrowd, window: 16 },
    figures: ['cpu', 'rate'],
  },
  {
    id: 'latency',
    group: 'latency',
    title: 'driven by hearth bench',
    servers: [...kSpeakers, 'floor'],
    load: { ...kCrowd, rateFrom: 'fanout-1' },
    times: 5,
    figures: ['p50', 'p99'],
  },
  {
    id: 'latency-node',
    group: 'latency',
    title: 'at the rate of those driven from Node.js',
    servers: ['hearth', 'socketio', 'nchan'],
    load: { ...kCrowd, rateFrom: 'fanout-1' },
    times: 5,
    figures: ['p50', 'p99'],
  },
  {
    id: 'redis-1',
    group: 'redis',
    title: kOne,
    servers: kCluster,
    redis: true,
    load: { ...kCrowd, via: 'redis' },
    figures: ['cpu', 'rate'],
  },
  {
    id: 'redis-16',
    group: 'redis',
    title: kSixteen,
    servers: kCluster,
    redis: true,
    load: { ...kCrowd, via: 'redis', window: 16 },
    figures: ['cpu', 'rate'],
  },
  {
    id: 'unheard',
    group: 'unheard',
    title: 'a room that nobody here is in',
    servers: kCluster,
    redis: true,
    load: { scenario: 'unheard', script: 'unheard_load.mjs', redis: true },
    figures: ['handled'],
  },
  {
    id: 'encrypted-1',
    group: 'encrypted',
    title: kOne,
    servers: ['hearth', 'ignis'],
    setup: { encrypt: true },
    load: { ...kCrowd, encrypt: true },
    figures: ['cpu', 'rate'],
  },
  {
    id: 'encrypted-16',
    group: 'encrypted',
    title: kSixteen,
    servers: ['hearth', 'ignis'],
    setup: { encrypt: true },
    load: { ...kCrowd, encrypt: true, window: 16 },
    figures: ['cpu', 'rate'],
  },
  {
    id: 'connect',
    group: 'connect',
    title: '19,000 clients',
    servers: kSpeakers,
    load: kConnect,
    figures: ['connect'],
  },
  { id: 'connect-other', group: 'connect', title: kOtherTitle, servers: kDriven, load: kOther, figures: ['connect'] },
  {
    id: 'memory',
    group: 'memory',
    title: '19,000 clients',
    servers: kSpeakers,
    load: { ...kConnect, rooms: 4 },
    figures: ['memory'],
  },
  {
    id: 'memory-other',
    group: 'memory',
    title: kOtherTitle,
    servers: kDriven,
    load: { ...kOther, rooms: 4 },
    figures: ['memory'],
  },
  {
    id: 'deflate',
    group: 'deflate',
    title: '19,000 clients',
    servers: kSpeakers,
    setup: { deflate: true },
    load: { ...kConnect, rooms: 4, deflate: true },
    figures: ['memory'],
  },
  {
    id: 'tls-echo',
    group: 'tls',
    title: 'echo, 50 clients',
    servers: kSecure,
    setup: { tls: true },
    load: { scenario: 'echo', clients: 50 },
    figures: ['cpu', 'rate'],
  },
  {
    id: 'tls-fanout-1',
    group: 'tls',
    title: `fan-out, ${kOne}`,
    servers: kSecure,
    setup: { tls: true },
    load: kCrowd,
    figures: ['cpu', 'rate'],
  },
  {
    id: 'tls-fanout-16',
    group: 'tls',
    title: `fan-out, ${kSixteen}`,
    servers: kSecure,
    setup: { tls: true },
    load: { ...kCrowd, window: 16 },
    figures: ['cpu', 'rate'],
  },
  {
    id: 'tls-full',
    group: 'handshakes',
    title: 'whole handshakes',
    servers: kSecure,
    setup: { tls: true },
    load: { scenario: 'full', ...kHandshakes },
    figures: ['handshake'],
  },
  {
    id: 'tls-resumed',
    group: 'handshakes',
    title: 'resumed from a ticket',
    servers: kSecure,
    setup: { tls: true },
    load: { scenario: 'resumed', ...kHandshakes },
    figures: ['handshake'],
  },
  {
    id: 'tls-memory',
    group: 'tls-memory',
    title: '4000 clients',
    servers: kSecure,
    setup: { tls: true },
    load: { ...kOther, rooms: 4 },
    figures: ['memory'],
  },
  { id: 'rooms-1', group: 'rooms', title: kOne, servers: kSpeakers, load: kRooms, figures: ['cpu', 'rate'] },
  {
    id: 'rooms-100',
    group: 'rooms',
    title: '100 messages in flight',
    servers: kSpeakers,
    load: { ...kRooms, window: 100 },
    figures: ['cpu', 'rate'],
  },
  ...growth,
  {
    id: 'shards',
    group: 'shards',
    title: '16 messages in flight, both cores for server and load',
    servers: ['hearth', 'hearth-2'],
    sharedCores: true,
    load: { ...kCrowd, window: 16 },
    figures: ['cpu', 'rate'],
  },
];

/** The headings and words of the page, in its order. */
export const kGroups = {
  echo: {
    title: 'Echo',
    text: 'Each of 50 clients sends a message of 64 bytes to itself and, when it is back, the next. nchan has no such thing.',
  },
  fanout: {
    title: 'Fan-out',
    text:
      'A message of 64 bytes goes to a room of 1000 clients. Either the next one is sent when it has arrived everywhere, ' +
      'or 16 are sent at once, and the next 16 when all of them have arrived.',
  },
  history: {
    title: 'Rooms that remember',
    text:
      'The same fan-out, in a room that remembers its last 1000 messages, to members with positions (`hearth bench --since`), ' +
      'whose messages have the room’s name and an offset besides; beside Hearth and Ignis without a history.',
  },
  latency: {
    title: 'Latency',
    text:
      'From the sender to each of 1000 receivers, at a steady rate: half of what the slowest of those that are compared ' +
      'bore one message at a time. Socket.IO and nchan, with their load from Node.js, bear less, and are compared at a rate ' +
      'of their own.',
  },
  redis: {
    title: 'From Redis',
    text:
      'As fan-out, but published through Redis, as another instance would. “Pattern” is Hearth with ' +
      '`subscriptions=pattern`, which is how Ignis subscribes.',
  },
  unheard: {
    title: 'From Redis, for nobody',
    text:
      'What a message costs an instance that has no member of its room. With interest, which is the default, Redis does ' +
      'not send it there.',
  },
  encrypted: { title: 'Encrypted', text: 'As fan-out, each client with a key of its own.' },
  connect: {
    title: 'Connecting',
    text:
      'Upgrade and authentication, up to 64 at a time. Socket.IO and nchan are connected from ' +
      'Node.js, and fewer; nchan’s clients do not authenticate.',
  },
  memory: {
    title: 'Memory',
    text: 'What a client in 4 rooms, at rest, takes of the server’s resident memory. nchan’s clients are in one.',
  },
  deflate: { title: 'Memory with compression', text: 'The same, with permessage-deflate agreed on.' },
  tls: {
    title: 'TLS',
    text:
      'Echo and fan-out as above, over TLS 1.3. Behind nginx, which ends TLS and passes on to a plain Hearth on the same ' +
      'core, the time of both counts.',
  },
  handshakes: {
    title: 'TLS handshakes',
    text: 'Connections that end once TLS 1.3 is agreed on, eight at a time, with a certificate on P-256.',
  },
  'tls-memory': { title: 'Memory with TLS', text: 'What a client in 4 rooms, at rest, takes. Behind nginx, of both.' },
  rooms: {
    title: 'Many rooms',
    text:
      '10,000 clients, 10,000 rooms, 10 clients in each, every message to a random room. With 100 in flight there are as ' +
      'many deliveries at a time as in the fan-out of one message to 1000.',
  },
  growth: { title: 'Growth', text: 'Fan-out, one message at a time, to more and more clients.' },
  shards: {
    title: 'Two shards',
    text:
      'The server may use both cores, and shares them with the load. So this shows what a second shard costs, and not ' +
      'what it gives where cores are to spare.',
  },
};
