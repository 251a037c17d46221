// What is published in a room, watched; the configuration that holds; rules tried out.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Events, kKey, kKeys, kOpen, kReadKey, Server } from './support.mjs';

const publish = (server, room, event, data) =>
  server.ask('/api/publish', { key: kKey, body: { room, event, ...(data !== undefined && { data }) } });

test('what is published in a room is seen in order, and nothing of another room', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const events = await Events.open(server, '/api/watch?room=news:today', { key: kReadKey });
  await publish(server, 'news:other', 'hidden', 1);
  const body = '{"room":"news:today","event":"story","data":{\n"title":\r\n"a\\nb"}}';
  assert.equal((await server.ask('/api/publish', { key: kKey, body })).status, 200);
  await publish(server, 'news:today', 'bare');
  const first = await events.next();
  assert.equal(first.event, 'publication');
  assert.match(first.data.time, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.equal(first.data.event, 'story');
  assert.deepEqual(first.data.data, { title: 'a\nb' });
  const { data: second } = await events.next();
  assert.equal(second.event, 'bare');
  assert.equal('data' in second, false);
  events.close();
});

test('past a hundred a second publications are counted', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const events = await Events.open(server, '/api/watch?room=flood', { key: kKey });
  const requests = Array.from({ length: 1000 }, (_, n) => ({ publish: { room: 'flood', event: 'drop', data: n } }));
  await server.ask('/api/batch', { key: kKey, body: { requests } });
  let seen = 0;
  let counted = 0;
  while (seen + counted < 1000) {
    const { event, data } = await events.next();
    if (event === 'publication') ++seen;
    if (event === 'counted') counted += data.count;
  }
  assert.equal(seen + counted, 1000);
  assert.ok(counted > 0 && seen >= 100, `${seen} seen, ${counted} counted`);
  events.close();
});

test('a room is watched by who may read, of the rooms of the key', async (t) => {
  const server = await Server.start(t, kOpen + kKeys);
  const status = async (path, options) => (await server.ask(path, options)).status;
  assert.equal(await status('/api/watch?room=news:a'), 401);
  assert.equal(await status('/api/watch?room=tea', { key: kReadKey }), 403);
  const missing = await server.ask('/api/watch', { key: kKey });
  assert.equal(missing.status, 422);
  assert.equal(missing.body.code, 'missing_parameter');
  assert.equal(await status(`/api/watch?room=${'x'.repeat(257)}`, { key: kKey }), 422);
  assert.equal(await status('/api/watch?room=ws:a', { key: kKey }), 422);
});

test('values, where they come from, and no secret', async (t) => {
  const configuration = `${kOpen}${kKeys}\n[limits]\nmessages = "7/s"\n`;
  const server = await Server.start(t, configuration, { flags: ['--path', '/live'] });
  const { body, status } = await server.ask('/api/config', { key: kReadKey });
  assert.equal(status, 200);
  assert.match(body.file, /hearth\.toml$/);
  const one = (key) => body.values.find((value) => value.key === key);
  const line = configuration.split('\n').indexOf('messages = "7/s"') + 1;
  assert.equal(one('limits.messages').value, '7/s');
  assert.match(one('limits.messages').source, new RegExp(`^file .*hearth\\.toml:${line}:\\d+$`));
  assert.deepEqual(one('server.listen'), {
    key: 'server.listen',
    value: ['127.0.0.1:0'],
    source: 'environment HEARTH_SERVER_LISTEN',
  });
  assert.deepEqual(one('server.path'), { key: 'server.path', value: '/live', source: 'command line --path' });
  assert.deepEqual(one('server.send_pings'), { key: 'server.send_pings', value: true, source: 'default' });
  assert.equal(one('auth.anonymous').value, true);
  assert.equal(one('api.keys[1].key').value, '***');
  assert.equal(one('api.keys[1].key').secret, true);
  assert.equal(one('broker.url').value, null);
  const text = JSON.stringify(body);
  assert.ok(!text.includes(kKey) && !text.includes(kReadKey));
  assert.equal((await server.ask('/api/config')).status, 401);
});

const kRules = `
[[auth.jwt]]
secret = "kT0-an-example-of-forty-three-characters-43"
algorithms = ["HS256"]
hearth_claim = "/app/hearth"
[[rooms]]
pattern = "news:*"
join = "anyone"
[[rooms]]
pattern = ["chat:*", "team:*"]
join = ["users", "claim:role=staff"]
publish = ["members", "users"]
[[rooms]]
pattern = "mine:*"
join = "granted"
`;

test('rules are tried out, and say why', async (t) => {
  const server = await Server.start(t, kRules);
  const ask = async (body) => (await server.ask('/api/rules/test', { body })).body;

  const news = await ask({ room: 'news:today', action: 'join' });
  assert.deepEqual([news.allowed, news.outcome, news.rule, news.pattern], [true, 'allowed', 1, 'news:*']);
  assert.match(news.detail, /^rule 1 \(news:\*\) decides; anyone holds/);

  const chat = await ask({ user: 'ann', claims: { role: 'guest' }, room: 'chat:1', action: 'join' });
  assert.deepEqual([chat.allowed, chat.rule, chat.pattern, chat.code], [false, 2, 'chat:*, team:*', 200]);
  assert.match(chat.detail, /claim:role=staff fails/);
  assert.deepEqual(chat.rules.map(({ rule, matches }) => [rule, matches]), [[1, false], [2, true]]);
  assert.equal((await ask({ user: 'ann', claims: { role: 'staff' }, room: 'chat:1', action: 'join' })).allowed, true);

  const publishing = { user: 'ann', room: 'chat:1', action: 'publish' };
  assert.deepEqual((await ask(publishing)).code, 202);
  assert.equal((await ask({ ...publishing, member: true })).allowed, true);

  const granted = { claims: { app: { hearth: { join: ['mine:a*'] } } }, action: 'join' };
  assert.equal((await ask({ ...granted, room: 'mine:ab' })).allowed, true);
  assert.equal((await ask({ ...granted, room: 'mine:b' })).allowed, false);

  const none = await ask({ room: 'other', action: 'join' });
  assert.deepEqual([none.allowed, none.rule, none.detail], [false, null, 'no rule matches, so nobody may']);
});

test('what is wrong with a question about rules is named', async (t) => {
  const server = await Server.start(t, kRules);
  const pointer = async (body) => {
    const answer = await server.ask('/api/rules/test', { body });
    assert.equal(answer.status, 422, JSON.stringify(answer.body));
    return answer.body.pointer;
  };
  assert.equal(await pointer({ action: 'join' }), '/room');
  assert.equal(await pointer({ room: 'a' }), '/action');
  assert.equal(await pointer({ room: 'a', action: 'leave' }), '/action');
  assert.equal(await pointer({ room: 'ws:a', action: 'join' }), '/room');
  assert.equal(await pointer({ room: 'a', action: 'join', claims: [] }), '/claims');
  assert.equal(await pointer({ room: 'a', action: 'join', claims: { app: { hearth: { join: 7 } } } }), '/claims');
  assert.equal(await pointer({ room: 'a', action: 'join', member: 1 }), '/member');
  assert.equal(await pointer({ room: 'a', action: 'join', users: 1 }), '/users');
});

test('without rules, in development mode, everybody may', async (t) => {
  const server = await Server.start(t, '', { flags: ['--dev'] });
  const { body } = await server.ask('/api/rules/test', { body: { room: 'tea', action: 'publish' } });
  assert.equal(body.allowed, true);
  assert.match(body.detail, /development mode/);
});
