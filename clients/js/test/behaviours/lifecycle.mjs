/** The states, what leads from one to the next, and how long it takes. */
import assert from 'node:assert/strict';
import { turn } from '../clock.mjs';
import { test } from '../runner.mjs';
import { exchanged, inState, makeClient, ready, states, until } from './support.mjs';

test('nothing is opened before connect, and no timer runs', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client, clock, sockets } = makeClient(s, wrong.url);
  await turn();
  assert.equal(client.state, 'idle');
  assert.equal(sockets(), 0);
  assert.equal(clock.running, 0);
});

test('connect goes through the states, authenticates at once and resolves with the client', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client, notes } = makeClient(s, wrong.url, { auth: { token: 'x', userId: 'ann' } });
  assert.equal(await client.connect(), client);
  assert.deepEqual(states(notes), ['connecting', 'authenticating', 'ready']);
  const { data, id } = await wrong.got('authenticate');
  assert.deepEqual(data, { token: 'x', userId: 'ann' });
  assert.equal(typeof id, 'string');
  assert.equal(client.userId, 'ann');
  assert.equal(client.server, 'hearth');
  assert.match(client.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(notes.findLast(([name]) => name === 'ready'), ['ready', { id: client.id, userId: 'ann', resumed: false }]);
});

test('without auth an empty object is sent', async (s) => {
  const { wrong } = await ready(s);
  assert.deepEqual((await wrong.got('authenticate')).data, {});
});

test('connect is idempotent', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client, sockets } = makeClient(s, wrong.url);
  await Promise.all([client.connect(), client.connect()]);
  await client.connect();
  await turn();
  assert.equal(sockets(), 1);
});

test('the URL may come from a function, asked each time', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  let asked = 0;
  const { client, clock } = makeClient(s, async () => {
    asked += 1;
    return wrong.url;
  });
  await client.connect();
  client.reconnect();
  await clock.next();
  await until('it is asked again', () => asked === 2);
});

test('what may take its time comes before the socket: auth, then the keys, then the URL', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const order = [];
  const note = (what, value) => {
    order.push(what);
    return value;
  };
  const inner = s.encryption({ optional: true });
  const { client } = makeClient(s, () => note('url', wrong.url), {
    auth: () => note('auth', {}), encryption: { optional: true, begin: () => note('keys', inner.begin()) },
    WebSocket: function Noted(url) {
      return note('socket', new s.WebSocket(url));
    },
  });
  await client.connect();
  assert.deepEqual(order, ['auth', 'keys', 'url', 'socket']);
});

test('id and userId are there while it is ready, and not after', async (s) => {
  const { wrong, client } = await ready(s, { auth: { userId: 'ann' } });
  assert.deepEqual([typeof client.id, client.userId], ['string', 'ann']);
  await wrong.cut();
  await inState(client, 'waiting');
  assert.deepEqual([client.id, client.userId], [null, null]);
});

test('a url() that throws is a failed attempt', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  let asked = 0;
  const { client, clock, told } = makeClient(s, () => {
    asked += 1;
    if (asked === 1) throw new Error('no idea yet');
    return wrong.url;
  });
  const connected = client.connect();
  await inState(client, 'waiting');
  assert.match(told('waiting')[0].cause.message, /no idea yet/);
  await clock.advance(1000);
  await connected;
});

test('an address that is none closes for good, and says why', async (s) => {
  const { client } = makeClient(s, 'ftp://127.0.0.1/ws');
  await assert.rejects(client.connect(), { kind: 'protocol' });
  assert.equal(client.state, 'closed');
});

test('a missing WebSocket is named', { only: ({ browser }) => !browser }, async (s) => {
  const { WebSocket } = globalThis;
  delete globalThis.WebSocket;
  try {
    const { client } = makeClient({ ...s, WebSocket: undefined }, 'ws://127.0.0.1:1/');
    await assert.rejects(client.connect(), { kind: 'protocol', message: /no WebSocket: pass one as an option/ });
  } finally {
    if (WebSocket) globalThis.WebSocket = WebSocket;
  }
});

