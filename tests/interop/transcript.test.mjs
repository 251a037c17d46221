/**
 * The same script of a client against Ignis, a server on the library and `hearth serve` with a configuration: all must
 * answer with the same bytes, ids and times aside.
 */
import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { startServed } from './served.mjs';
import { Client, kTestTimeout, RedisServer, startHearth, startIgnis } from './support.mjs';

const kFast = ['--auth-timeout', '300', '--heartbeat-timeout', '900'];
const kMaxPayload = 128 * 1024;
const kStrict = ['--require-encryption'];
const kFastServed = {
  HEARTH_SERVER_AUTH_TIMEOUT: '300ms', HEARTH_SERVER_HEARTBEAT_TIMEOUT: '900ms', HEARTH_SERVER_HEARTBEAT_INTERVAL: '300ms',
};
/** A point of the curve, and what is none. */
const kPublicKey = createECDH('prime256v1').generateKeys('base64');
const kNoPoint = Buffer.alloc(65, 4).toString('base64');
/** One each: the two are no cluster here. */
let redis;
let ignis;
let hearth;
let fastIgnis;
let fastHearth;
let strictIgnis;
let strictHearth;
let served;
let fastServed;
let strictServed;

before(async () => {
  redis = await Promise.all([0, 1, 2, 3, 4, 5].map(() => RedisServer.start()));
  [ignis, hearth, fastIgnis, fastHearth, strictIgnis, strictHearth, served, fastServed, strictServed] = await Promise.all([
    startIgnis(redis[0]), startHearth(redis[1]), startIgnis(redis[2], kFast), startHearth(redis[3], kFast),
    startIgnis(redis[4], kStrict), startHearth(redis[5], kStrict),
    startServed(), startServed(kFastServed), startServed({ HEARTH_ENCRYPTION_MODE: 'required' })]);
}, { timeout: kTestTimeout });

after(async () => {
  const apps = [ignis, hearth, fastIgnis, fastHearth, strictIgnis, strictHearth, served, fastServed, strictServed];
  await Promise.all(apps.map((app) => app?.stop()));
  for (const server of redis ?? []) await server.stop();
});

const kTime = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g;
const kId = /"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/g;
/** Base64 of 65 bytes and of 32. */
const kServerKey = /"[A-Za-z0-9+/]{87}="/g;
const kSalt = /"[A-Za-z0-9+/]{43}="/g;
const normalised = (text) => [[kTime, 'time'], [kId, 'id'], [kServerKey, 'key'], [kSalt, 'salt']]
  .reduce((all, [pattern, name]) => all.replaceAll(pattern, `"<${name}>"`), text);

/** What a client sees, and how its connection ends, if it does. */
async function transcript(app, script) {
  const client = await Client.connect(app.url);
  const end = await script(client);
  client.socket.terminate();
  return [...client.all.map(normalised), ...(end ? [end] : [])];
}

function sameAnswers(name, script, apps = () => [ignis, hearth, served]) {
  test(name, { timeout: kTestTimeout }, async () => {
    const [theirs, ...ours] = await Promise.all(apps().map((app) => transcript(app, script)));
    ours.forEach((own, at) => assert.deepEqual(own, theirs, apps()[at + 1].kind));
    assert.ok(theirs.length > 0, 'the script must show something');
  });
}

const authenticate = async (client, data = { userId: 'u' }) => {
  client.send({ event: 'authenticate', data });
  await client.next();
};
/** Something that is answered before authentication, after which all before it is handled. */
const settleUnauthorized = async (client) => {
  client.send({ event: 'fence' });
  for (;;) if ((await client.next()).includes('Not authenticated')) return;
};

