/** Payload encryption in the playground: Chromium's WebCrypto against the real command. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { enter, lines, publish } from './playground_page.mjs';
import { kTestTimeout, launchBrowser, lowContrast, Server, Watch } from './support.mjs';

describe('encryption in the playground', { timeout: kTestTimeout * 6 }, () => {
  let browser;
  const servers = {};

  before(async () => {
    for (const kind of ['off', 'optional', 'required']) {
      servers[kind] = await Server.start({ flags: ['--encryption', kind] });
    }
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    for (const server of Object.values(servers)) await server.stop();
  });

  /** A visit whose frames are noted as they are on the wire, and whose console has to stay clean. */
  async function visit(server, use) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const watch = new Watch(page, server.origin);
    const wire = { in: [], out: [] };
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => wire.in.push(String(payload)));
      socket.on('framesent', ({ payload }) => wire.out.push(String(payload)));
    });
    await page.goto(server.origin);
    await page.getByText('Connected, not authenticated').waitFor();
    await use(page, wire);
    await context.close();
    assert.deepEqual(watch.complaints, []);
    assert.deepEqual(watch.strangers, []);
  }

  const encrypt = (page) => page.getByLabel('Encrypt with a key of my own');

  test('the switch encrypts both directions, and the log shows cipher text and message', { timeout: kTestTimeout }, () =>
    visit(servers.optional, async (page, wire) => {
      await encrypt(page).check();
      await enter(page, 'ann', 'vault');
      await page.getByText('AES-256-GCM').waitFor();
      await publish(page, { room: 'vault', data: '{"text":"grüß dich"}' });
      const got = lines(page).filter({ hasText: 'received' }).filter({ hasText: 'grüß dich' });
      await got.waitFor();
      await got.getByText('encrypted', { exact: true }).waitFor();
      await got.click();
      const details = page.locator('.details');
      assert.match(await details.textContent(), /"text": "grüß dich"[\s\S]*On the wire:\s*\{"event":"encrypted","data":\{"iv":"/);
      assert.deepEqual(await lowContrast(page), []);

      assert.equal(JSON.parse(wire.in[0]).event, 'connected');
      for (const text of wire.in.slice(1)) assert.equal(JSON.parse(text).event, 'encrypted');
      for (const text of wire.out.slice(1)) assert.match(JSON.parse(text).event, /^(encrypted|heartbeat)$/);
      for (const text of [...wire.in, ...wire.out]) assert.ok(!text.includes('grüß'));
    }));

  test('plain and encrypted pages talk in one room', { timeout: kTestTimeout }, () =>
    visit(servers.optional, async (plain) => {
      await enter(plain, 'pat', 'mixed'); // before the other is there: who waits for too long is turned away
      await visit(servers.optional, async (encrypted) => {
        await encrypt(encrypted).check();
        await enter(encrypted, 'eve', 'mixed');
        await publish(plain, { room: 'mixed', data: '"from pat"' });
        await publish(encrypted, { room: 'mixed', data: '"from eve"' });
        for (const page of [plain, encrypted]) {
          for (const text of ['"from pat"', '"from eve"']) {
            await lines(page).filter({ hasText: 'received' }).filter({ hasText: text }).waitFor();
          }
        }
      });
    }));

  test('turned on later it comes back encrypted, in its rooms', { timeout: kTestTimeout }, () =>
    visit(servers.optional, async (page) => {
      await enter(page, 'ann', 'later');
      await encrypt(page).check();
      await page.getByText('AES-256-GCM').waitFor();
      await page.getByText('Authenticated as ann').waitFor();
      await page.getByRole('button', { name: 'Leave later', exact: true }).waitFor();
    }));

  test('a burst keeps its order', { timeout: kTestTimeout }, () => visit(servers.required, async (page) => {
    await enter(page, 'ann', 'burst');
    await page.getByRole('form', { name: 'Publish a message' }).getByLabel('Room').fill('burst');
    await page.getByRole('button', { name: 'Burst of 100' }).click();
    await page.waitForFunction(() => [...document.querySelectorAll('.row.in')]
      .filter(({ entry }) => entry.envelope?.event === 'ack').length >= 102);
    const ids = await page.evaluate(() => [...document.querySelectorAll('.row.in')]
      .map(({ entry }) => entry.envelope).filter(({ event }) => event === 'ack').map(({ id }) => Number(id)));
    assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  }));

  test('a server that requires it has the switch on, and says why', { timeout: kTestTimeout }, () =>
    visit(servers.required, async (page) => {
      assert.ok(await encrypt(page).isChecked());
      assert.ok(await encrypt(page).isDisabled());
      await page.getByText('This server asks for it.').waitFor();
      await enter(page, 'ann', 'vault');
      await page.getByText('AES-256-GCM').waitFor();
    }));

  test('a server that does not encrypt has the switch off, and says so', { timeout: kTestTimeout }, () =>
    visit(servers.off, async (page) => {
      assert.ok(!await encrypt(page).isChecked());
      assert.ok(await encrypt(page).isDisabled());
      await page.getByText('This server does not encrypt.').waitFor();
      await enter(page, 'ann', 'open');
    }));
});