test('back-off is full jitter that doubles up to its limit', async (s) => {
  const { client, clock, told } = makeClient(s, () => {
    throw new Error('never');
  }, { backoff: { min: 100, max: 1000 } });
  client.connect();
  clock.chance.push(0.999, 0, 0.5, 0.25, 0.999, 0.999);
  for (let n = 1; n <= 6; n += 1) {
    await until('it waits', () => told('waiting').length >= n);
    if (told('waiting').length === n) await clock.next();
  }
  assert.deepEqual(told('waiting').slice(0, 6).map(({ delay }) => Math.round(delay)), [100, 0, 200, 200, 999, 999]);
  assert.deepEqual(told('waiting').slice(0, 6).map(({ attempt }) => attempt), [1, 2, 3, 4, 5, 6]);
});

test('the attempts are counted from the start again only after 10 s of ready', async (s) => {
  const { wrong, client, clock, told } = await ready(s);
  const cut = async (after) => {
    await clock.advance(after);
    await wrong.cut();
    await inState(client, 'waiting');
    const { attempt } = told('waiting').at(-1);
    await clock.next();
    await inState(client, 'ready');
    return attempt;
  };
  assert.equal(await cut(0), 1);
  assert.equal(await cut(9000), 2);
  assert.equal(await cut(9999), 3);
  assert.equal(await cut(10_001), 1);
});

test('connecting has 15 s', async (s) => {
  const { client, clock, told } = makeClient(s, () => new Promise(() => {}));
  client.connect();
  await clock.advance(14_999);
  assert.equal(client.state, 'connecting');
  await clock.advance(1);
  assert.equal(client.state, 'waiting');
  assert.match(told('waiting')[0].cause.message, /no answer within 15000 ms/);
});

test('authenticating has 16 s; 14 s are no trouble', async (s) => {
  const wrong = await s.link.start('wrong', { script: { connect: 'none' } }, s.after);
  const { client, clock } = makeClient(s, wrong.url);
  client.connect();
  const first = await wrong.got('authenticate');
  await clock.advance(15_999);
  assert.equal(client.state, 'authenticating');
  await clock.advance(1);
  assert.equal(client.state, 'waiting');
  await clock.advance(1000);
  const second = await wrong.got('authenticate', 2);
  await clock.advance(14_000);
  await wrong.send({ event: 'connected', data: { id: 'late' } }, first.connection);
  await wrong.send({ event: 'connected', data: { id: 'slow' } });
  await wrong.answer(second, { rooms: [] });
  await inState(client, 'ready');
  assert.equal(client.id, 'slow');
});

test('a dead socket is given up without waiting for its end; what it still says is not heard', async (s) => {
  const sockets = [];
  function Kept(url) {
    sockets.push(new s.WebSocket(url));
    return sockets.at(-1);
  }
  const { wrong, client, clock } = await ready(s, { WebSocket: Kept });
  const heard = [];
  client.on('*', (data) => heard.push(data));
  client.reconnect();
  assert.equal(client.state, 'waiting');
  await clock.advance(0);
  await inState(client, 'ready');
  // It may come after all, whatever the server has heard of the end.
  sockets[0].onmessage({ data: '{"event":"x","data":"old"}' });
  await wrong.send({ event: 'x', data: 'new' });
  await exchanged(wrong, client);
  assert.deepEqual(heard, ['new']);
});

test('reconnect() does not wait for the back-off', async (s) => {
  const { wrong, client } = await ready(s);
  await wrong.cut();
  await inState(client, 'waiting');
  client.reconnect();
  await inState(client, 'ready');
});

