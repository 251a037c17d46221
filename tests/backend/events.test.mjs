/** What the backend is told without being asked, by batches and in a Redis stream; and messages that it answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Backend, Client, Hearth, kSecret, kTestTimeout, Redis } from './support.mjs';

const kTypes = 'types = ["connected", "disconnected", "message", "node"]';

function configuration(backend, events = `[events]\nto = "backend"\n${kTypes}`, more = '') {
  return `
[auth]
anonymous = true
[backend]
url = "${backend.url}"
secret = "${kSecret}"
timeout = "30s"
${more}
${events}
`;
}

/** All events that have been taken, in the order in which they came. */
class Taken {
  events = [];
  batches = [];
  skipped = 0;

  /** Takes a batch, as an answer of a backend. */
  take = (batch) => {
    assert.equal(batch.type, 'events');
    this.batches.push(batch);
    this.events.push(...batch.events);
    this.skipped += batch.skipped;
    return [204, ''];
  };

  of(type) {
    return this.events.filter((event) => event.type === type);
  }
}

describe('the backend is told', { timeout: kTestTimeout }, () => {
  test('what becomes of clients and of the instance, in order, once', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    backend.answer = taken.take;
    const hearth = await Hearth.start(configuration(backend), { environment: { HEARTH_SERVER_NAME: 'alpha' } });
    const client = await Client.enter(hearth);
    for (let n = 1; n <= 3; ++n) client.send('moved', { n });
    client.send('answered', {}, '1');  // has an id, so it wants an answer and is no event
    assert.equal((await client.ask('heartbeat', {})).event, 'ack');
    await client.leave();
    assert.equal(await hearth.stop(), 0);
    assert.ok(taken.events.length > 0);

    const [first] = taken.batches;
    assert.equal(first.node.name, 'alpha');
    const told = taken.events.map(({ type, state, seq }) => state ?? `${type} ${seq}`);
    assert.deepEqual(told,
      ['started', 'connected 1', 'message 2', 'message 3', 'message 4', 'disconnected 5', 'stopping']);
    taken.events.forEach((event, at) => assert.equal(event.id, `${first.node.id}-${at + 1}`));
    assert.equal(taken.skipped, 0);
    for (const event of taken.events) assert.ok(Math.abs(Date.now() - Date.parse(event.time)) < 600_000, event.time);
    const [connected] = taken.of('connected');
    assert.equal(connected.clientId, client.id);
    assert.match(connected.remoteAddress, /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(taken.of('message').map(({ event, data }) => [event, data.n]),
      [['moved', 1], ['moved', 2], ['moved', 3]]);
    const [disconnected] = taken.of('disconnected');
    assert.equal(disconnected.code, 1005);
    assert.ok(disconnected.duration >= 0 && disconnected.duration < 600);
    await backend.stop();
  });

  test('nothing by an instance that could not start', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    backend.answer = taken.take;
    const hearth = await Hearth.start(configuration(backend));
    await backend.requests.at(0);
    const environment = { HEARTH_SERVER_LISTEN: new URL(hearth.socketUrl).host };
    await assert.rejects(Hearth.start(configuration(backend), { environment }), /hearth ended with 1/);
    await hearth.stop();
    assert.deepEqual(taken.events.map(({ state }) => state), ['started', 'stopping']);
    await backend.stop();
  });

  test('only of the types that it wants', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    backend.answer = taken.take;
    const hearth = await Hearth.start(configuration(backend, '[events]\nto = "backend"\ntypes = ["disconnected"]'));
    const client = await Client.enter(hearth);
    client.send('moved', {});
    await client.leave();
    await hearth.stop();
    assert.deepEqual(taken.events.map(({ type, seq }) => [type, seq]), [['disconnected', 1]]);
    await backend.stop();
  });

  test('who joins and leaves rooms whose rule says so, in the order of the client', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    backend.answer = taken.take;
    const rules = `[[rooms]]
pattern = "told"
join = "anyone"
events = true
[[rooms]]
pattern = "untold"
join = "anyone"
`;
    const events = '[events]\nto = "backend"\ntypes = ["connected", "disconnected", "joined", "left"]';
    const hearth = await Hearth.start(configuration(backend, events, rules));
    const client = await Client.enter(hearth);
    for (const room of ['untold', 'told']) assert.equal((await client.ask('join', { rooms: [room] })).event, 'ack');
    assert.equal((await client.ask('leave', { rooms: ['told'] })).event, 'ack');
    assert.equal((await client.ask('join', { rooms: ['told'] })).event, 'ack');
    await client.leave();
    await hearth.stop();
    assert.deepEqual(taken.events.map(({ type, room, seq }) => [type, room, seq]), [
      ['connected', undefined, 1], ['joined', 'told', 2], ['left', 'told', 3], ['joined', 'told', 4],
      ['left', 'told', 5], ['disconnected', undefined, 6]]);
    await backend.stop();
  });

  test('of other types and rooms after a reload', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    backend.answer = taken.take;
    const of = (types, told) => configuration(backend, `[events]\nto = "backend"\ntypes = ${JSON.stringify(types)}`,
      `[[rooms]]\npattern = "tea"\njoin = "anyone"\nevents = ${told}\n`);
    const hearth = await Hearth.start(of(['disconnected'], false));
    const client = await Client.enter(hearth);
    assert.equal((await client.ask('join', { rooms: ['tea'] })).event, 'ack');
    assert.deepEqual(await hearth.reload(of(['joined', 'left', 'message'], true)),
      { status: 200, changed: ['rooms.events', 'events.types'] });
    client.send('moved', {});
    assert.equal((await client.ask('leave', { rooms: ['tea'] })).event, 'ack');
    assert.equal((await client.ask('join', { rooms: ['tea'] })).event, 'ack');
    await client.leave();
    await hearth.stop();
    assert.deepEqual(taken.events.map(({ type }) => type), ['message', 'left', 'joined', 'left']);
    await backend.stop();
  });

  test('again, under the same id, until it has taken them', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    let times = 0;
    backend.answer = (batch, request) => {
      times += 1;
      if (times === 1) return [500, {}];
      if (times === 2) return void request.socket.destroy();
      if (times === 3) return [302, ''];
      return taken.take(batch);
    };
    const hearth = await Hearth.start(configuration(backend));
    await backend.requests.at(3);
    const ids = backend.requests.items.slice(0, 4).map(({ headers }) => headers['webhook-id']);
    assert.equal(new Set(ids).size, 1);
    assert.deepEqual(taken.events.map(({ state }) => state), ['started']);
    await hearth.lines.find((line) => line.includes('events are not taken'));
    await hearth.lines.find((line) => line.includes('events are taken again'));
    await hearth.stop();
    assert.deepEqual(taken.events.map(({ state }) => state), ['started', 'stopping']);
    await backend.stop();
  });

  test('one batch after the other, of at most 500 events', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    let underway = 0;
    backend.answer = async (batch) => {
      assert.equal(++underway, 1);
      await released;
      underway -= 1;
      return taken.take(batch);
    };
    const hearth = await Hearth.start(`[limits]\nmessages = "0"\nbytes = "0"\n${configuration(backend)}`);
    await backend.requests.at(0);
    const client = await Client.enter(hearth);
    for (let n = 0; n < 1200; ++n) client.send('moved', { n });
    assert.equal((await client.ask('heartbeat', {})).event, 'ack');
    assert.equal(await hearth.metric('hearth_events_queued'), 1202);
    assert.ok(await hearth.metric('hearth_events_queue_bytes') > 100_000);
    release();
    await client.leave();
    await hearth.stop();
    assert.deepEqual(taken.of('message').map(({ data }) => data.n), [...Array(1200).keys()]);
    assert.ok(taken.batches.every(({ events }) => events.length <= 500));
    assert.ok(taken.batches.length >= 4);
    await backend.stop();
  });

  test('how many events went lost, when there was no room', async () => {
    const backend = await Backend.start();
    const taken = new Taken();
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    backend.answer = async (batch) => {
      await released;
      return taken.take(batch);
    };
    const hearth = await Hearth.start(`[limits]\nmessages = "0"\nbytes = "0"\n${
      configuration(backend, `[events]\nto = "backend"\n${kTypes}\nqueue = "8KiB"`)}`);
    await backend.requests.at(0);
    const client = await Client.enter(hearth);
    for (let n = 0; n < 100; ++n) client.send('moved', { n, filling: 'x'.repeat(200) });
    assert.equal((await client.ask('heartbeat', {})).event, 'ack');
    const dropped = await hearth.metric('hearth_events_dropped_total');
    assert.ok(dropped > 50 && dropped < 100, `${dropped}`);
    release();
    await client.leave();
    await hearth.stop();
    // The first batch was under way; then the newest have been kept.
    assert.equal(taken.batches[0].skipped, 0);
    assert.equal(taken.events[0].state, 'started');
    assert.ok(taken.skipped >= dropped);
    assert.equal(taken.of('message').at(-1).data.n, 99);
    const numbers = taken.events.map(({ id }) => Number(id.split('-').at(-1)));
    assert.equal(numbers.at(-1), taken.events.length + taken.skipped);
    await backend.stop();
  });

  test('at the end for ten seconds, and no longer', async () => {
    const backend = await Backend.start();
    backend.answer = () => [500, {}];
    const hearth = await Hearth.start(configuration(backend));
    await backend.requests.at(0);
    assert.equal(await hearth.stop(), 0);
    await hearth.lines.find((line) => line.includes('2 events were not taken within 10 s, and are lost'));
    await backend.stop();
  });
});

