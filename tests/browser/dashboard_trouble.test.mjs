/** The dashboard where something is wrong: no key, session, answer or broker; in Chromium, with the real command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ask, axeFindings, go, inBrowser, kKey, kPublishKey, kReadKey, row, sidewaysScroll, signIn, startServer,
  until } from './dashboard_page.mjs';
import { freePort, kTestTimeout, launchBrowser, RedisServer } from './support.mjs';

const kBudget = 60 * 1024;
const kWeb = fileURLToPath(new URL('../../web/', import.meta.url));
/** What a browser says by itself of a request that fails, which tests here bring about. */
const kFailedRequest = /^Failed to load resource/;

describe('dashboard in trouble', { timeout: kTestTimeout * 4, concurrency: 3 }, () => {
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
  const inTest = (name, use) => test(name, { timeout: kTestTimeout }, () =>
    inBrowser({ browser, server, allowed: kFailedRequest }, use));
  const login = (page) => page.getByRole('dialog', { name: 'Sign in to Hearth' });
  const pill = (page, text) => page.locator('#pill-text').getByText(text);

  inTest('asks for a key, says what is wrong with others, and lets the right one in', async ({ newPage }) => {
    const page = await newPage();
    await page.goto(server.apiOrigin);
    await login(page).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    assert.equal(await page.getByRole('heading', { name: 'Overview' }).count(), 0);
    await page.keyboard.press('Escape');
    await signIn(page, 'not-the-key-but-long-enough-to-be-one');
    await login(page).getByText('The server does not know this key.').waitFor();
    await until(async () => {
      await page.getByRole('button', { name: 'Sign in' }).click();
      return login(page).getByText('Too many wrong keys').isVisible();
    });
    await signIn(page, kPublishKey);
    await login(page).getByText('The key feed may not read').waitFor();
    await signIn(page, kKey);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('ops', { exact: true }).waitFor();
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })),
      [{ name: 'hearth_session', httpOnly: true, sameSite: 'Strict' }]);
    await page.reload();
    await page.getByText('ops', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await login(page).waitFor();
  });

  inTest('lays the login over the page when the session has ended, and goes on', async ({ visit }) => {
    const page = await visit('rooms/kept', 'Room kept');
    const data = page.getByRole('form', { name: 'Publish' }).getByLabel('Data');
    await data.fill('{"half":"written"}');
    await page.context().clearCookies();
    await login(page).getByText('Your session has ended.').waitFor();
    await page.getByRole('heading', { name: 'Room kept' }).waitFor();
    await signIn(page, kKey);
    await login(page).waitFor({ state: 'hidden' });
    assert.equal(await data.inputValue(), '{"half":"written"}');
    await pill(page, 'Live').waitFor();
    // With another key, whose rights are others, the page is made anew.
    await page.context().clearCookies();
    await login(page).waitFor();
    await signIn(page, kReadKey);
    await page.getByText('The key viewer may only read').first().waitFor();
  });

  inTest('needs no login where the server has no keys, and says so', async ({ visit }) => {
    const open = await startServer({ keys: false });
    try {
      const page = await visit('', 'Overview', { at: open });
      await page.getByText('No key is needed here.').waitFor();
      await pill(page, 'Live').waitFor();
    } finally {
      await open.stop();
    }
  });

  inTest('says that the server has gone, and goes on when it is back', async ({ visit, connect }) => {
    let other = await startServer({ keys: false });
    const client = await connect('ann', ['tea'], other);
    const page = await visit('rooms', 'Rooms', { at: other });
    await row(page, 'The busiest rooms', 'tea').waitFor();
    const { port, apiPort } = other;
    await other.stop('SIGKILL');
    await client.closed;
    await page.getByText('No contact with the server.').waitFor();
    await page.getByText('The server cannot be reached.').waitFor();
    await row(page, 'The busiest rooms', 'tea').waitFor();
    other = await startServer({ keys: false, port, apiPort });
    try {
      await page.getByText('No contact with the server.').waitFor({ state: 'detached' });
      await pill(page, 'Live').waitFor();
      await page.getByText('Nobody is in a room.').waitFor();
      await page.getByText('The server cannot be reached.').waitFor({ state: 'hidden' });
    } finally {
      await other.stop();
    }
  });

  inTest('says that the broker has gone, and that it is back', async ({ visit }) => {
    const redis = await RedisServer.start();
    const other = await startServer({ keys: false, flags: ['--redis', redis.url] });
    try {
      const page = await visit('', 'Overview', { at: other });
      await pill(page, 'Live').waitFor();
      await redis.kill();
      await page.getByText('Cut off from the other instances.').waitFor();
      await redis.restart();
      await page.getByText('Cut off from the other instances.').waitFor({ state: 'detached' });
    } finally {
      await other.stop();
      await redis.stop();
    }
  });

  inTest('says that a certificate ends soon, and whom the server cannot reach', async ({ visit, connect }) => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-browser-'));
    const file = (name) => join(folder, name);
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
      '-subj', '/CN=soon', '-days', '5', '-keyout', file('key.pem'), '-out', file('cert.pem')]);
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const other = await startServer({ keys: false, more: `
      server.tls.certificates = [{ cert = "${file('cert.pem')}", key = "${file('key.pem')}" }]
      auth.jwt = [{ jwks_url = "${nobody}/keys", algorithms = ["ES256"], issuer = "${nobody}", audience = "hearth" }]
      auth.ask_backend = true
      backend = { url = "${nobody}/hearth", secret = "a-secret-of-the-backend-of-32-bytes" }
      events = { to = "backend", types = ["node"] }
    ` });
    try {
      const page = await visit('', 'Overview', { at: other });
      await page.getByText(/^A certificate is near its end\. The certificate .*cert\.pem ends at /).waitFor();
      await page.getByText(`A key set cannot be fetched. The keys of ${nobody} cannot be fetched`).waitFor();
      await page.getByText('Events wait. Events are not taken, and wait: ').waitFor();
      assert.equal(await page.getByText('The backend does not answer.').count(), 0, 'it has not been asked often');
    } finally {
      await other.stop('SIGKILL'); // otherwise it waits for whoever takes events
      rmSync(folder, { recursive: true });
    }
  });

  inTest('says what could not be read, and tries again', async ({ visit }) => {
    const page = await visit('clients?by=newest', 'Clients');
    const problem = { status: 500, contentType: 'application/problem+json',
      body: JSON.stringify({ status: 500, code: 'internal', detail: 'a shard did not answer' }) };
    await page.route('**/api/top*', (route) => route.fulfill(problem));
    await page.getByText('a shard did not answer. Asked again every few seconds.').waitFor();
    await page.unroute('**/api/top*');
    await page.getByText('a shard did not answer').waitFor({ state: 'hidden' });
    await page.route('**/api/top*', (route) => route.fulfill({ body: '<html>' }));
    await page.getByText('What the server answered is no JSON.').waitFor();
    await page.unroute('**/api/top*');
    await page.getByText('What the server answered is no JSON.').waitFor({ state: 'hidden' });
    // An answer that never comes ends with the visit.
    await page.route('**/api/info*', () => {});
    await page.getByRole('link', { name: 'Nodes' }).click();
    await page.getByRole('link', { name: 'Rooms' }).click();
    await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
  });

  inTest('says what the server refuses, where it was asked for', async ({ visit, connect }) => {
    const client = await connect('ann', ['tea']);
    const page = await visit(`clients/${client.self.id}`, `Client ${client.self.id}`);
    await page.getByRole('button', { name: 'Disconnect…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disconnect this client?' });
    await dialog.getByLabel('Close code').fill('1005');
    await dialog.getByRole('button', { name: 'Disconnect' }).click();
    await dialog.getByRole('alert').getByText(/code/).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await client.close(1000);
    await page.getByText('It is not connected any more.').waitFor();
  });

  inTest('closes its streams while it is hidden', async ({ newPage }) => {
    const page = await newPage();
    const ended = [];
    for (const event of ['requestfailed', 'requestfinished']) {
      page.on(event, (request) => ended.push(new URL(request.url()).pathname));
    }
    await go(page, server, 'rooms/hidden', 'Room hidden');
    await page.getByRole('button', { name: 'Watch' }).click();
    await page.getByText('Watching.').waitFor();
    await pill(page, 'Live').waitFor();
    const become = (state) => page.evaluate((visibility) => {
      Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
    await become('hidden');
    await until(() => ended.includes('/api/live') && ended.includes('/api/watch'));
    await pill(page, 'Paused').waitFor();
    await become('visible');
    await pill(page, 'Live').waitFor();
    await page.getByText('Watching.').waitFor();
    await ask(server, '/api/publish', { room: 'hidden', event: 'after' });
    await page.getByRole('list', { name: 'Publications' }).getByText('after').waitFor();
  });

  inTest('remembers the theme that was chosen', async ({ visit }) => {
    const page = await visit('', 'Overview');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await background();
    await page.getByRole('button', { name: 'Theme: system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    const light = await background();
    assert.notEqual(light, dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    assert.equal(await background(), light);
    assert.equal(await sidewaysScroll(page), 0);
  });

  test('is small', () => {
    const files = ['dashboard', 'shared'].flatMap((folder) =>
      readdirSync(kWeb + folder).map((name) => `${kWeb}${folder}/${name}`));
    const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
    assert.ok(size < kBudget, `${size} bytes, more than ${kBudget}`);
  });
});
