/** Whatever is not a clear yes of the backend is none: what clients are told, whom it costs what. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { jose } from './jose.mjs';
import { Backend, Client, Folder, Hearth, kSecret, kTestTimeout } from './support.mjs';

const kJwtSecret = 'thirty-two bytes and a few more, for HS256';
const kLong = 64 * 1024;

function configuration(url, more = 'timeout = "30s"') {
  return `
[auth]
ask_backend = true
[[auth.jwt]]
secret = "${kJwtSecret}"
algorithms = ["HS256"]
[backend]
url = "${url}"
secret = "${kSecret}"
messages = ["own"]
${more}
[[rooms]]
pattern = "chat:*"
join = "ask"
[[rooms]]
pattern = "stage:*"
join = "anyone"
publish = "ask"
`;
}

/** A client that the backend is not asked about. */
async function enter(hearth) {
  const token = await new jose.SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h')
    .sign(new TextEncoder().encode(kJwtSecret));
  return Client.enter(hearth, { token });
}

/** What clients are told when nobody can decide, for each question. */
async function assertUnavailable(hearth) {
  const stranger = await Client.connect(hearth);
  const answer = await stranger.ask('authenticate', {});
  assert.equal(answer.event, 'error');
  assert.equal(answer.data.code, 109, JSON.stringify(answer));
  assert.deepEqual(await stranger.closed, { code: 1013, reason: 'Try again later' });

  const client = await enter(hearth);
  const join = await client.ask('join', { rooms: ['stage:1', 'chat:1'] });
  assert.equal(join.data.code, 205);
  assert.deepEqual(join.data.rooms, ['stage:1', 'chat:1']);  // nothing is joined
  const publish = await client.ask('publish', { room: 'stage:1', event: 'said', data: 1 });
  assert.equal(publish.data.code, 113);
  assert.equal((await client.ask('own', 1)).data.code, 113);
  await client.leave();
}

async function outcomes(hearth, outcome) {
  const counts = [];
  for (const type of ['authenticate', 'join', 'publish', 'message']) {
    counts.push(await hearth.metric(`hearth_backend_requests_total{type="${type}",outcome="${outcome}"}`));
  }
  return counts;
}

const kFailures = {
  'an error': { answer: () => [500, { userId: 'ann', rooms: ['chat:1'] }], outcome: 'status' },
  'a status that is no yes': { answer: () => [201, { userId: 'ann', rooms: ['chat:1'] }], outcome: 'status' },
  'no content': { answer: () => [204, ''], outcome: 'status' },
  'a redirect': {
    answer: (question, request, response) => {
      if (request.url !== '/hearth') return [200, { userId: 'ann', rooms: ['chat:1'] }];
      response.writeHead(307, { location: '/elsewhere' }).end();
      return undefined;
    },
    outcome: 'status',
    check: (backend) => assert.ok(backend.requests.items.every(({ url }) => url === '/hearth')),
  },
  'no JSON': { answer: () => [200, '{"userId":"ann","rooms":["chat:1"]'], outcome: 'malformed' },
  'JSON that is no object': { answer: () => [200, '["chat:1"]'], outcome: 'malformed' },
  'nothing': { answer: () => [200, ''], outcome: 'malformed' },
  'an answer that is too long': {
    answer: ({ type }) => {
      const yes = '{"userId":"ann","rooms":["chat:1"]}';
      return [200, yes + ' '.repeat((type === 'message' ? 16 * kLong : kLong) + 1 - yes.length)];
    },
    outcome: 'too_long',
  },
  'an answer that breaks in the middle': {
    answer: (question, request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"userId":"ann"}', () => response.destroy());
    },
    outcome: 'connection',
    check: (backend) => assert.equal(backend.requests.items.length, 4),  // never asked again: it had begun
  },
  'an answer that never comes': { answer: () => {}, more: 'timeout = "300ms"', outcome: 'timeout' },
  'an answer that never ends': {
    answer: (question, request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
    more: 'timeout = "300ms"',
    outcome: 'timeout',
  },
};

