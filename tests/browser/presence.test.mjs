/** Two tabs in the playground of a server whose rooms tell who is in them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { enter, join } from './playground_page.mjs';
import { kTestTimeout, launchBrowser, lowContrast, Server } from './support.mjs';

describe('the playground in rooms that tell who is in them', { timeout: kTestTimeout * 4 }, () => {
  let browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
  });

  /** Runs `body(visit)` with a server that has these flags; `visit(name, room)` gives a tab. */
  async function withServer(flags, body) {
    const server = await Server.start({ flags });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    try {
      await body(async (name, room) => {
        const page = await context.newPage();
        await page.goto(server.origin);
        await enter(page, name, room);
        return page;
      }, server);
    } finally {
      await context.close();
      await server.stop();
    }
  }

  const people = (page, room) => page.getByRole('list', { name: `Who is in ${room}`, exact: true });
  const person = (page, room, text) => people(page, room).getByText(text, { exact: true });
  const numbers = (page, room, text) => page.getByRole('heading', { name: `In ${room} ${text}`, exact: true });

  test('each sees the other come and go', { timeout: kTestTimeout }, async () => {
    await withServer(['--presence', 'members', '--history', '100,10m'], async (visit) => {
      const ann = await visit('ann', 'tea');
      await person(ann, 'tea', 'ann (you)').waitFor();
      const ben = await visit('ben', 'tea');
      await person(ann, 'tea', 'ben').waitFor();
      for (const name of ['ann', 'ben (you)']) await person(ben, 'tea', name).waitFor();
      await numbers(ann, 'tea', '2 clients, 2 users').waitFor();

      const again = await visit('ben', 'tea');
      await person(ann, 'tea', 'ben × 2').waitFor();
      await numbers(ann, 'tea', '3 clients, 2 users').waitFor();
      await again.close();
      await person(ann, 'tea', 'ben').waitFor();

      await join(ben, 'cake');
      await person(ben, 'cake', 'ben (you)').waitFor();
      await ben.getByRole('button', { name: 'Leave tea', exact: true }).click();
      await person(ann, 'tea', 'ben').waitFor({ state: 'detached' });
      await numbers(ann, 'tea', '1 client, 1 user').waitFor();
      await people(ben, 'tea').waitFor({ state: 'detached' });
      assert.deepEqual(await people(ben, 'cake').getByRole('listitem').allTextContents(), ['ben (you)']);
      assert.deepEqual(await lowContrast(ann), []);
    });
  });

  test('comes back to who is there when the server does', { timeout: kTestTimeout }, async () => {
    const flags = ['--presence', 'members'];
    await withServer(flags, async (visit, server) => {
      const ann = await visit('ann', 'tea');
      const ben = await visit('ben', 'tea');
      await person(ann, 'tea', 'ben').waitFor();
      await server.stop('SIGKILL');
      await people(ann, 'tea').waitFor({ state: 'detached' });
      const back = await Server.start({ port: server.port, flags });
      try {
        for (const name of ['ann (you)', 'ben']) await person(ann, 'tea', name).waitFor();
        for (const name of ['ann', 'ben (you)']) await person(ben, 'tea', name).waitFor();
      } finally {
        await back.stop();
      }
    });
  });

  test('shows numbers where only these are told, and nothing where nothing is', { timeout: kTestTimeout }, async () => {
    await withServer(['--presence', 'count'], async (visit) => {
      const ann = await visit('ann', 'tea');
      await visit('ben', 'tea');
      await numbers(ann, 'tea', '2 clients, 2 users').waitFor();
      assert.equal(await people(ann, 'tea').count(), 0);
    });
    await withServer([], async (visit) => {
      const ann = await visit('ann', 'tea');
      assert.equal(await ann.locator('#presence').textContent(), '');
      assert.equal(await ann.getByText(/"presence"/).count(), 0, 'it is not asked for');
    });
  });
});