describe('messages', { concurrency: true }, () => {
  for (const text of ['', 'x', '{', '{"event":', '{"event":"a"} x', "{'event':1}", '\u0000']) {
    sameAnswers(`that are not JSON: ${JSON.stringify(text)}`, async (client) => {
      client.send(text);
      await client.next();
      await authenticate(client);
      client.send(text);
      await client.next();
    });
  }
  for (const text of ['[]', '"event"', '1', 'true', '{}', '{"event":""}', '{"event":null}', '{"data":1}', '{"event":false}']) {
    sameAnswers(`that are no envelope: ${text}`, async (client) => {
      client.send(text);
      await settleUnauthorized(client);
      await authenticate(client);
      client.send(text);
      await client.settle().then((before) => assert.deepEqual(before, []));
      client.all = client.all.filter((one) => !one.includes('"echo"'));
    });
  }
  sameAnswers('in binary frames are read as text', async (client) => {
    client.send(Buffer.from('{"event":"authenticate","data":{"userId":"b"}}'));
    await client.next();
    client.send(Buffer.from('{"event":"echo","data":"h\u00e9"}'));
    await client.next();
  });
  sameAnswers('may have their keys in any order, unknown ones and repeated ones', async (client) => {
    client.send('{"x":[{"event":"no"}],"data":{"userId":"first"},"event":"no","data":{"userId":"last"},"event":"authenticate"}');
    await client.next();
  });
  sameAnswers('of a client that is not authenticated are refused', async (client) => {
    for (const event of ['join', 'leave', 'echo', 'connected', 'error', 'x']) {
      client.send({ event, data: { rooms: ['r'] } });
      await client.next();
    }
  });
  sameAnswers('a heartbeat without an id has no answer in any state', async (client) => {
    client.send({ event: 'heartbeat' });
    await settleUnauthorized(client);
    await authenticate(client);
    client.send({ event: 'heartbeat', data: 1 });
    client.send({ event: 'echo', data: 'end' });
    await client.next();
  });
  for (const data of ['1', '"\\u00e9\\n\\u2028"', '[]', '{}', '{"a":[1,-2.5,true,null,{"b":""}]}', 'null']) {
    sameAnswers(`come back as they were: ${data}`, async (client) => {
      await authenticate(client);
      client.send(`{"event":"echo","data":${JSON.stringify(JSON.parse(data))}}`);
      await client.next();
    });
  }
  sameAnswers('without data come back without data', async (client) => {
    await authenticate(client);
    client.send({ event: 'echo' });
    await client.next();
  });
});

describe('authentication', () => {
  sameAnswers('with a user', (client) => authenticate(client));
  sameAnswers('without a user', (client) => authenticate(client, {}));
  sameAnswers('without data', async (client) => {
    client.send({ event: 'authenticate' });
    await client.next();
  });
  sameAnswers('twice', async (client) => {
    await authenticate(client);
    client.send({ event: 'authenticate', data: { userId: 'other' } });
    await client.next();
  });
  sameAnswers('rejected', async (client) => {
    client.send({ event: 'authenticate', data: { reject: true } });
    return client.closed;
  });
  sameAnswers('that throws', async (client) => {
    client.send({ event: 'authenticate', data: { throw: true } });
    return client.closed;
  }, () => [ignis, hearth]);
  test('that a backend cannot decide has clients come back', { timeout: kTestTimeout }, async () => {
    const seen = await transcript(served, (client) => {
      client.send({ event: 'authenticate', data: { throw: true } });
      return client.closed;
    });
    assert.deepEqual(seen,
      ['{"event":"error","data":{"message":"Authentication unavailable"}}', '1013 Try again later']);
  });
});

describe('rooms', () => {
  /** Asks to join, and shows which rooms it is in: a message to each comes back, or not. */
  const joins = (name, join, rooms) => sameAnswers(name, async (client) => {
    await authenticate(client);
    client.send(join);
    for (const room of rooms) client.send({ event: 'say', data: { destination: room, data: room } });
    client.send({ event: 'echo', data: 'end' });
    while (!(await client.next()).includes('"end"'));
  });
  const long = 'x'.repeat(256);
  joins('joined', { event: 'join', data: { rooms: ['a', 'b'] } }, ['a', 'b', 'c']);
  joins('some refused', { event: 'join', data: { rooms: ['private', 'b'] } }, ['private', 'b']);
  joins('all refused', { event: 'join', data: { rooms: ['private'] } }, ['private']);
  joins('with names that may not be', { event: 'join', data: { rooms: [1, null, '', 'ws:room', `${long}x`, long, {}, 'ok'] } },
    ['ws:room', `${long}x`, long, 'ok']);
  joins('of no array', { event: 'join', data: { rooms: { length: 0 } } }, ['a']);
  joins('missing', { event: 'join', data: {} }, ['a']);
  joins('without data', { event: 'join' }, ['a']);
  joins('nobody asked for', { event: 'join', data: { rooms: [] } }, ['ws-default', 'ws-notification']);
  sameAnswers('left', async (client) => {
    await authenticate(client);
    client.send({ event: 'join', data: { rooms: ['a', 'b'] } });
    await client.settle();
    client.send({ event: 'leave', data: { rooms: ['a', 'never', 5] } });
    for (const room of ['a', 'b']) client.send({ event: 'say', data: { destination: room, data: room } });
    client.send({ event: 'echo', data: 'end' });
    while (!(await client.next()).includes('"end"'));
    client.all = client.all.map((text) => text.replace(/"echo","data":"[0-9a-f-]{36}"/, '"echo","data":"<mark>"'));
  });
});

