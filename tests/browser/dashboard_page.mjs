/** The dashboard on a server with keys, and what a visitor does on it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Server, Watch } from './support.mjs';
import { Client } from './ws_client.mjs';

const kAxe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const kKey = 'a-key-for-everything-of-at-least-32-bytes';
export const kReadKey = 'a-key-for-reading-only-of-at-least-32-bytes';
export const kPublishKey = 'a-key-for-publishing-only-of-at-least-32-bytes';

/** Every page, by its part of the address; `room`, `client` and `user` are names of somebody who is there. */
export const kPages = ({ room, client, user }) => ({
  Overview: '',
  Rooms: 'rooms',
  'Rooms by name': 'rooms?by=name',
  [`Room ${room}`]: `rooms/${encodeURIComponent(room)}`,
  Clients: 'clients',
  'Clients found': `clients?user=${encodeURIComponent(user)}`,
  [`Client ${client}`]: `clients/${client}`,
  [`User ${user}`]: `users/${encodeURIComponent(user)}`,
  Nodes: 'nodes',
  Events: 'events',
  Configuration: 'configuration',
});

const kKeys = `
[[api.keys]]
name = "ops"
key = "${kKey}"

[[api.keys]]
name = "viewer"
key = "${kReadKey}"
allow = ["read"]

[[api.keys]]
name = "feed"
key = "${kPublishKey}"
allow = ["publish"]
`;

export function startServer({ keys = true, more = '', name = 'hearth-1', ...rest } = {}) {
  const settings = `server.name = "${name}"\n`
    + 'server.drain_delay = "0s"\nserver.drain_time = "0s"\n';
  return Server.start({ config: settings + more + (keys ? kKeys : ''), ...rest });
}

/** Asks the API as a backend would. */
export async function ask(server, path, body) {
  const headers = { Authorization: `Bearer ${kKey}` };
  const request = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(server.apiOrigin + path, request);
  return response.json();
}

/** The figures of /metrics: `name` and `name{label="value"}` to a number. */
export async function metrics(server) {
  const text = await (await fetch(`${server.apiOrigin}/metrics`)).text();
  return new Map([...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]));
}

/**
 * A test in a browser context of its own. `use` gets `visit(place, heading, options)`, `newPage(server, options)` and
 * `connect(user, rooms)`, whose pages and clients are closed at the end; the console of the pages has to have stayed
 * clean, but for lines that `allowed` says.
 */
export async function inBrowser({ browser, server, allowed = null }, use) {
  const pages = [];
  const clients = [];
  const newPage = async (at = server, options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    pages.push({ page, watch: new Watch(page, at.apiOrigin) });
    return page;
  };
  const visit = async (place, heading, { at = server, key = kKey, ...options } = {}) => {
    const page = await newPage(at, options);
    await go(page, at, place, heading, key);
    return page;
  };
  const connect = async (user, rooms, at = server) => {
    const client = await Client.authenticated(at.socketUrl, user, rooms);
    clients.push(client);
    return client;
  };
  try {
    await use({ visit, newPage, connect });
  } finally {
    for (const { page } of pages) await page.context().close();
    for (const client of clients) client.socket.terminate();
  }
  for (const { watch } of pages) {
    assert.deepEqual(watch.complaints.filter((line) => !allowed?.test(line)), [], 'the console stays clean');
    assert.deepEqual(watch.strangers, [], 'nothing is asked of another origin');
  }
}

/** Goes to a page, and signs in if asked for a key; returns when the heading is there. */
export async function go(page, server, place, heading, key = kKey) {
  await page.goto(`${server.apiOrigin}/#/${place}`);
  const field = page.getByLabel('API key');
  const title = page.getByRole('heading', { level: 1, name: heading, exact: true });
  await field.or(title).first().waitFor();
  if (await field.isVisible()) await signIn(page, key);
  await title.waitFor();
}

export async function signIn(page, key) {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A number of the overview, as text. */
export const tile = (page, name) => page.locator('.tile').filter({ has: page.getByText(name, { exact: true }) })
  .locator('.tile-value');

/** A row of the table with this caption that has this text. */
export const row = (page, caption, text) =>
  page.getByRole('table', { name: caption }).getByRole('row').filter({ hasText: text });

/** Waits until `look` gives something true, asking again and again; the test's own deadline ends it. */
export async function until(look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

/** What axe-core finds wrong with the page as it is; with `rules`, by these alone. */
export async function axeFindings(page, rules = null) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(kAxe);
  const { violations } = await page.evaluate((only) => globalThis.axe.run(document,
    { resultTypes: ['violations'], ...(only && { runOnly: only }) }), rules);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** How much wider the page is than the window, in pixels. */
export const sidewaysScroll = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth);
