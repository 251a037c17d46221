/** Instances of a cluster that die, are taken for dead, and have the same name. Real processes, a real Redis. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Backend, Client, Hearth, kSecret, kTestTimeout, Redis, Sequence } from './support.mjs';

const kRules = '[[rooms]]\npattern = "tea"\njoin = "anyone"\nevents = true\n';

/** A backend that is told, and what it has been told of instances. */
class Told {
  events = new Sequence();
  takes = true;
  #known = new Set();

  static async begin() {
    const told = new Told();
    told.redis = await Redis.start();
    told.backend = await Backend.start();
    told.backend.answer = ({ type, node, events }) => {
      assert.equal(type, 'events');
      if (!told.takes) return [500, {}];
      for (const event of events) told.events.push({ ...event, by: node });
      return [204, ''];
    };
    return told;
  }

  configuration({ lostAfter = '8s' } = {}) {
    return `
[auth]
anonymous = true
[backend]
url = "${this.backend.url}"
secret = "${kSecret}"
timeout = "30s"
[broker]
url = "${this.redis.url}"
[events]
to = "backend"
types = ["connected", "disconnected", "joined", "left", "node"]
lost_after = "${lostAfter}"
[limits]
connects_per_ip = "0"
${kRules}
`;
  }

  /** An instance that has been told of as started. */
  async start(name, options = {}) {
    const from = this.events.items.length;
    const hearth = await Hearth.start(this.configuration(options),
      { environment: { HEARTH_SERVER_NAME: name, HEARTH_SERVER_THREADS: '1' } });
    hearth.node = (await this.events.find(({ state, by }) => state === 'started' &&
      !this.#known.has(by.id), from)).by;
    this.#known.add(hearth.node.id);
    return hearth;
  }

  /** Three instances, in the order of their ids. */
  async startThree() {
    const all = [];
    for (const name of ['a', 'b', 'c']) all.push(await this.start(name));
    return all.sort((one, other) => one.node.id < other.node.id ? -1 : 1);
  }

  lost() {
    return this.events.items.filter(({ state }) => state === 'lost');
  }

  untilLost({ node }, from = 0) {
    return this.events.find((event) => event.state === 'lost' && event.node.id === node.id, from);
  }

  /** All that were told as lost are these, each once. */
  assertLost(...nodes) {
    assert.deepEqual(this.lost().map(({ node }) => node.id).sort(), nodes.map(({ node }) => node.id).sort());
  }

  async end(...nodes) {
    for (const hearth of nodes) assert.equal(await hearth.stop(), 0);
    await this.backend.stop();
    await this.redis.stop();
  }
}

const listed = async (told) => Object.keys(await told.redis.ask('HGETALL', 'hearth:event-nodes'))
  .filter((id) => id !== '@').sort();

/** Returns when an instance has seen all that are in the list now: one beat has been answered, since there is another one. */
async function untilSeenBy(told, { node }) {
  const seen = async () => (await told.redis.ask('HGETALL', 'hearth:event-nodes'))[node.id].split(' ')[0];
  for (let beats = 0, last = await seen(); beats < 2;) {
    const now = await seen();
    beats += now === last ? 0 : 1;
    last = now;
  }
}

async function enter(hearth, ...rooms) {
  const client = await Client.enter(hearth);
  for (const room of rooms) assert.equal((await client.ask('join', { rooms: [room] })).event, 'ack');
  return client;
}

describe('an instance', { timeout: kTestTimeout, concurrency: true }, () => {
  test('that is killed is told of as lost, once, by the living one with the lowest id', async () => {
    const told = await Told.begin();
    const [first, second, killed] = await told.startThree();
    assert.deepEqual(await listed(told), [first, second, killed].map(({ node }) => node.id));
    await killed.crash();
    const lost = await told.untilLost(killed);
    assert.equal(lost.type, 'node');
    assert.equal(lost.id, `lost-${killed.node.id}`);
    assert.deepEqual(lost.node, killed.node);
    assert.deepEqual(lost.by, first.node);
    assert.ok(Date.parse(lost.time) > 0);
    await first.lines.find((line) => line.includes(`the instance ${killed.node.name} (${killed.node.id}) is lost`));
    while ((await listed(told)).includes(killed.node.id));

    // And by nobody else: the other one reports the first, after all that it may have had to say before.
    await first.crash();
    assert.deepEqual((await told.untilLost(first)).by, second.node);
    told.assertLost(killed, first);
    await told.end(second);
  });

  test('that ends is not lost, and leaves the list', async () => {
    const told = await Told.begin();
    const [first, ended, killed] = await told.startThree();
    assert.equal(await ended.stop(), 0);
    assert.deepEqual(await listed(told), [first, killed].map(({ node }) => node.id).sort());
    await killed.crash();
    await told.untilLost(killed);
    told.assertLost(killed);
    await told.end(first);
  });

  test('is told of by the next one if the reporter dies before it is taken', async () => {
    const told = await Told.begin();
    const [reporter, next, killed] = await told.startThree();
    told.takes = false;
    await killed.crash();
    await reporter.lines.find((line) => line.includes(`(${killed.node.id}) is lost`));
    await reporter.crash();
    await next.lines.find((line) => line.includes(`(${reporter.node.id}) is lost`));
    await next.lines.find((line) => line.includes(`(${killed.node.id}) is lost`));
    told.takes = true;
    const lost = [await told.untilLost(reporter), await told.untilLost(killed)];
    assert.deepEqual(lost.map(({ id }) => id), [`lost-${reporter.node.id}`, `lost-${killed.node.id}`]);
    while ((await listed(told)).length > 1);
    await told.end(next);
    told.assertLost(reporter, killed);
  });

  test('that died while the backend was away is told of later, once', async () => {
    const told = await Told.begin();
    const [first, second, killed] = await told.startThree();
    told.takes = false;
    await killed.crash();
    await first.lines.find((line) => line.includes(`(${killed.node.id}) is lost`));
    await first.lines.find((line) => line.includes('events are not taken'));
    assert.ok((await listed(told)).includes(killed.node.id));  // until it has been taken
    told.takes = true;
    await told.untilLost(killed);
    while ((await listed(told)).includes(killed.node.id));
    await told.end(first, second);
    told.assertLost(killed);
  });

  test('that started later tells of one that died before', async () => {
    const told = await Told.begin();
    const killed = await told.start('a');
    await killed.crash();
    const later = await told.start('b');
    assert.deepEqual((await told.untilLost(killed)).by, later.node);
    await told.end(later);
    told.assertLost(killed);
  });

  test('that was stopped for long is lost, and tells of its clients again when it goes on', async () => {
    const told = await Told.begin();
    const [other, stopped] = [await told.start('a'), await told.start('b')];
    const client = await enter(stopped, 'tea');
    const gone = await enter(stopped, 'tea');
    await gone.leave();
    const ofClient = (id) => ({ clientId }) => clientId === id;
    await told.events.find((event) => event.type === 'disconnected' && ofClient(gone.id)(event));
    stopped.kill('SIGSTOP');
    await told.untilLost(stopped);
    const from = told.events.items.length;
    stopped.kill('SIGCONT');
    const joined = await told.events.find((event) => event.type === 'joined' && event.clientId === client.id, from);
    assert.deepEqual(joined.by, stopped.node);
    const own = told.events.items.slice(from).filter(({ by }) => by.id === stopped.node.id);
    assert.deepEqual(own.map(({ type, state, clientId, room, seq }) => state ?? [type, clientId, room, seq]),
      ['started', ['connected', client.id, undefined, 3], ['joined', client.id, 'tea', 4]]);
    await stopped.lines.find((line) => line.includes('tells of itself and its clients again'));
    assert.equal((await client.ask('heartbeat', {})).event, 'ack');

    // When it is lost for good, that is another event.
    const again = told.events.items.length;
    await stopped.crash();
    assert.equal((await told.untilLost(stopped, again)).id, `lost-${stopped.node.id}-2`);
    await told.end(other);
  });

  test('is not lost because Redis was restarted', async () => {
    const told = await Told.begin();
    const [first, second, killed] = await told.startThree();
    await told.redis.kill();
    await told.redis.begin();
    while ((await listed(told)).length < 3);
    await killed.crash();
    await told.untilLost(killed);
    told.assertLost(killed);
    await told.end(first, second);
    told.assertLost(killed);
  });

  test('that died while Redis lost the list is lost all the same', async () => {
    const told = await Told.begin();
    const [first, second, killed] = await told.startThree();
    await untilSeenBy(told, first);
    await told.redis.kill();
    await killed.crash();
    await told.redis.begin();
    await told.untilLost(killed);
    await told.end(first, second);
    told.assertLost(killed);
  });

  test('whose name another one has that lives gets a number, and one that died gives it free', async () => {
    const told = await Told.begin();
    const options = { lostAfter: '30s' };
    const first = await told.start('alpha', options);
    const second = await told.start('alpha', options);
    assert.deepEqual([first, second].map(({ node }) => node.name), ['alpha', 'alpha-2']);
    await second.lines.find((line) => line.includes('an instance named alpha lives (server.name); this one is alpha-2'));
    const info = await (await fetch(`${second.apiUrl}/api/info`)).json();
    assert.equal(info.name, 'alpha-2');
    await second.crash();
    const third = await told.start('alpha-2', options);
    assert.equal(third.node.name, 'alpha-2');
    assert.equal(await first.stop(), 0);
    const fourth = await told.start('alpha', options);
    assert.equal(fourth.node.name, 'alpha');
    await told.end(third, fourth);
  });
});

describe('an instance that starts', { timeout: kTestTimeout }, () => {
  test('hears a signal while it waits for Redis', async () => {
    const told = await Told.begin();
    await told.redis.kill();
    const starting = Hearth.launch(told.configuration());
    await starting.lines.find((line) => line.includes('waiting for Redis'));
    assert.equal(await starting.stop(), 0);
    await told.backend.stop();
  });
});