describe('never a yes:', { timeout: kTestTimeout }, () => {
  for (const [name, { answer, more, outcome, check }] of Object.entries(kFailures)) {
    test(name, async () => {
      const backend = await Backend.start();
      backend.answer = answer;
      const hearth = await Hearth.start(configuration(backend.url, more));
      await assertUnavailable(hearth);
      assert.deepEqual(await outcomes(hearth, outcome), [1, 1, 1, 1]);
      check?.(backend);
      await hearth.stop();
      await backend.stop();
    });
  }

  test('what is not of the kind it has to be', async () => {
    const backend = await Backend.start();
    const hearth = await Hearth.start(configuration(backend.url));
    const wrong = {
      userId: [{}, 1.5, '', 'x'.repeat(257), true],
      expiresAt: ['soon', -1, 1800000000000],
      claims: ['admin'],
      join: ['chat:*', [1], ['{user}']],
      messages: ['often'],
    };
    for (const [member, values] of Object.entries(wrong)) {
      for (const value of values) {
        backend.answer = () => [200, { userId: 'ann', [member]: value }];
        const client = await Client.connect(hearth);
        assert.equal((await client.ask('authenticate', {})).data.code, 109, `${member}: ${JSON.stringify(value)}`);
        backend.answer = () => [200, { userId: 'ann', [member]: null }];  // which is as if it were not there
        await (await Client.enter(hearth)).leave();
      }
    }
    const client = await enter(hearth);
    for (const rooms of [undefined, 'chat:1', [1], { 'chat:1': true }]) {
      backend.answer = () => [200, { rooms }];
      assert.equal((await client.ask('join', { rooms: ['chat:1'] })).data.code, 205, JSON.stringify(rooms));
      backend.answer = () => [200, { rooms: ['chat:2'] }];
      assert.equal((await client.ask('join', { rooms: ['chat:2'] })).event, 'ack');
    }
    await client.leave();
    await hearth.stop();
    await backend.stop();
  });

  test('nobody there', async () => {
    const placeholder = createServer().listen(0, '127.0.0.1');
    await once(placeholder, 'listening');
    const { port } = placeholder.address();
    placeholder.close();
    await once(placeholder, 'close');
    const hearth = await Hearth.start(configuration(`http://127.0.0.1:${port}/`));
    await assertUnavailable(hearth);
    assert.deepEqual(await outcomes(hearth, 'connection'), [1, 1, 1, 1]);
    await hearth.stop();
  });
});

describe('a connection that breaks before the answer', { timeout: kTestTimeout }, () => {
  test('has the question asked once more, under the same id', async () => {
    const backend = await Backend.start();
    const hearth = await Hearth.start(configuration(backend.url));
    backend.answer = (question, request) => void request.socket.destroy();
    await assertUnavailable(hearth);
    const ids = backend.requests.items.map(({ headers }) => headers['webhook-id']);
    assert.equal(ids.length, 8);
    assert.equal(new Set(ids).size, 4);
    for (const at of [0, 2, 4, 6]) assert.equal(ids[at], ids[at + 1]);
    await hearth.stop();
    await backend.stop();
  });

  test('has done no harm if the second answer comes', async () => {
    const backend = await Backend.start();
    const hearth = await Hearth.start(configuration(backend.url));
    let times = 0;
    backend.answer = (question, request) => ++times === 1 ? void request.socket.destroy() : [200, { userId: 'ann' }];
    const client = await Client.enter(hearth);
    assert.equal(times, 2);
    await client.leave();
    await hearth.stop();
    await backend.stop();
  });
});

describe('questions', { timeout: kTestTimeout }, () => {
  test('past in_flight wait, and past queue are not asked', async () => {
    const backend = await Backend.start();
    const hearth = await Hearth.start(configuration(backend.url, 'timeout = "30s"\nin_flight = 1\nqueue = 1'));
    const clients = [await enter(hearth), await enter(hearth), await enter(hearth)];
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    backend.answer = async (question) => {
      await released;
      return [200, { rooms: question.rooms }];
    };
    const first = clients[0].ask('join', { rooms: ['chat:1'] });
    await backend.requests.at(0);
    const others = clients.slice(1).map((client) => client.ask('join', { rooms: ['chat:2'] }));
    const refused = await Promise.race(others);  // which of the two came first is not ours to say
    assert.equal(refused.data.code, 205);
    assert.equal(await hearth.metric('hearth_backend_in_flight'), 1);
    assert.equal(await hearth.metric('hearth_backend_queued'), 1);
    assert.equal(backend.requests.items.length, 1);
    release();
    assert.equal((await first).event, 'ack');
    const answers = await Promise.all(others);
    assert.deepEqual(answers.map(({ event }) => event).sort(), ['ack', 'error']);
    assert.equal(await hearth.metric('hearth_backend_requests_total{type="join",outcome="queue"}'), 1);
    assert.equal(backend.requests.items.length, 2);
    for (const client of clients) await client.leave();
    await hearth.stop();
    await backend.stop();
  });

  test('of a client that goes are given up, and make room', async () => {
    const backend = await Backend.start();
    const hearth = await Hearth.start(configuration(backend.url, 'timeout = "30s"\nin_flight = 1\nqueue = 1'));
    const client = await enter(hearth);
    let broken;
    const broke = new Promise((resolve) => { broken = resolve; });
    backend.answer = (question, request, response) => {
      if (question.rooms[0] === 'chat:2') return [200, { rooms: ['chat:2'] }];
      response.on('close', broken);
    };
    client.send('join', { rooms: ['chat:1'] });
    await backend.requests.at(0);
    client.terminate();
    await broke;
    const other = await enter(hearth);
    assert.equal((await other.ask('join', { rooms: ['chat:2'] })).event, 'ack');
    await other.leave();
    await hearth.stop();
    await backend.stop();
  });

  test('are not asked after five failures, until a probe is answered', async () => {
    const backend = await Backend.start();
    const hearth = await Hearth.start(configuration(backend.url));
    const client = await enter(hearth);
    const join = () => client.ask('join', { rooms: ['chat:1'] });
    backend.answer = () => [500, {}];
    for (let i = 0; i < 5; ++i) assert.equal((await join()).data.code, 205);
    await hearth.lines.find((line) => line.includes('the backend has failed 5 times in a row'));
    assert.equal(await hearth.metric('hearth_backend_circuit_open'), 1);
    backend.answer = (question) => [200, { rooms: question.rooms }];
    let answer;
    do {
      answer = await join();
    } while (answer.event === 'error');
    const closed = await hearth.metric('hearth_backend_requests_total{type="join",outcome="circuit"}');
    assert.ok(closed > 0);  // asked nobody
    assert.equal(backend.requests.items.length, 6);
    await hearth.lines.find((line) => line.includes('the backend answers again'));
    assert.equal(await hearth.metric('hearth_backend_circuit_open'), 0);
    await client.leave();
    await hearth.stop();
    await backend.stop();
  });
});