describe('closing', () => {
  const fast = () => [fastIgnis, fastHearth, fastServed];
  sameAnswers('4001 when nothing is sent', (client) => client.closed, fast);
  sameAnswers('4001 when everything but authenticate is sent', async (client) => {
    client.send({ event: 'heartbeat' });
    client.send('not JSON');
    return client.closed;
  }, fast);
  sameAnswers('4002 when a client falls silent', async (client) => {
    await authenticate(client);
    return client.closed;
  }, fast);
  const strict = () => [strictIgnis, strictHearth, strictServed];
  for (const [what, data] of [['no publicKey', {}], ['a publicKey that is null', { publicKey: null }],
    ['a publicKey that is no text', { publicKey: 5 }], ['a publicKey that is no base64', { publicKey: '?' }],
    ['a publicKey too short', { publicKey: kPublicKey.slice(4) }], ['a publicKey that is no point', { publicKey: kNoPoint }]]) {
    sameAnswers(`4004 when encryption is required, for ${what}`, (client) => {
      client.send({ event: 'authenticate', data: { userId: 'u', ...data } });
      return client.closed;
    }, strict);
  }
  sameAnswers('4003 before 4004: who is rejected is not asked for a key', (client) => {
    client.send({ event: 'authenticate', data: { reject: true } });
    return client.closed;
  }, strict);
  sameAnswers('not at all with a good publicKey', (client) => authenticate(client, { userId: 'u', publicKey: kPublicKey }),
    strict);
  test('4004 without an error when the application has no handshake', { timeout: kTestTimeout }, async () => {
    for (const [i, start] of [startIgnis, startHearth].entries()) {
      const app = await start(redis[i], [...kStrict, '--no-handshake']);
      const seen = await transcript(app, (client) => {
        client.send({ event: 'authenticate', data: { userId: 'u', publicKey: kPublicKey } });
        return client.closed;
      });
      await app.stop();
      assert.deepEqual(seen, ['4004 Encryption required'], app.kind);
    }
  });

  /** Asks for an echo with a message of so many bytes. */
  const echo = (client, size, frames) => {
    const text = JSON.stringify({ event: 'echo', data: 'x'.repeat(size - JSON.stringify({ event: 'echo', data: '' }).length) });
    if (frames === 'one frame') return client.socket.send(text);
    client.socket.send(text.slice(0, size / 2), { fin: false });
    return client.socket.send(text.slice(size / 2));
  };
  for (const frames of ['one frame', 'two frames']) {
    sameAnswers(`not at all for 128 KiB in ${frames}`, async (client) => {
      await authenticate(client);
      echo(client, kMaxPayload, frames);
      await client.next();
    });
    // The reasons are Bun's and Hearth's own words.
    test(`1009 for 128 KiB and a byte in ${frames}`, { timeout: kTestTimeout }, async () => {
      const ends = [];
      for (const app of [ignis, hearth, served]) {
        const client = await Client.authenticated(app.url, 'u');
        echo(client, kMaxPayload + 1, frames);
        ends.push(await client.closed);
      }
      const own = '1009 message is larger than the limit';
      assert.deepEqual(ends, ['1009 Received too big message', own, own]);
    });
  }
  test('1001 when the server shuts down', { timeout: kTestTimeout }, async () => {
    const ends = [];
    for (const app of await Promise.all([startIgnis(redis[0]), startHearth(redis[0]), startServed()])) {
      const client = await Client.authenticated(app.url, 'u');
      await app.finish();
      ends.push(await client.closed);
    }
    assert.deepEqual(ends, Array(3).fill('1001 Server shutting down'));
  });
});

/** Where Hearth differs, it does so on purpose. */
describe('Hearth is stricter or does more:', () => {
  test('null and rooms that are a string do not make it throw', { timeout: kTestTimeout }, async () => {
    const client = await Client.authenticated(hearth.url, 'u');
    client.send('null');
    client.send({ event: 'join', data: { rooms: 'abc' } });
    assert.deepEqual(await client.settle(), []);
  });

  test('an event that is no string is dropped, where Ignis takes it for an event', { timeout: kTestTimeout }, async () => {
    const answers = [];
    for (const app of [ignis, hearth]) {
      const client = await Client.connect(app.url);
      client.send({ event: 5 });
      client.send({ event: 'fence' });
      client.send('not JSON');
      while (!(await client.next()).includes('format'));
      answers.push(client.all.length);
    }
    assert.deepEqual(answers, [3, 2]);
  });

  test('data is passed on byte for byte, where Ignis writes it anew', { timeout: kTestTimeout }, async () => {
    const answers = [];
    for (const app of [ignis, hearth]) {
      const client = await Client.authenticated(app.url, 'u');
      client.send('{"event":"echo","data":{ "a": 1.0, "a": 12345678901234567890 }}');
      answers.push(await client.next());
    }
    assert.deepEqual(answers, ['{"event":"echo","data":{"a":12345678901234567000}}',
      '{"event":"echo","data":{ "a": 1.0, "a": 12345678901234567890 }}']);
  });

  test('a join with an id is acknowledged', { timeout: kTestTimeout }, async () => {
    const client = await Client.authenticated(hearth.url, 'u');
    client.send({ event: 'join', data: { rooms: ['a'] }, id: '1' });
    assert.equal(await client.next(), '{"event":"ack","data":{"rooms":["a"]},"id":"1"}');
  });
});
