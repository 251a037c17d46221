/** Tokens of jose, verified with keys that are fetched from an issuer. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { jose } from './jose.mjs';
import { Client, Folder, Hearth, kCommand, kTestTimeout, Sequence } from './support.mjs';

/** An issuer of tokens, whose key set can be read at its URL. */
class Issuer {
  fetches = new Sequence();
  keys = [];
  answer = (response) => response.end(JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) }));
  #server;

  static async start() {
    const issuer = new Issuer();
    issuer.#server = createServer((request, response) => {
      issuer.fetches.push(request);
      issuer.answer(response, request);
    });
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    issuer.url = `http://127.0.0.1:${issuer.#server.address().port}/keys`;
    return issuer;
  }

  async make(kid, algorithm = 'ES256') {
    const { privateKey, publicKey } = await jose.generateKeyPair(algorithm, { extractable: true });
    const key = { kid, algorithm, privateKey, jwk: { ...await jose.exportJWK(publicKey), kid } };
    return key;
  }

  token(key, claims = {}) {
    return new jose.SignJWT({ sub: 'ann', aud: 'hearth', ...claims })
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid }).setExpirationTime('1h').sign(key.privateKey);
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function configuration(issuer, more = '') {
  return `
[limits]
connects_per_ip = "0"
[[auth.jwt]]
jwks_url = "${issuer.url}"
algorithms = ["ES256", "EdDSA"]
audience = "hearth"
${more}
`;
}

/** What becomes of a client with this token. */
async function enter(hearth, token) {
  const client = await Client.connect(hearth);
  client.send('authenticate', { token }, '1');
  const answer = await client.messages.find(({ event }) => event === 'connected' || event === 'error');
  if (answer.event === 'error') return { refused: answer.data.code, closed: (await client.closed).code };
  await client.leave();
  return { user: answer.data.userId };
}

const kRefused = { refused: 103, closed: 4003 };
const kUnavailable = { refused: 109, closed: 1013 };
const fetched = (hearth) => hearth.metric('hearth_jwks_refreshes_total{outcome="fetched"}');

/**
 * Enters, as clients do who are told to come back. A fetch may take five seconds, and fails if this process cannot
 * answer it within them; so what is counted here are those that have not.
 */
async function enterAtLast(hearth, token) {
  let result;
  do {
    result = await enter(hearth, token);
  } while (result.refused === kUnavailable.refused);
  assert.ok(!('refused' in result), JSON.stringify(result));
}

async function readiness(hearth) {
  const response = await fetch(`${hearth.apiUrl}/readyz`);
  return { status: response.status, jwks: (await response.json()).checks.jwks };
}

async function untilReady(hearth) {
  while ((await readiness(hearth)).status !== 200);
}