describe('events in a Redis stream', { timeout: kTestTimeout }, () => {
  test('are there in order, each an entry', async () => {
    const redis = await Redis.start();
    try {
      const hearth = await Hearth.start(`
[auth]
anonymous = true
[broker]
url = "${redis.url}"
[events]
to = "redis"
stream = "told"
${kTypes}
`);
      const client = await Client.enter(hearth);
      client.send('moved', { n: 1 });
      assert.equal((await client.ask('heartbeat', {})).event, 'ack');
      await client.leave();
      assert.equal(await hearth.stop(), 0);
      const entries = await redis.ask('XRANGE', 'told', '-', '+');
      const events = entries.map(([, fields]) => {
        assert.equal(fields[0], 'event');
        return JSON.parse(fields[1]);
      });
      assert.deepEqual(events.map(({ type, state, seq }) => state ?? `${type} ${seq}`),
        ['started', 'connected 1', 'message 2', 'disconnected 3', 'stopping']);
    } finally {
      await redis.stop();
    }
  });

  test('say how many went lost for want of room while Redis was away', async () => {
    const redis = await Redis.start();
    try {
      const hearth = await Hearth.start(`
[limits]
messages = "0"
[auth]
anonymous = true
[broker]
url = "${redis.url}"
[events]
to = "redis"
queue = "8KiB"
${kTypes}
`);
      while (await redis.ask('XLEN', 'hearth:events') < 1);
      await redis.kill();
      const client = await Client.enter(hearth);
      for (let n = 0; n < 100; ++n) client.send('moved', { n, filling: 'x'.repeat(200) });
      assert.equal((await client.ask('heartbeat', {})).event, 'ack');
      const dropped = await hearth.metric('hearth_events_dropped_total');
      assert.ok(dropped > 50, `${dropped}`);
      await redis.begin();
      await client.leave();
      assert.equal(await hearth.stop(), 0);
      const events = (await redis.ask('XRANGE', 'hearth:events', '-', '+')).map(([, [, text]]) => JSON.parse(text));
      const skipped = events.filter(({ type }) => type === 'skipped');
      assert.ok(skipped.every(({ count }) => count > 0), JSON.stringify(skipped));
      const lost = skipped.reduce((sum, { count }) => sum + count, 0);
      assert.ok(lost >= dropped, JSON.stringify(skipped));
      // All that were told are there or counted; the first was in the Redis that is gone.
      const last = events.at(-1);
      assert.equal(last.state, 'stopping');
      const there = events.filter(({ type, state }) => type !== 'skipped' && state !== 'started').length;
      assert.equal(1 + there + lost, Number(last.id.split('-').at(-1)));
    } finally {
      await redis.stop();
    }
  });
});