describe('over TLS', { timeout: kTestTimeout }, () => {
  let folder;
  before(() => {
    folder = new Folder();
    const openssl = (...words) => execFileSync('openssl', words, { cwd: folder.path, stdio: 'pipe' });
    for (const name of ['good', 'other', 'client']) {
      openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout',
        `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1');
    }
  });
  after(() => folder.remove());

  const file = (name) => `${folder.path}/${name}`;
  const read = (name) => readFileSync(file(name));
  const more = () =>
    `ca = "${file('good.pem')}"\ncert = "${file('client.pem')}"\nkey = "${file('client.key')}"\ntimeout = "30s"`;

  test('the backend is believed by its certificate, and sees that of Hearth', async () => {
    const backend = await Backend.start({
      tls: { cert: read('good.pem'), key: read('good.key'), ca: read('client.pem'), requestCert: true },
    });
    let subject;
    backend.answer = (question, request) => {
      subject = request.socket.getPeerCertificate().subject.CN;
      return [200, { userId: 'ann' }];
    };
    const hearth = await Hearth.start(configuration(backend.url, more()));
    await (await Client.enter(hearth)).leave();
    assert.equal(subject, 'client');
    await hearth.stop();
    await backend.stop();
  });

  test('one with another certificate is not asked', async () => {
    const backend = await Backend.start({ tls: { cert: read('other.pem'), key: read('other.key') } });
    backend.answer = () => [200, { userId: 'ann', rooms: ['chat:1'] }];
    const hearth = await Hearth.start(configuration(backend.url, more()));
    await assertUnavailable(hearth);
    assert.equal(backend.requests.items.length, 0);
    assert.deepEqual(await outcomes(hearth, 'connection'), [1, 1, 1, 1]);
    await hearth.stop();
    await backend.stop();
  });

  test('it is told whose certificate a client has shown', async () => {
    const backend = await Backend.start();
    backend.answer = ({ certificate }) => [200, { userId: certificate?.subject ?? 'nobody' }];
    const hearth = await Hearth.start(`
${configuration(backend.url)}
[server.tls]
certificates = [{ cert = "${file('good.pem')}", key = "${file('good.key')}" }]
client_ca = "${file('client.pem')}"
client_auth = "optional"
`);
    hearth.socketUrl = hearth.socketUrl.replace('ws:', 'wss:');
    const shown = { ca: read('good.pem'), cert: read('client.pem'), key: read('client.key') };
    const client = await Client.enter(hearth, {}, shown);
    assert.equal((await client.event('connected')).data.userId, 'CN=client');
    const { certificate } = backend.of('authenticate')[0];
    assert.equal(certificate.sha256.toLowerCase(), new X509Certificate(shown.cert).fingerprint256.replaceAll(':', '').toLowerCase());
    const bare = await Client.enter(hearth, {}, { ca: shown.ca });
    assert.equal((await bare.event('connected')).data.userId, 'nobody');
    for (const one of [client, bare]) await one.leave();
    await hearth.stop();
    await backend.stop();
  });
});