describe('keys of an issuer', { timeout: kTestTimeout }, () => {
  test('are fetched at the start, and a newer key when it is first seen', async () => {
    const issuer = await Issuer.start();
    const [old, fresh] = [await issuer.make('old'), await issuer.make('new', 'EdDSA')];
    issuer.keys = [old];
    const hearth = await Hearth.start(configuration(issuer));
    await enterAtLast(hearth, await issuer.token(old));
    assert.equal(await fetched(hearth), 1);

    issuer.keys = [fresh];
    await enterAtLast(hearth, await issuer.token(fresh));
    const times = await fetched(hearth);
    assert.ok(times >= 2, `${times}`);
    // The whole set is replaced: what has been withdrawn is gone.
    assert.deepEqual(await enter(hearth, await issuer.token(old)), kRefused);
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="127.0.0.1"}'), 1);
    const last = await hearth.metric('hearth_jwks_last_success_timestamp_seconds{issuer="127.0.0.1"}');
    assert.ok(last > 1.7e9);
    await hearth.stop();
    await issuer.stop();
  });

  test('are fetched once for all who wait for them', async () => {
    const issuer = await Issuer.start();
    const key = await issuer.make('a');
    issuer.keys = [key];
    const token = await issuer.token(key);
    const answer = issuer.answer;
    let took;
    do {  // anew, if they have not come within the time that a fetch may take
      let release;
      const released = new Promise((resolve) => { release = resolve; });
      issuer.answer = (response) => void released.then(() => answer(response));
      const from = issuer.fetches.items.length;
      const hearth = await Hearth.start(configuration(issuer));
      await issuer.fetches.at(from);
      const begun = Date.now();
      assert.deepEqual(await readiness(hearth), { status: 503, jwks: 'never fetched' });
      const clients = [];
      for (let i = 0; i < 20; ++i) clients.push(enter(hearth, token));
      while (await hearth.metric('hearth_connections{state="authenticating"}') < 20 && Date.now() - begun < 4000);
      release();
      const results = await Promise.all(clients);
      took = Date.now() - begun;
      if (took < 4000) {
        assert.ok(results.every(({ user }) => user === 'ann'), JSON.stringify(results));
        assert.equal(issuer.fetches.items.length, from + 1);
        assert.deepEqual(await readiness(hearth), { status: 200, jwks: 'ok' });
      }
      await hearth.stop();
    } while (took >= 4000);
    await issuer.stop();
  });

  test('are not fetched for each of many keys that nobody knows', async () => {
    const issuer = await Issuer.start();
    const key = await issuer.make('a');
    issuer.keys = [key];
    const hearth = await Hearth.start(configuration(issuer));
    await untilReady(hearth);
    const begun = Date.now();
    const results = await Promise.all(Array.from({ length: 100 }, async (_, i) =>
      enter(hearth, await issuer.token({ ...key, kid: `unknown-${i}` }))));
    // Some may be told to come back, if a fetch fails in the middle of it.
    assert.ok(results.every(({ refused }) => refused === kRefused.refused || refused === kUnavailable.refused));
    const periods = 1 + Math.floor((Date.now() - begun) / 10_000);
    const times = await fetched(hearth);
    assert.ok(times >= 2 && times <= 1 + periods, `${times} fetches, one of them at the start, in ${periods} periods`);
    await enterAtLast(hearth, await issuer.token(key));
    await hearth.stop();
    await issuer.stop();
  });

  for (const [name, answer] of Object.entries({
    'a redirect': (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    'an error': (response) => response.writeHead(500).end(),
    'no set': (response) => response.end('{"keys":{}}'),
    'a set that is too long': (response) => response.end(JSON.stringify({ keys: [], x: 'x'.repeat(256 * 1024) })),
    'a connection that breaks': (response) => response.destroy(),
  })) {
    test(`that come as ${name} are none, and clients are told to come back`, async () => {
      const issuer = await Issuer.start();
      const key = await issuer.make('a');
      issuer.keys = [key];
      const good = issuer.answer;
      issuer.answer = answer;
      const hearth = await Hearth.start(configuration(issuer));
      assert.deepEqual(await enter(hearth, await issuer.token(key)), kUnavailable);
      assert.deepEqual(await readiness(hearth), { status: 503, jwks: 'never fetched' });
      issuer.answer = good;
      await untilReady(hearth);  // it is tried again, without anybody's asking
      await enterAtLast(hearth, await issuer.token(key));
      assert.ok(issuer.fetches.items.every(({ url }) => url === '/keys'));
      await hearth.stop();
      await issuer.stop();
    });
  }

  test('stay when newer ones cannot be had', async () => {
    const issuer = await Issuer.start();
    const [key, other] = [await issuer.make('a'), await issuer.make('b')];
    issuer.keys = [key];
    const hearth = await Hearth.start(configuration(issuer));
    await untilReady(hearth);
    issuer.answer = (response) => response.writeHead(500).end();
    assert.deepEqual(await enter(hearth, await issuer.token(other)), kUnavailable);
    await enterAtLast(hearth, await issuer.token(key));
    assert.deepEqual(await readiness(hearth), { status: 200, jwks: 'ok' });
    await hearth.stop();
    await issuer.stop();
  });

  test('do not stay for longer than jwks_max_stale', async () => {
    const issuer = await Issuer.start();
    const [key, other] = [await issuer.make('a'), await issuer.make('b')];
    issuer.keys = [key];
    const hearth = await Hearth.start(configuration(issuer, 'jwks_max_stale = "0"'));
    await untilReady(hearth);
    issuer.answer = (response) => response.writeHead(500).end();
    assert.deepEqual(await enter(hearth, await issuer.token(other)), kUnavailable);
    assert.deepEqual(await enter(hearth, await issuer.token(key)), kUnavailable);
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="127.0.0.1"}'), 0);
    await hearth.lines.find((line) => line.includes('jwks_max_stale'));
    await hearth.stop();
    await issuer.stop();
  });

  test('that are of no use are left out alone, with a line', async () => {
    const issuer = await Issuer.start();
    const key = await issuer.make('good');
    const encrypting = await issuer.make('encrypting');
    issuer.keys = [{ jwk: { kty: 'RSA', kid: 'broken' } }, { jwk: { ...encrypting.jwk, use: 'enc' } }, key];
    const hearth = await Hearth.start(configuration(issuer));
    await enterAtLast(hearth, await issuer.token(key));
    const line = await hearth.lines.find((text) => text.includes('left out'));
    assert.match(line, /broken.*encrypting/);
    await hearth.stop();
    await issuer.stop();
  });

  test('are each issuer\'s own', async () => {
    const [one, two] = [await Issuer.start(), await Issuer.start()];
    const [keyOfOne, keyOfTwo] = [await one.make('same'), await two.make('same')];
    one.keys = [keyOfOne];
    two.keys = [keyOfTwo];
    const hearth = await Hearth.start(
      `${configuration(one, 'issuer = "one"')}${configuration(two, 'issuer = "two"').replace(/\[limits\][^[]*/, '')}`);
    await untilReady(hearth);
    await enterAtLast(hearth, await one.token(keyOfOne, { iss: 'one' }));
    await enterAtLast(hearth, await two.token(keyOfTwo, { iss: 'two' }));
    assert.deepEqual(await enter(hearth, await two.token(keyOfTwo, { iss: 'one' })), kRefused);
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="two"}'), 1);
    await hearth.stop();
    await one.stop();
    await two.stop();
  });

  test('come and go with a reload, and those that stay are not fetched anew', async () => {
    const [one, two] = [await Issuer.start(), await Issuer.start()];
    const [keyOfOne, keyOfTwo] = [await one.make('same'), await two.make('same')];
    one.keys = [keyOfOne];
    two.keys = [keyOfTwo];
    const ofOne = await one.token(keyOfOne, { iss: 'one' });
    const ofTwo = await two.token(keyOfTwo, { iss: 'two' });
    const issuer = (which, name) => configuration(which, `issuer = "${name}"`).replace(/\[limits\][^[]*/, '');
    const hearth = await Hearth.start(issuer(one, 'one'));
    await untilReady(hearth);
    const inside = await Client.enter(hearth, { token: ofOne });

    const times = one.fetches.items.length;
    one.answer = (response) => response.writeHead(500).end();
    assert.equal((await hearth.reload(issuer(two, 'two') + issuer(one, 'one'))).status, 200);
    await enterAtLast(hearth, ofTwo);
    assert.deepEqual(await enter(hearth, ofOne), { user: 'ann' });
    assert.equal(one.fetches.items.length, times);
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="two"}'), 1);
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="one"}'), 1);

    assert.equal((await hearth.reload(issuer(two, 'two'))).status, 200);
    assert.deepEqual(await enter(hearth, ofOne), kRefused);
    assert.deepEqual(await enter(hearth, ofTwo), { user: 'ann' });
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="one"}'), undefined);
    assert.equal((await inside.ask('heartbeat', {})).event, 'ack');
    await inside.leave();
    await hearth.stop();
    await one.stop();
    await two.stop();
  });

  test('come with a reload where nobody has been asked anything, and go with one', async () => {
    const issuer = await Issuer.start();
    const key = await issuer.make('a');
    issuer.keys = [key];
    const token = await issuer.token(key);
    const hearth = await Hearth.start('[auth]\nanonymous = true\n');
    assert.deepEqual(await enter(hearth, token), kRefused);
    const { status, changed } = await hearth.reload(configuration(issuer));
    assert.equal(status, 200);
    assert.ok(changed.includes('auth.jwt.jwks_url'), changed.join());
    await enterAtLast(hearth, token);
    await untilReady(hearth);
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="127.0.0.1"}'), 1);
    assert.equal((await hearth.reload('[auth]\nanonymous = true\n')).status, 200);
    assert.deepEqual(await enter(hearth, token), kRefused);
    assert.equal(await hearth.metric('hearth_jwks_keys{issuer="127.0.0.1"}'), undefined);
    await hearth.stop();
    await issuer.stop();
  });

  test('are fetched by `hearth token verify`, too', async () => {
    const issuer = await Issuer.start();
    const key = await issuer.make('a');
    issuer.keys = [key];
    const folder = new Folder();
    folder.write('hearth.toml', configuration(issuer));
    const verify = async (token) => {
      const child = spawn(kCommand, ['token', 'verify', token], { cwd: folder.path });
      let text = '';
      child.stdout.on('data', (chunk) => { text += chunk; });
      child.stderr.on('data', (chunk) => { text += chunk; });
      const [code] = await once(child, 'close');
      return { code, text };
    };
    const good = await verify(await issuer.token(key));
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, /good: the user is ann/);
    issuer.answer = (response) => response.writeHead(500).end();
    const bad = await verify(await issuer.token(key));
    assert.equal(bad.code, 1);
    assert.match(bad.text, /cannot be fetched.*500/);
    folder.remove();
    await issuer.stop();
  });
});