describe('messages with an id', { timeout: kTestTimeout }, () => {
  test('are answered by the backend, those that it wants', async () => {
    const backend = await Backend.start();
    backend.answer = (question) => {
      switch (question.data) {
        case 'nothing': return [200, {}];
        case 'no': return [422, { error: { message: 'There is no such thing' } }];
        case 'plainly no': return [403, ''];
        case 'what?': return [404, ''];
        case 'broken': return [500, { error: { message: 'secret' } }];
        case 'long': return [200, { data: 'x'.repeat(900_000) }];
        case 'too long': return [200, { data: 'x'.repeat(1_100_000) }];
        default: return [200, { data: { double: 2 * question.data.n } }];
      }
    };
    const hearth = await Hearth.start(configuration(backend, '', 'messages = ["order.*"]'));
    const client = await Client.enter(hearth);
    const answer = await client.ask('order.count', { n: 21 });
    assert.deepEqual(answer, { event: 'ack', data: { double: 42 }, id: answer.id });
    const { question } = await backend.requests.at(0);
    assert.equal(question.type, 'message');
    assert.equal(question.event, 'order.count');
    assert.equal(question.id, answer.id);
    assert.equal(question.clientId, client.id);

    assert.equal((await client.ask('order.count', 'nothing')).event, 'ack');
    assert.equal((await client.ask('order.count', 'long')).data.length, 900_000);
    const errors = {
      'no': [112, 'There is no such thing'],
      'plainly no': [112, 'Refused by the backend'],
      'what?': [113, 'Backend unavailable'],
      'broken': [113, 'Backend unavailable'],
      'too long': [113, 'Backend unavailable'],
    };
    for (const [data, [code, message]] of Object.entries(errors)) {
      const refused = await client.ask('order.count', data);
      assert.equal(refused.event, 'error', data);
      assert.deepEqual([refused.data.code, refused.data.message], [code, message], data);
    }
    // What it does not want, and what wants no answer, is dropped: it would have come before the next one.
    const seen = backend.requests.items.length;
    client.send('invoice.count', {}, 'other');
    client.send('order.count', {});
    await client.ask('order.count', 'nothing');
    assert.equal(backend.requests.items.length, seen + 1);
    await client.leave();
    await hearth.stop();
    await backend.stop();
  });

  test('of one client are asked about one after the other', async () => {
    const backend = await Backend.start();
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    let underway = 0;
    backend.answer = async ({ data }) => {
      assert.equal(++underway, 1);
      if (data === 0) await released;
      underway -= 1;
      return [200, { data }];
    };
    const hearth = await Hearth.start(configuration(backend, '', 'messages = ["order.*"]'));
    const client = await Client.enter(hearth);
    const other = await Client.enter(hearth);
    const answers = [];
    for (let n = 0; n < 5; ++n) answers.push(client.ask('order.count', n));
    await backend.requests.at(0);
    underway = 0;  // another client's does not wait for it
    assert.equal((await other.ask('order.count', 'other')).data, 'other');
    assert.equal(backend.requests.items.length, 2);
    underway = 1;
    release();
    await Promise.all(answers);
    assert.deepEqual(backend.requests.items.map(({ question }) => question.data), [0, 'other', 1, 2, 3, 4]);
    await client.leave();
    await other.leave();
    await hearth.stop();
    await backend.stop();
  });
});
