/** The dashboard of two instances that a real Redis joins, in Chromium, with the real command and real clients. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, axeFindings, inBrowser, row, startServer, until } from './dashboard_page.mjs';
import { kTestTimeout, launchBrowser, RedisServer } from './support.mjs';

const kRules = `
[[rooms]]
pattern = "team:*"
join = "anyone"
presence = "members"

[[rooms]]
pattern = "crowd:*"
join = "anyone"
presence = "count"

[[rooms]]
pattern = "**"
join = "anyone"
`;

describe('the dashboard of a cluster', { timeout: kTestTimeout * 3 }, () => {
  let redis;
  let browser;
  const servers = [];

  before(async () => {
    redis = await RedisServer.start();
    for (const name of ['north', 'south']) {
      servers.push(await startServer({ name, more: kRules, flags: ['--redis', redis.url] }));
    }
    browser = await launchBrowser();
    const isWhole = async (server) => {
      const { nodes } = await ask(server, '/api/info?scope=cluster');
      return nodes.length === 2 && nodes.every(({ answered }) => answered);
    };
    for (const server of servers) await until(() => isWhole(server));
  });

  after(async () => {
    await browser?.close();
    for (const server of servers) await server.stop();
    await redis?.stop();
  });

  const inTest = (name, use) => test(name, { timeout: kTestTimeout }, () =>
    inBrowser({ browser, server: servers[0] }, use));

  inTest('shows every node, whichever one the page comes from', async ({ visit, connect }) => {
    await connect('ann', ['tea'], servers[1]);
    for (const [i, at] of servers.entries()) {
      const page = await visit('nodes', 'Nodes', { at });
      await page.getByText('2 nodes answered').waitFor();
      for (const name of ['north', 'south']) {
        await row(page, 'Nodes', name).getByText('runs').waitFor();
        await row(page, 'Nodes', name).getByText('connected').waitFor();
        await row(page, 'Nodes', name).getByText('same').waitFor();
      }
      await page.getByText(i === 0 ? /^north · / : /^south · /).waitFor();
    }
  });

  inTest('says who is in a room on all nodes, or how many', async ({ visit, connect }) => {
    const here = await connect('ann', ['team:red', 'crowd:1'], servers[0]);
    const there = await connect('ben', ['team:red', 'crowd:1'], servers[1]);
    const page = await visit('rooms/team%3Ared', 'Room team:red');
    const card = page.getByRole('region', { name: 'Presence' });
    await card.getByText('2 clients of 2 users').waitFor();
    for (const [client, user] of [[here, 'ann'], [there, 'ben']]) {
      await row(page, 'Members of the room on all instances', client.self.id).getByRole('link', { name: user }).waitFor();
    }
    assert.deepEqual(await axeFindings(page), []);
    await there.close(1000);
    await card.getByText('1 client of 1 user').waitFor();
    await page.goto(`${servers[0].apiOrigin}/#/rooms/crowd%3A1`);
    await page.getByRole('heading', { name: 'Room crowd:1' }).waitFor();
    await card.getByText('Members are told how many there are, and not who.').waitFor();
    await card.getByText('1 client of 1 user').waitFor();
    await page.goto(`${servers[0].apiOrigin}/#/rooms/plain`);
    await page.getByRole('heading', { name: 'Room plain' }).waitFor();
    await page.getByText('nobody is told who is there').waitFor();
    assert.ok(await card.isHidden());
  });

  inTest('draws bytes, and how long the broker takes, which an instance without one has no chart of', async ({ visit, connect }) => {
    await connect('ann', ['drawn']);
    const page = await visit('', 'Overview');
    const chart = (name) => page.getByRole('figure', { name, exact: true });
    const drawn = async (name, value) => {
      await ask(servers[0], '/api/publish', { room: 'drawn', event: 'more', data: 'x'.repeat(1000) });
      return value.test(await chart(name).locator('.legend').textContent());
    };
    await until(() => drawn('Bytes a second', /in [\d.]+ k?B.*out [1-9][\d.]* k?B/));
    await until(() => drawn('Round trip to the broker', /p50 [\d.]+ (µs|ms|s).*p99 [1-9][\d.]* (µs|ms|s)/));
    const alone = await startServer({ name: 'alone' });
    try {
      const other = await visit('', 'Overview', { at: alone });
      await other.getByRole('figure', { name: 'Bytes a second', exact: true }).waitFor();
      assert.ok(await other.getByRole('figure', { name: 'Round trip to the broker' }).isHidden());
    } finally {
      await alone.stop();
    }
  });

  inTest('shows a user on every node, and disconnects, blocks and lets it in there', async ({ visit, connect }) => {
    const here = await connect('mallory', ['tea'], servers[0]);
    const there = await connect('mallory', ['tea'], servers[1]);
    const page = await visit('users/mallory', 'User mallory');
    for (const [client, node] of [[here, 'north'], [there, 'south']]) {
      await row(page, 'Clients of the user', client.self.id).getByText(node).waitFor();
    }
    await row(page, 'Clients of the user', there.self.id).getByRole('button', { name: 'Disconnect' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disconnect this client?' });
    await dialog.getByText(/of user mallory, on south\./).waitFor();
    await dialog.getByRole('button', { name: 'Disconnect' }).click();
    assert.equal((await there.closed).code, 4010);
    await row(page, 'Clients of the user', there.self.id).waitFor({ state: 'detached' });

    const again = await connect('mallory', ['tea'], servers[1]);
    await row(page, 'Clients of the user', again.self.id).waitFor();
    await page.getByRole('button', { name: 'Block…' }).click();
    const block = page.getByRole('dialog', { name: 'Block this user?' });
    await block.getByText(/Closes 2 connections of mallory on (north, south|south, north)/).waitFor();
    await block.getByRole('button', { name: 'Block' }).click();
    for (const client of [here, again]) assert.equal((await client.closed).code, 4007);
    await page.getByText(/^Blocked until /).waitFor();
  });
});
