/** The dashboard's pages of rooms that remember and of rooms in great number, in Chromium, with the real command. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, axeFindings, go, inBrowser, kReadKey, metrics, row, sidewaysScroll, startServer, tile,
  until } from './dashboard_page.mjs';
import { kTestTimeout, launchBrowser } from './support.mjs';

const kRules = `
[[rooms]]
name = "orders"
pattern = "log:*"
join = "anyone"
publish = "anyone"
history_size = 30
history_ttl = "5m"
presence = "members"

[[rooms]]
pattern = "**"
join = "anyone"
`;
const kNewest = 'The newest publications of the room';

const kMany = 100_000;
/** So many names of rooms a message. */
const kAtOnce = 20_000;
const kGenerous = `
limits.rooms_per_client = 0
limits.message_size = "1MiB"
limits.bytes = "0"
`;

describe('rooms on the dashboard', { timeout: kTestTimeout * 3, concurrency: 2 }, () => {
  let browser;
  let server;
  before(async () => {
    server = await startServer({ more: kRules });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A test of its own browser context. */
  const inTest = (name, use) => test(name, { timeout: kTestTimeout }, () => inBrowser({ browser, server }, use));
  const publish = (room, event, data) => ask(server, '/api/publish', { room, event, data });
  const newest = (page, offset) => page.getByRole('table', { name: kNewest }).getByRole('row')
    .filter({ has: page.getByRole('cell', { name: String(offset), exact: true }) });

  inTest('shows what a room keeps, and of its publications the data once it is asked for', async ({ visit, connect }) => {
    const ann = await connect('ann', ['log:kept']);
    for (let i = 1; i <= 34; i += 1) await publish('log:kept', 'paid', { order: `order-${i}` });
    ann.send({ event: 'publish', data: { room: 'log:kept', event: 'seen', data: 1 }, id: 'p' });
    await ann.heard('seen');
    const page = await visit('rooms/log%3Akept', 'Room log:kept');
    const card = page.getByRole('region', { name: 'History' });
    await newest(page, 35).getByText('ann').waitFor();
    for (const [term, what] of [['Newest offset', '35'], ['Oldest kept', '6'], ['Kept', '30 publications']]) {
      await card.locator('.facts div').filter({ hasText: term }).getByText(what, { exact: true }).waitFor();
    }
    const now = page.getByRole('region', { name: 'Now' });
    await now.getByText('30 publications for 5 min').waitFor();
    await now.getByText('members are told who').waitFor();
    await now.getByText('catch up:').waitFor();
    assert.equal(await page.getByRole('table', { name: kNewest }).locator('tbody tr').count(), 20);
    assert.ok(!(await page.content()).includes('order-34'), 'nobody has asked for it');
    await newest(page, 34).getByText('Show').click();
    await newest(page, 34).getByText('"order-34"').waitFor();

    const form = page.getByRole('form', { name: 'Publish' });
    await form.getByLabel('Event').fill('kettle');
    await form.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Sent kettle to the room log:kept. It is at offset 36.').waitFor();
    await newest(page, 36).getByText('kettle').waitFor();
    assert.equal(await page.getByRole('table', { name: kNewest }).locator('tbody tr').count(), 20);
    assert.ok(await newest(page, 34).getByText('"order-34"').isVisible(), 'what was opened stays open');
    assert.deepEqual(await axeFindings(page), []);
    await page.setViewportSize({ width: 360, height: 740 });
    assert.equal(await sidewaysScroll(page), 0);
    assert.deepEqual(await axeFindings(page), []);
  });

  inTest('has what a room kept forgotten, once somebody has said yes', async ({ visit }) => {
    await publish('log:gone', 'paid', { order: 1 });
    const viewer = await visit('rooms/log%3Agone', 'Room log:gone', { key: kReadKey });
    await newest(viewer, 1).waitFor();
    assert.ok(await viewer.getByRole('button', { name: 'Forget…' }).isDisabled());
    const page = await visit('rooms/log%3Agone', 'Room log:gone');
    await newest(page, 1).waitFor();
    await page.getByRole('button', { name: 'Forget…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Forget what this room has kept?' });
    await dialog.getByText('Has the 1 publication that the room log:gone has kept forgotten').waitFor();
    await dialog.getByText(`-X DELETE ${server.apiOrigin}/api/rooms/log%3Agone/history`).waitFor();
    await dialog.getByRole('button', { name: 'Forget' }).click();
    for (const one of [page, viewer]) await one.getByText('It has kept nothing.').waitFor();
    // Another log, whose offsets begin anew.
    await publish('log:gone', 'after', {});
    for (const one of [page, viewer]) await newest(one, 1).getByText('after').waitFor();
  });

  inTest('says in lists which rooms remember, and has no history of others', async ({ visit, connect }) => {
    await connect('ben', ['log:list', 'plain']);
    const page = await visit('rooms?by=name', 'Rooms');
    const list = 'Rooms that begin with';
    await row(page, list, 'log:list').getByText('30 for 5 min').waitFor();
    await row(page, list, 'log:list').getByText('members').waitFor();
    await row(page, list, 'log:list').getByText('catch up').waitFor();
    await row(page, list, 'plain').getByText('drop').waitFor();
    await go(page, server, 'rooms', 'Rooms');
    await row(page, 'The busiest rooms by members', 'log:list').getByText('30 for 5 min').waitFor();
    await go(page, server, 'rooms/plain', 'Room plain');
    await page.getByRole('region', { name: 'Now' }).getByText('keeps none').waitFor();
    assert.ok(await page.getByRole('region', { name: 'History' }).isHidden());
  });

  test('lists 100,000 rooms page by page', { timeout: kTestTimeout }, async () => {
    const many = await startServer({ more: kGenerous });
    try {
      await inBrowser({ browser, server: many }, async ({ visit, connect }) => {
        const names = Array.from({ length: kMany }, (_, i) => `room-${String(i).padStart(6, '0')}`);
        const client = await connect('ann', ['first']);
        for (let i = 0; i < kMany; i += kAtOnce) {
          client.send({ event: 'join', data: { rooms: names.slice(i, i + kAtOnce) }, id: `join-${i}` });
          await client.heard('ack');
        }
        const page = await visit('', 'Overview');
        await until(async () => (await tile(page, 'Rooms').textContent())
          === (await metrics(many)).get('hearth_rooms').toLocaleString('en'));
        await go(page, many, 'rooms?by=name&prefix=room-', 'Rooms');
        const list = 'Rooms that begin with room-';
        const shown = page.getByRole('table', { name: list }).locator('tbody tr');
        // Past what one request brings.
        for (let last = 99; last < 1100; last += 100) {
          await row(page, list, names[last]).waitFor();
          assert.equal(await shown.count(), last + 1);
          await page.getByRole('button', { name: 'Show more' }).click();
        }
        await page.getByLabel('Name begins with').fill('room-09999');
        await page.getByRole('button', { name: 'Search' }).click();
        await row(page, 'Rooms that begin with room-09999', names.at(-1)).waitFor();
        assert.deepEqual(await listed(many, 'room-'), names);
      });
    } finally {
      await many.stop();
    }
  });
});

/** The names of all rooms that begin so, as pages of the API have them. */
async function listed(server, prefix) {
  const names = [];
  for (let after = ''; after !== undefined;) {
    const { rooms, next } = await ask(server, `/api/rooms?prefix=${prefix}&limit=1000&after=${encodeURIComponent(after)}`);
    names.push(...rooms.map(({ room }) => room));
    after = next;
  }
  return names;
}
