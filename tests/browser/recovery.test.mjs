/** Two tabs in the playground, a server that is killed while a third program publishes, and a Redis that keeps the log. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { enter, line, lines } from './playground_page.mjs';
import { emit, kTestTimeout, launchBrowser, RedisServer, Server } from './support.mjs';

describe('the playground in a room that remembers', { timeout: kTestTimeout * 2 }, () => {
  let redis;
  let server;
  let browser;
  const flags = () => ['--redis', redis.url, '--history', '1000,10m'];

  before(async () => {
    redis = await RedisServer.start();
    server = await Server.start({ flags: flags() });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis?.stop();
  });

  /** Publishes these numbers, one after the other, from another program. */
  async function emitAll(room, numbers) {
    for (const number of numbers) {
      await emit(['room', room, 'count', `{"n":${number}}`, '--history', '1000,10m', '--redis', redis.url]);
    }
  }

  /** The numbers that a tab shows, in the order of its lines. */
  async function shown(page) {
    const texts = await lines(page).filter({ hasText: /count/ }).allTextContents();
    return texts.map((text) => Number(/"n":(\d+)/.exec(text)[1]));
  }

  test('both tabs show every message once and in order', { timeout: kTestTimeout }, async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const tabs = [await context.newPage(), await context.newPage()];
    for (const [i, name] of ['ann', 'ben'].entries()) {
      await tabs[i].goto(server.origin);
      await enter(tabs[i], name, 'tea');
    }
    await emitAll('tea', [1, 2, 3]);
    for (const tab of tabs) await line(tab, 'received', 'count', '"n":3').waitFor();
    const publishing = emitAll('tea', [4, 5, 6, 7, 8]);
    await server.stop('SIGKILL');
    await publishing;
    server = await Server.start({ port: server.port, flags: flags() });
    for (const tab of tabs) {
      await tab.getByRole('list', { name: 'Frames' }).getByText('tea: recovered, nothing is missed').waitFor();
    }
    await emitAll('tea', [9]);
    for (const tab of tabs) {
      await line(tab, 'received', 'count', '"n":9').waitFor();
      assert.deepEqual(await shown(tab), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    await context.close();
  });
});
