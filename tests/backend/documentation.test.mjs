/** The backends that docs/backend.md shows, run as they stand there. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Client, freePort, Hearth, kSecret, kTestTimeout } from './support.mjs';

const kPage = readFileSync(new URL('../../docs/backend.md', import.meta.url), 'utf8');

function block(language) {
  const found = new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(kPage);
  assert.ok(found, `docs/backend.md shows no ${language}`);
  return found[1];
}

async function untilItAnswers(url) {
  for (;;) {
    try {
      return await fetch(url, { method: 'POST' });
    } catch {
      await sleep(20);
    }
  }
}

describe('docs/backend.md', { timeout: kTestTimeout }, () => {
  test('shows a backend in Node.js that decides', async () => {
    const port = await freePort();
    // Beside its package, where Node.js looks for that.
    const program = fileURLToPath(new URL(`shown-${process.pid}.mjs`, import.meta.url));
    writeFileSync(program, block('js'));
    const backend = spawn(process.execPath, [program],
      { env: { ...process.env, PORT: String(port), HEARTH_SECRET: kSecret }, stdio: ['ignore', 'inherit', 'inherit'] });
    try {
      const unsigned = await untilItAnswers(`http://127.0.0.1:${port}/hearth`);
      assert.equal(unsigned.status, 400);
      const hearth = await Hearth.start(block('toml')
        .replace(':3000/', `:${port}/`).replace('[backend]', '[backend]\ntimeout = "30s"'));
      const stranger = await Client.connect(hearth);
      stranger.send('authenticate', { key: 'please' });
      assert.equal((await stranger.closed).code, 4003);
      const ann = await Client.enter(hearth, { key: 'open sesame' });
      const joined = await ann.ask('join', { rooms: ['chat:1', 'chat:staff', 'stage:1'] });
      assert.deepEqual(joined.data.rooms, ['chat:staff']);
      assert.equal((await ann.ask('publish', { room: 'stage:1', event: 'said', data: 'spam' })).data.code, 203);
      assert.equal((await ann.ask('publish', { room: 'stage:1', event: 'said', data: 'hello' })).event, 'ack');
      await ann.leave();
      await hearth.stop();
    } finally {
      const gone = once(backend, 'exit');
      backend.kill();
      await gone;
      rmSync(program);
    }
  });

  test('shows how Python verifies', () => {
    const body = '{"type":"join"}';
    const now = new Date();
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': `v1,${'A'.repeat(43)}= ${new Webhook(kSecret).sign('msg_1', now, body)}`,
    };
    const verify = (given) => {
      const program = `${block('python')}\nimport json, sys\nprint(verify(*json.loads(sys.argv[1]), sys.argv[2].encode()))`;
      const done = spawnSync('python3', ['-c', program, JSON.stringify([kSecret, given]), body], { encoding: 'utf8' });
      return done.stdout.trim() || done.stderr;
    };
    assert.equal(verify(headers), 'True');
    assert.equal(verify({ ...headers, 'webhook-id': 'msg_2' }), 'False');
    assert.equal(verify({ ...headers, 'webhook-timestamp': String(Math.floor(now / 1000) - 301) }), 'False');
  });

  test('shows how clients are counted, whatever comes late or twice', () => {
    const [connected, disconnected, lost] = block('sql').split('\n').map((line) => line.replace(/--.*/, ''));
    const ann = { clientId: '1', userId: 'ann', node: 'a' };
    const other = { clientId: '2', userId: 'ann', node: 'b' };
    const nobody = { clientId: '3', userId: null, node: 'b' };
    const steps = [
      [connected, ann], [connected, other], [connected, ann], [connected, nobody],
      [disconnected, ann], [disconnected, ann],
      [connected, { ...ann, clientId: '4' }], [lost, { node: 'b' }],
    ];
    const program = `
import json, sqlite3, sys
clients = sqlite3.connect(":memory:")
clients.execute(${JSON.stringify(/`(CREATE TABLE [^`]*)`/.exec(kPage)[1])})
for statement, values in json.loads(sys.argv[1]):
    clients.execute(statement, values)
    print(json.dumps(dict(clients.execute(${JSON.stringify(/`(SELECT user_id[^`]*)`/.exec(kPage)[1])}).fetchall())))`;
    const done = spawnSync('python3', ['-c', program, JSON.stringify(steps)], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    assert.deepEqual(done.stdout.trim().split('\n').map((line) => JSON.parse(line)), [
      { ann: 1 }, { ann: 2 }, { ann: 2 }, { ann: 2, null: 1 },
      { ann: 1, null: 1 }, { ann: 1, null: 1 },
      { ann: 2, null: 1 }, { ann: 1 },
    ]);
  });
});