for (const [code, outcome] of Object.entries({
  1000: 'closed', 4007: 'closed', 4009: 'closed', 4010: 'closed', 4004: 'encryption', 4003: 'auth',
  4002: 'at once', 4005: 'at once', 4006: 'at once', 4008: 'a minute',
  1001: 'back-off', 1002: 'back-off', 1003: 'back-off', 1006: 'back-off', 1007: 'back-off', 1008: 'back-off', 1009: 'back-off',
  1011: 'back-off', 1012: 'back-off', 1013: 'back-off', 4001: 'back-off', 4999: 'back-off', 3000: 'back-off',
})) {
  test(`close ${code}: ${outcome}`, async (s) => {
    const { wrong, client, told } = await ready(s);
    await wrong.close(Number(code), 'because');
    if (['closed', 'encryption', 'auth'].includes(outcome)) {
      await inState(client, 'closed');
      const error = told('closed')[0];
      assert.equal(error.kind, outcome);
      assert.equal(error.close.code, Number(code));
      return;
    }
    await inState(client, 'waiting');
    const { delay, cause } = told('waiting')[0];
    assert.equal(delay, { 'at once': 0, 'a minute': 60_000, 'back-off': 500 }[outcome]);
    // What may not be on the wire shows as a broken connection; Deno says 0.
    assert.ok([Number(code), 1006, 0].includes(cause.close.code), `${cause.close.code}`);
  });
}

test('what is tried again at once is tried with back-off the second time', async (s) => {
  for (const code of [4002, 4005, 4006]) {
    const { wrong, client, clock, told } = await ready(s);
    for (const delay of [0, 1000]) {
      await wrong.close(code);
      await inState(client, 'waiting');
      assert.equal(told('waiting').at(-1).delay, delay, `${code}`);
      await clock.next();
      await inState(client, 'ready');
    }
  }
});

test('50 close codes at random end in waiting or closed, with one socket at most', async (s) => {
  const { wrong, client, clock } = await ready(s, { auth: () => ({}) });
  for (let n = 0; n < 50; n += 1) {
    await wrong.close(1000 + Math.floor(Math.random() * 4000), 'random');
    await until('it has noticed', () => ['waiting', 'closed'].includes(client.state));
    if (client.state === 'closed') client.connect();
    for (let tries = 0; client.state !== 'ready' && tries < 50; tries += 1) {
      await clock.next();
      await until('it has an opinion', () => ['waiting', 'closed', 'ready'].includes(client.state));
      if (client.state === 'closed') client.connect();
    }
    await inState(client, 'ready');
    await until('one is open', () => wrong.open === 1);
  }
});

test('shouldReconnect decides where the code does not', async (s) => {
  const asked = [];
  const { wrong, client, clock, told } = await ready(s, {
    shouldReconnect: ({ code }) => {
      asked.push(code);
      return code !== 4321;
    },
  });
  await wrong.close(4320);
  await inState(client, 'waiting');
  await clock.advance(1000);
  await inState(client, 'ready');
  await wrong.close(4008);
  await inState(client, 'waiting');
  await clock.advance(60_000);
  await inState(client, 'ready');
  await wrong.close(4321, 'go away');
  await inState(client, 'closed');
  assert.deepEqual(asked, [4320, 4321]);
  assert.match(told('closed')[0].message, /4321 go away/);
});

test('close() ends every timer in every state, and rejects who waits', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const silent = await s.link.start('wrong', { script: { connect: 'none' } }, s.after);
  const cases = {
    connecting: () => makeClient(s, () => new Promise(() => {})),
    authenticating: () => makeClient(s, silent.url),
    ready: () => makeClient(s, wrong.url),
    waiting: () => makeClient(s, () => Promise.reject(new Error('no'))),
  };
  for (const [state, make] of Object.entries(cases)) {
    const { client, clock, told } = make();
    const connected = client.connect();
    await inState(client, state);
    const pending = client.request('x');
    const joined = client.room('tea').join();
    client.close(3456, 'enough');
    assert.equal(client.state, 'closed');
    assert.equal(clock.running, 0, `timers after ${state}`);
    for (const promise of [pending, joined]) await assert.rejects(promise, { kind: 'closed' });
    if (state !== 'ready') await assert.rejects(connected, { kind: 'closed', message: 'connect: the client is closed' });
    await assert.rejects(client.request('y'), { kind: 'closed' });
    assert.equal(client.send('z'), false);
    client.close();
    assert.equal(told('closed').length, 1);
  }
  await until('the server was told', () => wrong.seen.some(({ type, code }) => type === 'close' && code === 3456));
});

