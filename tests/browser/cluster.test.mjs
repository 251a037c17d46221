/** The playground on two servers that share a Redis, in Chromium, with the real command and a real redis-server. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { enter, line, publish } from './playground_page.mjs';
import { emit, kTestTimeout, launchBrowser, RedisServer, Server, Watch } from './support.mjs';

describe('the playground on two servers', { timeout: kTestTimeout * 3 }, () => {
  let redis;
  let servers = [];
  let browser;

  before(async () => {
    redis = await RedisServer.start();
    const flags = ['--redis', redis.url];
    servers = [await Server.start({ flags }), await Server.start({ flags })];
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    for (const server of servers) await server.stop();
    await redis?.stop();
  });

  /** Ann on one server and Ben on the other, in the same room; their consoles have to stay clean. */
  async function visit(room, use) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const pages = [await context.newPage(), await context.newPage()];
    const watches = pages.map((page, i) => new Watch(page, servers[i].origin));
    for (const [i, name] of ['ann', 'ben'].entries()) {
      await pages[i].goto(servers[i].origin);
      await enter(pages[i], name, room);
    }
    await use(...pages);
    await context.close();
    for (const watch of watches) {
      assert.deepEqual(watch.complaints, []);
      assert.deepEqual(watch.strangers, []);
    }
  }

  async function talk(ann, ben, room, event) {
    await publish(ann, { room, event, data: '{"from":"one"}' });
    await line(ben, 'received', event, 'ann', '{"from":"one"}').waitFor();
    await publish(ben, { room, event, data: '{"from":"two"}' });
    await line(ann, 'received', event, 'ben', '{"from":"two"}').waitFor();
  }

  async function emitToBoth(ann, ben, room, event) {
    await emit(['room', room, event, '{"from":"a terminal"}', '--redis', redis.url]);
    for (const page of [ann, ben]) await line(page, 'received', event, '{"from":"a terminal"}').waitFor();
    assert.equal(await line(ann, 'received', event).count(), 1);
    assert.equal(await line(ben, 'received', event).count(), 1);
  }

  test('shows in one tab what another publishes', { timeout: kTestTimeout }, () =>
    visit('kitchen', (ann, ben) => talk(ann, ben, 'kitchen', 'tea')));

  test('shows in both what hearth emit sends', { timeout: kTestTimeout }, () =>
    visit('garden', (ann, ben) => emitToBoth(ann, ben, 'garden', 'rain')));

  test('goes on by itself while Redis is away, and together when it is back', { timeout: kTestTimeout }, () =>
    visit('hall', async (ann, ben) => {
      await talk(ann, ben, 'hall', 'before');
      await redis.kill();
      await publish(ann, { room: 'hall', event: 'alone', data: '1' });
      await line(ann, 'received', 'alone', 'ann').waitFor();
      await redis.restart();
      await redis.subscribers('ws:room:hall', 2);
      await talk(ann, ben, 'hall', 'after');
      await emitToBoth(ann, ben, 'hall', 'news');
    }));
});
