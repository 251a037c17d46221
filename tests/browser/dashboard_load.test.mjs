/** The dashboard of a server with 500 clients of `hearth bench` on it, in Chromium; and the slowest client among them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { ask, go, inBrowser, kPages, metrics, row, startServer, tile, until } from './dashboard_page.mjs';
import { kTestTimeout, launchBrowser, startBench } from './support.mjs';

const kClients = 500;
/** All of them come from one address. */
const kOneAddress = 'limits.connects_per_ip = "0"\nlimits.connections_per_ip = 0\n';
/** More than the sockets' buffers take. */
const kSlow = 100_000;

/** What each page has once it is there, by its name in kPages: a function of the page. */
const shown = ({ room, client, user }) => ({
  Overview: (page) => row(page, 'Largest rooms', 'ws-default').getByText(String(kClients)).waitFor(),
  Rooms: (page) => row(page, 'The busiest rooms by members', 'ws-default').getByText(String(kClients)).waitFor(),
  'Rooms by name': (page) => row(page, 'Rooms that begin with', room).first().waitFor(),
  [`Room ${room}`]: (page) => page.getByRole('table', { name: 'Members of the room' }).getByRole('row').nth(1).waitFor(),
  Clients: (page) => page.getByRole('table', { name: 'Clients' }).getByRole('row').nth(20).waitFor(),
  'Clients found': (page) => row(page, 'Clients found', client).waitFor(),
  [`Client ${client}`]: (page) => page.getByRole('link', { name: user }).first().waitFor(),
  [`User ${user}`]: (page) => row(page, 'Clients of the user', client).waitFor(),
  Nodes: (page) => row(page, 'Nodes', 'hearth-1').getByText(String(kClients)).first().waitFor(),
  Events: (page) => page.getByRole('heading', { name: 'Events are off' }).waitFor(),
  Configuration: (page) => page.getByText('limits.connects_per_ip', { exact: true }).waitFor(),
});

describe('the dashboard with 500 clients', { timeout: kTestTimeout * 3 }, () => {
  let browser;
  let server;
  let bench;
  before(async () => {
    server = await startServer({ more: kOneAddress });
    bench = startBench(['rooms', server.socketUrl, '--clients', String(kClients), '--rate', '200']);
    browser = await launchBrowser();
    await until(async () => (await metrics(server)).get('hearth_connections{state="authenticated"}') === kClients);
    // Rooms are joined last.
    await until(async () => (await metrics(server)).get('hearth_messages_sent_total') > 10 * kClients);
  });

  after(async () => {
    await browser?.close();
    await bench?.stop();
    await server?.stop();
  });

  const inTest = (name, use, allowed = null) => test(name, { timeout: 2 * kTestTimeout }, () =>
    inBrowser({ browser, server, allowed }, use));

  inTest('shows every page', async ({ visit }) => {
    const [{ room }] = (await ask(server, '/api/rooms?limit=1')).rooms;
    const [{ id: client, user }] = (await ask(server, `/api/clients?room=${encodeURIComponent(room)}&limit=1`)).clients;
    const page = await visit('', 'Overview');
    const isThere = shown({ room, client, user });
    for (const [name, place] of Object.entries(kPages({ room, client, user }))) {
      await go(page, server, place, name.replace(/ (by name|found)$/, ''));
      await isThere[name](page);
      assert.deepEqual(await page.locator('.notice:visible').allTextContents(), [], name);
    }
    await go(page, server, '', 'Overview');
    await until(async () => (await tile(page, 'Clients').textContent()) === String(kClients));
    await until(async () => Number((await tile(page, 'Deliveries a second').textContent()).replace(',', '')) > 0);
  });

  inTest('lets who has never seen it find the slowest of them, and close it', async ({ visit, connect }) => {
    const snail = await connect('snail', ['race']);
    await crawl(snail);
    const page = await visit('', 'Overview');
    // What stands first under this heading, what is at the top of the page that it leads to, and yes.
    await row(page, 'Slowest clients', snail.self.id).waitFor();
    await page.getByRole('region', { name: 'Slowest clients' }).getByRole('link').first().click();
    await page.getByRole('heading', { name: `Client ${snail.self.id}` }).waitFor();
    await page.getByRole('link', { name: 'snail' }).first().waitFor();
    await page.getByRole('button', { name: 'Disconnect…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disconnect this client?' });
    await dialog.getByText('of user snail').waitFor();
    await dialog.getByRole('button', { name: 'Disconnect', exact: true }).click();
    await page.getByText('It is not connected any more.').waitFor();
    snail.socket.resume();
    assert.deepEqual(await snail.closed, { code: 4010, reason: 'Disconnected' });
    // What a browser says by itself when the page asks for a client that has gone.
  }, /status of 404/);

  /** Has a client read a message every now and then, and its room be sent more than that, until much waits for it. */
  async function crawl(client) {
    client.socket.pause();
    const data = 'x'.repeat(60_000);
    for (let sent = 0, waiting = 0; waiting < kSlow; sent += 1) {
      await ask(server, '/api/publish', { room: 'race', event: 'bulk', data });
      if (sent % 10 === 9) {
        client.socket.resume();
        await once(client.socket, 'message');
        client.socket.pause();
      }
      waiting = (await ask(server, `/api/clients/${client.self.id}`)).backlogBytes;
    }
  }
});