test('close() in idle closes too, and connect() opens again', async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const { client } = makeClient(s, wrong.url);
  client.close();
  assert.equal(client.state, 'closed');
  await client.connect();
  client.close();
  await client.connect();
  assert.equal(client.state, 'ready');
});

test('the option signal closes the client', async (s) => {
  const control = new AbortController();
  const { client } = await ready(s, { signal: control.signal });
  control.abort();
  assert.equal(client.state, 'closed');
});

test('Symbol.dispose closes it too', { only: () => Symbol.dispose }, async (s) => {
  const { client } = await ready(s);
  client[Symbol.dispose]();
  assert.equal(client.state, 'closed');
});

test('the signal of connect() ends the waiting alone', async (s) => {
  const wrong = await s.link.start('wrong', { script: { connect: 'none' } }, s.after);
  const { client } = makeClient(s, wrong.url);
  const control = new AbortController();
  const connected = client.connect({ signal: control.signal });
  const { id } = await wrong.got('authenticate');
  control.abort(new Error('no patience'));
  await assert.rejects(connected, { message: 'no patience' });
  await wrong.send({ event: 'connected', data: { id: 'one' } });
  await wrong.answer({ id, connection: wrong.connection }, {});
  await inState(client, 'ready');
  await assert.rejects(client.connect({ signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('a handler may close the client, in any state', async (s) => {
  for (const state of ['connecting', 'authenticating', 'ready', 'waiting']) {
    const wrong = await s.link.start('wrong', {}, s.after);
    const { client, clock, sockets } = makeClient(s, wrong.url);
    client.connection.on('state', (now) => {
      if (now === state) client.close();
    });
    client.connect();
    if (state === 'waiting') {
      await inState(client, 'ready');
      await wrong.cut();
    }
    await inState(client, 'closed');
    await until('none is open', () => wrong.opened === sockets() && wrong.open === 0);
    assert.equal(client.state, 'closed');
    assert.equal(clock.running, 0, state);
  }
});

test('a handler of a room may do what it likes when the connection breaks', async (s) => {
  const acts = {
    send: (client) => assert.equal(client.send('x'), false),
    publish: (client) => client.room('tea').publish('x', 1),
    close: (client) => client.close(),
    reconnect: (client) => client.reconnect(),
  };
  for (const [name, act] of Object.entries(acts)) {
    const { wrong, client, clock, notes, sockets } = await ready(s);
    await client.room('tea').join();
    let noticed = false;
    let result;
    client.room('tea').membership.on('out', () => {
      noticed = true;
      result = act(client);
    }, { once: true });
    await wrong.cut();
    await until('it has noticed', () => noticed);
    if (name === 'close') {
      assert.equal(client.state, 'closed');
      assert.equal(clock.running, 0);
      assert.deepEqual(states(notes).slice(-1), ['closed']);
      continue;
    }
    if (client.state === 'waiting') await clock.next();
    await inState(client, 'ready');
    await until('it is in again', () => client.room('tea').state === 'in');
    await result;
    assert.equal(sockets(), 2, name);
  }
});

test('connect() in the handler of closed opens again', async (s) => {
  for (const event of ['state', 'closed']) {
    const { wrong, client } = await ready(s);
    client.connection.on(event, (value) => {
      if (value === 'closed' || event === 'closed') client.connect();
    }, event === 'closed' ? { once: true } : {});
    await wrong.close(1000, 'bye');
    await until('it is ready again', () => client.state === 'ready' && wrong.opened === 2);
  }
});

test('close() takes codes that may be sent', async (s) => {
  const { client } = await ready(s);
  for (const code of [0, 999, 1001, 1006, 2999, 5000, NaN]) assert.throws(() => client.close(code), { name: 'RangeError' });
  assert.equal(client.state, 'ready');
  client.close(3000);
});

test('a client whose signal has ended does not connect', async (s) => {
  const { client } = makeClient(s, 'ws://127.0.0.1:1/', { signal: AbortSignal.abort(new Error('over')) });
  await assert.rejects(client.connect(), { kind: 'closed' });
});

test('what a handler throws is reported and stops nothing', async (s) => {
  const { wrong, client } = await ready(s);
  const reported = [];
  const before = globalThis.reportError;
  globalThis.reportError = (error) => reported.push(error.message);
  s.after(() => {
    globalThis.reportError = before;
  });
  const heard = [];
  client.on('x', () => {
    throw new Error('mine');
  });
  client.on('x', (data) => heard.push(data));
  await wrong.send({ event: 'x', data: 1 });
  await until('it is heard', () => heard.length > 0);
  assert.deepEqual(reported, ['mine']);
});

test('where there is no reportError, what a handler throws is an unhandled rejection', { only: ({ kind }) => kind.startsWith('node') }, async (s) => {
  assert.equal(globalThis.reportError, undefined);
  const { wrong, client } = await ready(s);
  const rejected = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => rejected.push(error.message));
  s.after(() => {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  });
  client.on('x', () => {
    throw new Error('mine');
  });
  await wrong.send({ event: 'x' });
  await until('it is told', () => rejected.length > 0);
  assert.deepEqual(rejected, ['mine']);
  assert.equal(client.state, 'ready');
});

test('an event that is called * is heard once', async (s) => {
  const { wrong, client } = await ready(s);
  const heard = [];
  client.on('*', (data, { event }) => heard.push(event));
  await wrong.send({ event: '*' });
  await wrong.send({ event: 'last' });
  await until('both came', () => heard.includes('last'));
  assert.deepEqual(heard, ['*', 'last']);
});

test('handlers: once, off, signal, *, and those added meanwhile', async (s) => {
  const { wrong, client } = await ready(s);
  const heard = [];
  const note = (name) => (data, { event }) => heard.push(`${name} ${event} ${data}`);
  const control = new AbortController();
  client.on('x', note('once'), { once: true });
  const off = client.on('x', note('off'));
  client.on('x', note('signal'), { signal: control.signal });
  client.on('*', note('all'));
  client.on('x', note('never'), { signal: AbortSignal.abort() });
  client.on('x', () => client.on('x', note('added')), { once: true });
  await wrong.send({ event: 'x', data: 1 });
  await until('1 is heard', () => heard.includes('all x 1'));
  assert.deepEqual(heard, ['once x 1', 'off x 1', 'signal x 1', 'all x 1']);
  off();
  control.abort();
  heard.length = 0;
  await wrong.send({ event: 'x', data: 2 });
  await wrong.send({ event: 'y', data: 3 });
  await until('3 is heard', () => heard.includes('all y 3'));
  assert.deepEqual(heard, ['added x 2', 'all x 2', 'all y 3']);
});

test('trace sees every message, and may throw', async (s) => {
  const seen = [];
  const { client } = await ready(s, {
    trace: (direction, text) => {
      seen.push(`${direction} ${JSON.parse(text).event}`);
      if (seen.length === 1) queueMicrotask(() => {});
    },
  });
  await client.room('tea').join();
  assert.deepEqual(seen, ['out authenticate', 'in connected', 'in ack', 'out join', 'in ack']);
});
