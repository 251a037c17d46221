/** The dashboard's pages in Chromium, served by the real command, with real clients. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, axeFindings, go, inBrowser, kPages, kReadKey, metrics, row, sidewaysScroll, startServer, tile,
  until } from './dashboard_page.mjs';
import { kTestTimeout, launchBrowser, lowContrast } from './support.mjs';

const kHostile = '<img src=x onerror="document.title=1">';
/** More bytes than a socket's buffers swallow while nobody reads. */
const kSlow = 300_000;
/** Names of buttons that do something. */
const kActions = /^(Disconnect|Block|Forget|Drain|Publish|Take out|Join|Read the configuration)/;
const kTurned = 'abc\u202e\u0007def';
/** Names that end where a C program would take them to end, and the longest that there can be. */
const kCut = 'cut\u0000off';
const kLongest = 'n'.repeat(256);

/** The heading of a page that kPages has under several names. */
const titleOf = (name) => name.replace(/ (by name|found)$/, '');

describe('dashboard', { timeout: kTestTimeout * 4, concurrency: 3 }, () => {
  let browser;
  let server;
  before(async () => {
    server = await startServer();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A test of its own browser context; several run at a time, for most of it is waiting. */
  const inTest = (name, use, { minutes = 1, allowed } = {}) =>
    test(name, { timeout: minutes * kTestTimeout }, () => inBrowser({ browser, server, allowed }, use));

  /** A page may ask for a client that it lists in the moment in which that goes. */
  const kGone = /status of 404/;

  /** Has a client read nothing any more, until something waits for it. */
  async function slowDown(client) {
    client.socket.pause();
    const data = 'x'.repeat(60_000);
    await until(async () => {
      await ask(server, '/api/publish', { client: client.self.id, event: 'bulk', data });
      return (await ask(server, `/api/clients/${client.self.id}`)).backlogBytes > kSlow;
    });
  }

  inTest('shows on the overview what /metrics says', async ({ visit, connect }) => {
    for (let i = 0; i < 7; i += 1) await connect(`user-${i % 5}`, ['overview', `overview-${i}`]);
    const page = await visit('', 'Overview');
    const shows = async (name, metric) => until(async () => {
      const figure = (await metrics(server)).get(metric);
      return figure > 0 && (await tile(page, name).textContent()) === figure.toLocaleString('en');
  });
    await shows('Clients', 'hearth_connections{state="authenticated"}');
    await shows('Users', 'hearth_users');
    await shows('Rooms', 'hearth_rooms');
    await ask(server, '/api/publish', { room: 'overview', event: 'news' });
    await until(async () => {
      const total = (await metrics(server)).get('hearth_messages_sent_total').toLocaleString('en');
      return total !== '0' && page.locator('.tile').getByText(`${total} in all`, { exact: true }).first().isVisible();
    });
    await row(page, 'Largest rooms', 'overview').first().waitFor();
  });

  inTest('tells the values of a chart to mouse and keys, and as a table', async ({ visit, connect }) => {
    await connect('ann', ['charts']);
    const page = await visit('', 'Overview');
    const chart = page.getByRole('figure', { name: 'Clients', exact: true });
    const axis = chart.getByRole('slider');
    await chart.getByText(/clients [1-9]/).waitFor();
    // A few samples, so that there is something to go back to.
    await until(() => page.evaluate(async () => (await (await fetch('/api/samples')).json()).samples.length > 3));
    await axis.focus();
    await page.keyboard.press('End');
    assert.match(await axis.getAttribute('aria-valuetext'), /^\d\d:\d\d:\d\d: connections \d+, clients \d+$/);
    const newest = Number(await axis.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.ok(Number(await axis.getAttribute('aria-valuenow')) < newest);
    await page.keyboard.press('Escape');
    await axis.hover();
    await until(async () => /^\d\d:\d\d:\d\d$/.test(await chart.locator('.when').textContent()));
    await chart.getByText('As a table').click();
    await chart.getByRole('row').filter({ hasText: /^\d\d:\d\d:\d\d/ }).first().waitFor();
  });

  inTest('lists rooms by prefix, page by page', async ({ visit, connect }) => {
    const names = Array.from({ length: 130 }, (_, i) => `many-${String(i).padStart(3, '0')}`);
    for (let i = 0; i < names.length; i += 65) await connect('ann', names.slice(i, i + 65));
    const page = await visit('rooms', 'Rooms');
    await page.getByLabel('Name begins with').fill('many-');
    await page.getByRole('button', { name: 'Search' }).click();
    await row(page, 'Rooms that begin with many-', 'many-099').waitFor();
    assert.equal(await row(page, 'Rooms that begin with many-', 'many-100').count(), 0);
    await page.getByRole('button', { name: 'Show more' }).click();
    await row(page, 'Rooms that begin with many-', 'many-129').waitFor();
    await page.getByRole('button', { name: 'Room', exact: true }).click();
    assert.equal(await page.getByRole('columnheader', { name: 'Room' }).getAttribute('aria-sort'), 'descending');
    await page.getByRole('link', { name: 'many-129' }).click();
    await page.getByRole('heading', { name: 'Room many-129' }).waitFor();
  });

  inTest('publishes into a room and shows it arrive on the same page', async ({ visit, connect }) => {
    const ann = await connect('ann', ['tea']);
    const page = await visit('rooms/tea', 'Room tea');
    await row(page, 'Members of the room', ann.self.id).waitFor();
    await page.getByRole('button', { name: 'Watch' }).click();
    await page.getByText('Watching.').waitFor();
    const form = page.getByRole('form', { name: 'Publish' });
    await form.getByLabel('Event').fill('kettle');
    await form.getByLabel('Data').fill('{"number":12345678901234567890}');
    await form.getByRole('button', { name: 'Publish' }).click();
    assert.deepEqual((await ann.heard('kettle')).event, 'kettle');
    await page.getByRole('list', { name: 'Publications' }).getByText('kettle').waitFor();
    await page.getByText('Sent kettle to the room tea.').waitFor();
    await form.getByLabel('Data').fill('{"number":');
    await form.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Data is no JSON').waitFor();
  });

  inTest('leads from the overview to the slowest client, and closes it', async ({ visit, connect }) => {
    await connect('quick', ['slow']);
    const slow = await connect('snail', ['slow']);
    await slowDown(slow);
    const page = await visit('', 'Overview');
    await row(page, 'Slowest clients', slow.self.id).waitFor();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Clients' }).click();
    const found = row(page, 'Clients for whom the most waits', 'snail');
    await found.getByRole('button', { name: 'Disconnect' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disconnect this client?' });
    await dialog.getByText(/Closes 1 connection, the client .* of user snail, on hearth-1/).waitFor();
    await dialog.getByLabel('Reason').fill('Too slow');
    await dialog.getByText(`-d '{"client":"${slow.self.id}","code":4010,"reason":"Too slow"}'`).waitFor();
    await dialog.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('Disconnected the client').waitFor();
    slow.socket.resume();
    assert.deepEqual(await slow.closed, { code: 4010, reason: 'Too slow' });
    await found.waitFor({ state: 'detached' });
  }, { allowed: kGone });

  inTest('shows a client, and joins, leaves and sends for it', async ({ visit, connect }) => {
    const ann = await connect('ann', ['first']);
    const page = await visit(`clients/${ann.self.id}`, `Client ${ann.self.id}`);
    const rooms = page.getByRole('list', { name: 'Rooms of the client' });
    await rooms.getByRole('link', { name: 'first' }).waitFor();
    await page.getByLabel('Room to join').fill('second');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await rooms.getByRole('link', { name: 'second' }).waitFor();
    await ask(server, '/api/publish', { room: 'second', event: 'hello' });
    await ann.heard('hello');
    await rooms.getByRole('button', { name: 'Take out of first' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take out' }).click();
    await rooms.getByRole('link', { name: 'first' }).waitFor({ state: 'detached' });
    const form = page.getByRole('form', { name: 'Send to this client' });
    await form.getByLabel('Event').fill('for-you');
    await form.getByRole('button', { name: 'Publish' }).click();
    await ann.heard('for-you');
  });

  inTest('blocks a user, whose clients go, and lets it in again', async ({ visit, connect }) => {
    const mallory = [await connect('mallory', ['a']), await connect('mallory', ['b'])];
    const page = await visit('users/mallory', 'User mallory');
    await row(page, 'Clients of the user', mallory[1].self.id).waitFor();
    await page.getByRole('button', { name: 'Block…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Block this user?' });
    await dialog.getByText('Closes 2 connections of mallory on hearth-1').waitFor();
    await dialog.getByRole('button', { name: 'Block' }).click();
    for (const client of mallory) assert.equal((await client.closed).code, 4007);
    await page.getByText(/^Blocked until /).waitFor();
    await page.getByRole('button', { name: 'Unblock…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unblock' }).click();
    await page.getByText(/^Blocked until /).waitFor({ state: 'hidden' });
    await connect('mallory', ['a']);
    await page.getByText('1 client on hearth-1').waitFor();
  }, { allowed: kGone });

  inTest('shows nodes, and the configuration without its secrets', async ({ visit, connect }) => {
    await connect('ann', ['x']);
    const page = await visit('nodes', 'Nodes');
    await row(page, 'Nodes', 'hearth-1').getByText('runs').waitFor();
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByRole('heading', { name: 'Events are off' }).waitFor();
    await page.getByRole('link', { name: 'Configuration' }).click();
    const values = page.getByRole('table', { name: 'Values of the configuration' });
    await values.getByText('server.name', { exact: true }).waitFor();
    await values.getByText('hidden: it is a secret').first().waitFor();
    assert.ok(!(await page.content()).includes('a-key-for-'));
    await page.getByLabel('Key contains').fill('limits.');
    await values.getByText('server.name', { exact: true }).waitFor({ state: 'detached' });
    await page.getByLabel('Room', { exact: true }).fill('news:today');
    await page.getByRole('button', { name: 'Try' }).click();
    await page.getByText(/^. (Allowed|Refused)\./).waitFor();
  });

  inTest('has its buttons disabled, with the reason, for a key that may only read', async ({ visit, connect }) => {
    const ann = await connect('ann', ['read']);
    const page = await visit('', 'Overview', { key: kReadKey });
    for (const [heading, place] of Object.entries(kPages({ room: 'read', client: ann.self.id, user: 'ann' }))) {
      await go(page, server, place, titleOf(heading));
      for (const button of await page.getByRole('button', { name: kActions }).all()) {
        assert.ok(await button.isDisabled(), `${heading}: ${await button.textContent()}`);
      }
      if (/^(Room read|Client |Clients|User|Nodes)/.test(heading)) {
        await page.getByText('The key viewer may only read; this needs a key that is allowed to').first().waitFor();
      }
    }
  }, { minutes: 2 });

  inTest('shows hostile names as text', async ({ visit, connect }) => {
    const hostile = await connect(kHostile, [kHostile, kLongest, kCut]);
    const cut = await connect(kCut, [kCut]);
    const turned = await connect(kTurned, ['turned']);
    const page = await visit(`rooms/${encodeURIComponent(kHostile)}`, `Room ${kHostile}`);
    await row(page, 'Members of the room', kHostile).waitFor();
    await page.getByRole('link', { name: kHostile }).first().click();
    await page.getByRole('heading', { name: `User ${kHostile}` }).waitFor();
    await page.getByRole('link', { name: hostile.self.id }).click();
    await page.getByRole('link', { name: kLongest }).click();
    await page.getByRole('heading', { name: `Room ${kLongest}` }).waitFor();
    await go(page, server, `rooms/${encodeURIComponent(kCut)}`, 'Room cut␀off');
    await row(page, 'Members of the room', hostile.self.id).waitFor();
    await row(page, 'Members of the room', cut.self.id).getByRole('link', { name: 'cut␀off' }).click();
    await page.getByRole('heading', { name: 'User cut␀off' }).waitFor();
    await row(page, 'Clients of the user', cut.self.id).waitFor();
    await page.goto(`${server.apiOrigin}/#/clients/${turned.self.id}`);
    await page.getByText('abc⟨U+202E⟩␇def', { exact: true }).first().waitFor();
    assert.equal(await page.locator('img:not([src="/shared/favicon.svg"])').count(), 0);
    assert.match(await page.title(), /Hearth$/);
  });

  inTest('is accessible on every page, in both themes, and fits a phone', async ({ visit, connect }) => {
    const ann = await connect('ann', ['phone', 'n'.repeat(120)]);
    // Buttons change their colour slowly otherwise.
    const page = await visit('', 'Overview', { reducedMotion: 'reduce' });
    await page.getByText('Live', { exact: true }).waitFor();
    for (const [heading, place] of Object.entries(kPages({ room: 'phone', client: ann.self.id, user: 'ann' }))) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await go(page, server, place, titleOf(heading));
      assert.deepEqual(await axeFindings(page), [], heading);
      await page.emulateMedia({ colorScheme: 'dark' });
      // What else there could be to find is the same in both themes.
      assert.deepEqual(await axeFindings(page, ['color-contrast']), [], `${heading}, dark`);
      assert.deepEqual(await lowContrast(page), [], `${heading}, dark`);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 360, height: 740 });
      assert.equal(await sidewaysScroll(page), 0, `${heading} is no wider than a phone`);
      assert.deepEqual(await axeFindings(page), [], `${heading}, on a phone`);
    }
  }, { minutes: 3 });
});
