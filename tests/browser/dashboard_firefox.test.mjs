/** What the dashboard is for, in Firefox: signing in, the overview, a room that is watched, a client that is closed. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { kKey, startServer, until } from './dashboard_page.mjs';
import { kTestTimeout } from './support.mjs';
import { Client } from './ws_client.mjs';

// Playwright needs a Firefox of its own; the client's tests drive Debian's by WebDriver BiDi.
const { default: puppeteer } = createRequire(new URL('../../clients/js/test/package.json', import.meta.url))('puppeteer-core');
const kFirefox = process.env.TEST_FIREFOX ?? '/usr/bin/firefox-esr';

describe('the dashboard in Firefox', { timeout: kTestTimeout * 4 }, () => {
  let browser;
  let server;
  before(async () => {
    server = await startServer();
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: kFirefox, headless: true, timeout: kTestTimeout });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('signs in, watches a room, and closes a client', { timeout: kTestTimeout * 3 }, async () => {
    const ann = await Client.authenticated(server.socketUrl, 'ann', ['tea']);
    const page = await browser.newPage();
    page.setDefaultTimeout(kTestTimeout);
    const complaints = [];
    page.on('console', (line) => ['error', 'warn'].includes(line.type()) && complaints.push(line.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    const strangers = [];
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== 'data:' && origin !== server.apiOrigin) strangers.push(request.url());
    });
    const at = (selector) => page.locator(selector).setTimeout(kTestTimeout);
    const heading = (text) => at(`h1::-p-text(${text})`).wait();

    await page.goto(server.apiOrigin);
    await at('dialog input').fill(kKey);
    await at('dialog button::-p-text(Sign in)').click();
    await heading('Overview');
    const figure = () => page.$eval('.tile-value', (node) => node.textContent);
    await until(async () => (await figure()) === '1');
    await until(() => page.$eval('.charts .line', (node) => node.getAttribute('d') !== '').catch(() => false));

    await at('a::-p-text(Rooms)').click();
    await heading('Rooms');
    await at('td a::-p-text(tea)').click();
    await heading('Room tea');
    await at('button::-p-text(Watch)').click();
    await at('::-p-text(Watching.)').wait();
    await at('form.publish button::-p-text(Publish)').click();
    await ann.heard('message');
    await at('.watched li ::-p-text(message)').wait();

    await at(`td a::-p-text(${ann.self.id})`).click();
    await heading(`Client ${ann.self.id}`);
    await at('button::-p-text(Disconnect…)').click();
    await at('dialog button.danger:not(:disabled)').click();
    assert.deepEqual(await ann.closed, { code: 4010, reason: 'Disconnected' });
    await at('::-p-text(It is not connected any more.)').wait();
    assert.deepEqual(complaints, []);
    assert.deepEqual(strangers, []);
    await page.close();
  });
});
