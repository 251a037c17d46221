/** What the backend is asked, and what its yes and its no do. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Backend, Client, Hearth, kSecret, kTestTimeout } from './support.mjs';

const kRules = `
[[rooms]]
pattern = "news:*"
join = "anyone"
[[rooms]]
pattern = "chat:*"
join = "ask"
publish = "members"
[[rooms]]
pattern = "stage:*"
join = "anyone"
publish = "ask"
[[rooms]]
pattern = "org:{claim:org}:**"
join = "users"
[[rooms]]
pattern = "team:*"
join = "granted"
`;

describe('the backend is asked', { timeout: kTestTimeout }, () => {
  let backend;
  let hearth;
  before(async () => {
    backend = await Backend.start();
    hearth = await Hearth.start(`
[auth]
ask_backend = true
headers = ["cookie", "x-tenant"]
[backend]
url = "${backend.url}"
secret = ["another secret that also signs", "${kSecret}"]
${kRules}`, { environment: { HEARTH_SERVER_NAME: 'alpha' } });
  });
  beforeEach(() => {
    backend.answer = (question) => [200, question.type === 'authenticate' ? { userId: 'ann' } : {}];
  });
  after(async () => {
    assert.equal(await hearth.stop(), 0);
    await backend.stop();
  });

  test('who a client is, with what it has sent', async () => {
    const seen = backend.requests.items.length;
    backend.answer = () => [200, { userId: 'ann', metadata: { name: 'Ann' }, autoJoin: ['team:7'] }];
    const client = await Client.enter(hearth, { key: 'k', n: 1.0 },
      { headers: { cookie: 'a=1', 'x-tenant': 'é', 'x-other': 'no' } });
    const { question, headers, body, method, url } = await backend.requests.at(seen);
    assert.equal(method, 'POST');
    assert.equal(url, '/hearth');
    assert.equal(headers['content-type'], 'application/json');
    assert.match(headers['webhook-id'], /^msg_[0-9a-f]{32}$/);
    assert.equal(headers['webhook-signature'].split(' ').length, 2);
    assert.match(headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(question.type, 'authenticate');
    assert.equal(question.node.name, 'alpha');
    assert.equal(question.clientId, client.id);
    assert.match(question.remoteAddress, /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(question.data, { key: 'k', n: 1 });
    assert.ok(body.includes('"data":{"key":"k","n":1}'));
    assert.deepEqual(question.headers, { cookie: 'a=1', 'x-tenant': 'é' });
    assert.equal('renewal' in question, false);
    assert.equal('certificate' in question, false);
    await client.leave();
  });

  test('in the trace that the client comes with', async () => {
    const seen = backend.requests.items.length;
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
    const client = await Client.enter(hearth, {}, { headers: { traceparent } });
    const { headers, question } = await backend.requests.at(seen);
    assert.equal(headers.traceparent, traceparent);
    assert.deepEqual(question.headers, {});
    await client.leave();
  });

  for (const status of [401, 403]) {
    test(`and ${status} refuses`, async () => {
      backend.answer = () => [status, { reason: 'nobody' }];
      const client = await Client.connect(hearth);
      client.send('authenticate', {}, '1');
      assert.equal((await client.event('error')).data.code, 103);
      assert.equal((await client.closed).code, 4003);
    });
  }

  test('and gives claims and grants for the rules', async () => {
    backend.answer = () => [200, { userId: 'ann', claims: { org: 'acme' }, join: ['team:7'] }];
    const client = await Client.enter(hearth);
    const { data } = await client.ask('join', { rooms: ['org:acme:board', 'org:other:board', 'team:7', 'team:8'] });
    assert.equal(data.code, 200);
    assert.deepEqual(data.rooms, ['org:other:board', 'team:8']);
    await client.leave();
  });

  test('and may give no user id, which is nobody', async () => {
    backend.answer = (question) => [200, question.type === 'authenticate' ? {} : { rooms: ['chat:1'] }];
    const seen = backend.requests.items.length;
    const client = await Client.enter(hearth);
    await client.ask('join', { rooms: ['chat:1'] });
    const { question } = await backend.requests.at(seen + 1);
    assert.equal(question.type, 'join');
    assert.equal('userId' in question, false);
    await client.leave();
  });

  test('once for all rooms of a join, and of what it answers only those count', async () => {
    backend.answer = (question) => question.type === 'authenticate'
      ? [200, { userId: 'ann', metadata: { name: 'Ann' } }]
      : [200, { rooms: ['chat:2', 'news:never', 'chat:9'] }];
    const client = await Client.enter(hearth);
    const seen = backend.requests.items.length;
    const answer = await client.ask('join', { rooms: ['news:today', 'chat:1', 'chat:2', 'else'] });
    assert.equal(answer.data.code, 200);
    assert.deepEqual(answer.data.rooms, ['chat:1', 'else']);
    const { question } = await backend.requests.at(seen);
    assert.deepEqual(question.rooms, ['chat:1', 'chat:2']);
    assert.equal(question.userId, 'ann');
    assert.deepEqual(question.metadata, { name: 'Ann' });
    assert.match(question.remoteAddress, /^127\.0\.0\.1:\d+$/);
    assert.equal(backend.requests.items.length, seen + 1);
    await client.leave();
  });

  test('and its no leaves what the rules allow', async () => {
    backend.answer = (question) => question.type === 'authenticate' ? [200, {}] : [403, ''];
    const client = await Client.enter(hearth);
    const answer = await client.ask('join', { rooms: ['news:today', 'chat:1'] });
    assert.equal(answer.data.code, 200);
    assert.deepEqual(answer.data.rooms, ['chat:1']);
    await client.leave();
  });

  test('not about rooms for which no rule says so', async () => {
    const client = await Client.enter(hearth);
    const seen = backend.requests.items.length;
    assert.deepEqual((await client.ask('join', { rooms: ['news:1'] })).data.rooms, ['news:1']);
    assert.equal(backend.requests.items.length, seen);
    await client.leave();
  });

  test('whether something is published, and as what', async () => {
    backend.answer = (question) => {
      if (question.type !== 'publish') return [200, { userId: 'ann' }];
      if (question.data === 'bad') return [403, {}];
      return [200, question.data === 'mild' ? '{"data": {"n":1.50, "s":"\\u00e9"}}' : {}];
    };
    const reader = await Client.enter(hearth);
    await reader.ask('join', { rooms: ['stage:1'] });
    const writer = await Client.enter(hearth);
    const seen = backend.requests.items.length;
    assert.equal((await writer.ask('publish', { room: 'stage:1', event: 'said', data: 'good' })).event, 'ack');
    assert.equal((await writer.ask('publish', { room: 'stage:1', event: 'said', data: 'bad' })).data.code, 203);
    assert.equal((await writer.ask('publish', { room: 'stage:1', event: 'said', data: 'mild' })).event, 'ack');
    await reader.messages.find(({ event, data }) => event === 'said' && typeof data === 'object');
    const heard = reader.messages.items.filter(({ event }) => event === 'said').map(({ data }) => data.data ?? data);
    assert.deepEqual(heard, ['good', { n: 1.5, s: 'é' }]);
    const { question } = await backend.requests.at(seen);
    assert.equal(question.room, 'stage:1');
    assert.equal(question.event, 'said');
    assert.equal(question.member, false);
    await reader.leave();
    await writer.leave();
  });

  test('and every request was signed', () => {
    assert.equal(backend.requests.items.find(({ error }) => error)?.error, undefined);
  });

  test('and counted', async () => {
    const count = await hearth.metric('hearth_backend_requests_total{type="join",outcome="yes"}');
    assert.ok(count >= 2, `${count}`);
    assert.ok(await hearth.metric('hearth_backend_request_duration_seconds_count{type="join"}') >= count);
    assert.equal(await hearth.metric('hearth_backend_in_flight'), 0);
  });
});

describe('after a reload', { timeout: kTestTimeout }, () => {
  test('another backend is asked, with another secret, and about what it was not asked before', async () => {
    const one = await Backend.start();
    const other = await Backend.start({ secret: 'whsec_b3RoZXItc2VjcmV0LW9mLTMyLWJ5dGVzLWFuZC1tb3Jl' });
    other.answer = (question) => [200, question.type === 'authenticate' ? { userId: 'ben' } : { data: 7 }];
    const of = (auth, url, secret, more) => `[auth]\n${auth}\n[backend]\nurl = "${url}"\nsecret = "${secret}"\n${more}`;
    const hearth = await Hearth.start(of('anonymous = true', one.url, kSecret, ''));
    const client = await Client.enter(hearth);
    const answer = await hearth.reload(of('ask_backend = true\nheaders = ["x-tenant"]', other.url,
      'whsec_b3RoZXItc2VjcmV0LW9mLTMyLWJ5dGVzLWFuZC1tb3Jl', 'messages = ["count"]\nqueue = 7'));
    assert.equal(answer.status, 200, JSON.stringify(answer));
    assert.deepEqual((await client.ask('count', {})).data, 7);
    const newcomer = await Client.enter(hearth, {}, { headers: { 'x-tenant': 'red' } });
    assert.equal(one.requests.items.length, 0);
    const [question] = other.of('authenticate');
    assert.deepEqual(question.headers, { 'x-tenant': 'red' });
    for (const leaving of [client, newcomer]) await leaving.leave();
    assert.equal(await hearth.stop(), 0);
    for (const backend of [one, other]) await backend.stop();
  });

  test('the first backend is asked and told apart, and none any more when it is gone', async () => {
    const backend = await Backend.start();
    const alone = '[auth]\nanonymous = true\n';
    const rule = '[[rooms]]\npattern = "chat:*"\njoin = "ask"\npublish = "members"\n';
    const asked = (url = backend.url) =>
      `[auth]\nask_backend = true\n[backend]\nurl = "${url}"\nsecret = "${kSecret}"\nmessages = ["count"]\n${rule}`;
    const hearth = await Hearth.start(alone);
    const before = await Client.enter(hearth);
    const backends = () => hearth.metric('hearth_backend_in_flight');
    assert.equal(await backends(), undefined);

    // With anything wrong nothing has changed.
    const wrong = await hearth.reload(`${asked()}events = 7\n`);
    assert.equal(wrong.status, 422);
    assert.equal(await backends(), undefined);
    await (await Client.enter(hearth)).leave();
    assert.equal(backend.requests.items.length, 0);

    backend.answer = (question) => {
      if (question.type === 'authenticate') return [200, { userId: 'ann', metadata: { n: 1 } }];
      return [200, question.type === 'join' ? { rooms: question.rooms } : { data: 7 }];
    };
    assert.equal((await hearth.reload(asked())).status, 200);
    assert.equal(await backends(), 0);
    // Who was there before is asked about as everybody else.
    assert.deepEqual((await before.ask('join', { rooms: ['chat:1'] })).data.rooms, ['chat:1']);
    assert.equal((await before.ask('count', {})).data, 7);
    const newcomer = await Client.enter(hearth, { key: 'k' });
    assert.deepEqual((await newcomer.ask('join', { rooms: ['chat:1'] })).data.rooms, ['chat:1']);
    const [of, ofNewcomer] = backend.of('join');
    assert.equal(of.clientId, before.id);
    assert.match(of.remoteAddress, /^127\.0\.0\.1:\d+$/);
    assert.deepEqual([ofNewcomer.userId, ofNewcomer.metadata], ['ann', { n: 1 }]);
    assert.equal(await hearth.metric('hearth_authentications_total{method="backend",outcome="accepted"}'), 1);
    assert.equal(await hearth.metric('hearth_authentications_total{method="anonymous",outcome="accepted"}'), 2);

    // What is under way when it goes is answered yet.
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    backend.answer = async () => {
      await released;
      return [200, { rooms: ['chat:2'] }];
    };
    const seen = backend.requests.items.length;
    const late = before.ask('join', { rooms: ['chat:2'] });
    await backend.requests.at(seen);
    assert.equal((await hearth.reload(alone)).status, 200);
    release();
    assert.deepEqual((await late).data.rooms, ['chat:2']);
    assert.equal(await backends(), undefined);
    await (await Client.enter(hearth)).leave();
    assert.equal((await newcomer.ask('join', { rooms: ['chat:3'] })).data.code, 200);
    assert.equal(backend.requests.items.length, seen + 1);
    for (const leaving of [before, newcomer]) await leaving.leave();
    assert.equal(await hearth.stop(), 0);
    await backend.stop();
  });
});

describe('an identity that the backend has ended', { timeout: kTestTimeout }, () => {
  test('is renewed by it, and rooms that it was asked about stay', async () => {
    const backend = await Backend.start();
    const hearth = await Hearth.start(`
[auth]
ask_backend = true
[backend]
url = "${backend.url}"
secret = "${kSecret}"
${kRules}`);
    const end = () => Math.floor(Date.now() / 1000) + 3600;
    backend.answer = (question) => question.type === 'join'
      ? [200, { rooms: question.rooms }]
      : [200, { userId: 'ann', expiresAt: end(), metadata: { n: question.renewal ? 2 : 1 } }];
    const client = await Client.connect(hearth);
    const entered = await client.ask('authenticate', { secret: 'one' });
    assert.ok(entered.data.expiresIn > 3000, JSON.stringify(entered));
    await client.ask('join', { rooms: ['chat:1'] });
    const seen = backend.requests.items.length;
    let renewed;
    do {
      renewed = await client.ask('authenticate', { secret: 'two' });  // one a second is answered
    } while (renewed.event === 'error' && renewed.data.code === 109);
    assert.ok(renewed.data.rooms.includes('chat:1'), JSON.stringify(renewed));
    const { question } = await backend.requests.at(seen);
    assert.equal(question.renewal, true);
    assert.equal(question.userId, 'ann');
    assert.equal('headers' in question, false);
    assert.deepEqual(question.data, { secret: 'two' });
    assert.deepEqual(question.metadata, { n: 1 });
    assert.equal(backend.of('join').length, 1);

    // As somebody else it is not, and stays who it is.
    backend.answer = () => [200, { userId: 'ben', expiresAt: end() }];
    let other;
    do {
      other = await client.ask('authenticate', { secret: 'three' });
    } while (other.data.code === 109);
    assert.deepEqual([other.event, other.data.code, other.data.message], ['error', 111, 'Another user']);
    backend.answer = (question) => [200, { rooms: question.rooms }];
    assert.equal((await client.ask('join', { rooms: ['chat:2'] })).event, 'ack');
    assert.equal(backend.of('join').at(-1).userId, 'ann');
    await client.leave();
    await hearth.stop();
    await backend.stop();
  });
});
