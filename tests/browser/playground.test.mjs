/** The playground as a visitor sees it, in Chromium, served by the real command. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { enter, join, line, lines, publish } from './playground_page.mjs';
import { kTestTimeout, launchBrowser, lowContrast, Server, Watch } from './support.mjs';

const kHostile = '<img src=x onerror="document.title=1">';

describe('playground', { timeout: kTestTimeout * 20 }, () => {
  let browser;
  let server;
  let opened = [];
  /** Lines that the console may hold at the end of this test, for the test brings them about. */
  let allowedComplaint = null;

  before(async () => {
    server = await Server.start();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  afterEach(async () => {
    const visits = opened;
    opened = [];
    for (const { page } of visits) await page.context().close();
    const allowed = allowedComplaint;
    allowedComplaint = null;
    for (const { watch } of visits) {
      assert.deepEqual(watch.complaints.filter((line) => !allowed?.test(line)), [], 'the console stays clean');
      assert.deepEqual(watch.strangers, [], 'nothing is asked of another origin');
    }
  });

  /** A page of its own browser context; `prepare` is called before it goes to `origin`. */
  async function visit(options = {}, { origin = server.origin, prepare = async () => {} } = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = adopt(await context.newPage(), origin);
    await prepare(page);
    await page.goto(origin);
    return page;
  }

  /** Has a page watched, and closed after the test. */
  function adopt(page, origin = server.origin) {
    opened.push({ page, watch: new Watch(page, origin) });
    return page;
  }

  async function visitAs(name, room, options) {
    const page = await visit(options);
    await enter(page, name, room);
    return page;
  }

  const filter = (page) => page.getByLabel('Filter frames by text');
  const kinds = (page) => page.getByLabel('Show which frames');

  test('leads a newcomer button by button to a message in a second tab', { timeout: kTestTimeout }, async () => {
    const page = await visit();
    const guide = page.getByRole('region').filter({ has: page.getByRole('list', { name: 'First steps' }) });
    await guide.getByRole('button', { name: /^Authenticate as / }).click();
    await guide.getByRole('button', { name: 'Join lobby' }).click();
    await guide.getByRole('button', { name: 'Say hello to lobby' }).click();
    const name = /as (.*)$/.exec(await page.getByText(/^Authenticated as /).textContent())[1];
    await line(page, 'received', 'message', name, `Hello from ${name}`).waitFor();

    const popup = page.context().waitForEvent('page');
    await guide.getByRole('link', { name: 'Open a second tab' }).click();
    const second = adopt(await popup);
    await second.getByRole('button', { name: 'Leave lobby' }).waitFor();
    await second.getByRole('button', { name: 'Say hello to lobby' }).click();
    const secondName = /as (.*)$/.exec(await second.getByText(/^Authenticated as /).textContent())[1];
    assert.notEqual(secondName, name);
    await line(page, 'received', 'message', `Hello from ${secondName}`).waitFor();
    await page.getByText('Messages go round').waitFor();
  });

  test('shows in one page what another publishes, with its user id', { timeout: kTestTimeout }, async () => {
    const ann = await visitAs('ann', 'kitchen');
    const ben = await visitAs('ben', 'kitchen');
    await publish(ann, { room: 'kitchen', event: 'tea', data: '{"cups": 2}' });
    const arrived = line(ben, 'received', 'tea', 'ann', '{"cups":2}');
    await arrived.waitFor();
    assert.match(await arrived.textContent(), /^\d\d:\d\d:\d\d\.\d\d\d.*received/);
    await line(ann, 'sent', 'publish', '"tea"').waitFor();
    await line(ann, 'received', 'tea', 'ann').waitFor();

    await ann.getByLabel('To me too').uncheck();
    await publish(ann, { room: 'kitchen', event: 'coffee', data: 'plain words' });
    await line(ben, 'received', 'coffee', 'ann', '"plain words"').waitFor();
    await publish(ben, { room: 'kitchen', event: 'done', data: '' });
    await line(ann, 'received', 'done', 'ben').waitFor();
    assert.equal(await line(ann, 'received', 'coffee').count(), 0);
  });

  test('takes a token in place of a user id', { timeout: kTestTimeout }, async () => {
    const secret = '0123456789abcdef0123456789abcdef';
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256' })}.${part({ sub: 'ann', exp: Math.floor(Date.now() / 1000) + 3600 })}`;
    const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    const guarded = await Server.start({
      config: `[[auth.jwt]]\nsecret = "${secret}"\nalgorithms = ["HS256"]\n[[rooms]]\npattern = "*"\njoin = "users"\n`,
    });
    try {
      const page = await visit({}, guarded);
      await page.getByText('Connected, not authenticated').waitFor();
      await page.getByLabel('User id', { exact: true }).fill(token);
      await page.getByRole('button', { name: 'Authenticate as whom the token names' }).click();
      await page.getByText('Authenticated as ann', { exact: true }).waitFor();
      await join(page, 'lobby');
      await page.goto('about:blank'); // before the server is gone, which the page would complain of
    } finally {
      await guarded.stop('SIGINT');
    }
  });

  test('gets nothing more from a room it left', { timeout: kTestTimeout }, async () => {
    const ann = await visitAs('ann', 'hall');
    const ben = await visitAs('ben', 'hall');
    await join(ann, 'yard');
    await join(ben, 'yard');
    await ben.getByRole('button', { name: 'Leave hall' }).click();
    await ben.getByRole('button', { name: 'Leave hall' }).waitFor({ state: 'detached' });
    await publish(ann, { room: 'hall', event: 'unheard', data: '1' });
    await publish(ann, { room: 'yard', event: 'heard', data: '2' });
    await line(ben, 'received', 'heard', 'ann').waitFor();
    assert.equal(await line(ben, 'received', 'unheard').count(), 0);
  });

  test('filters by text and by direction', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'filters');
    await publish(page, { room: 'filters', event: 'apple', data: '1' });
    await publish(page, { room: 'filters', event: 'pear', data: '2' });
    await line(page, 'received', 'pear').waitFor();
    await filter(page).fill('APPLE');
    await line(page, 'received', 'pear').waitFor({ state: 'hidden' });
    assert.deepEqual(await visibleEvents(page), ['publish', 'apple']);
    await kinds(page).selectOption('Sent');
    await line(page, 'received', 'apple').waitFor({ state: 'hidden' });
    assert.deepEqual(await visibleEvents(page), ['publish']);
    await filter(page).fill('no such thing');
    await page.getByText('No frame passes the filter.').waitFor();
    await filter(page).fill('');
    await kinds(page).selectOption('No acks, heartbeats');
    await line(page, 'received', 'pear').waitFor();
    assert.ok(!(await visibleEvents(page)).includes('ack'));
  });

  async function visibleEvents(page) {
    const visible = await lines(page).locator('.event').all();
    return Promise.all(visible.map((event) => event.textContent()));
  }

  test('pauses, goes on and clears', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'pauses');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await publish(page, { room: 'pauses', event: 'meanwhile', data: '1' });
    const resume = page.getByRole('button', { name: 'Resume (3 new)' });
    await resume.waitFor();
    assert.equal(await line(page, 'received', 'meanwhile').count(), 0);
    await resume.click();
    await line(page, 'received', 'meanwhile').waitFor();
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByText('Every frame to and from the server shows up here.').waitFor();
    assert.equal(await lines(page).count(), 0);
  });

  test('keeps the last thousand frames of a flood and stays usable', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'flood');
    // Found by id: looking for a role among a thousand lines takes longer than the flood. Of each message there are three
    // frames: it, its answer, and what comes back.
    for (let round = 0; round < 5; round += 1) await page.locator('#publish-burst').click();
    await page.locator('#publish-event').fill('last');
    await page.locator('#publish-send').click();
    const arrived = page.locator('#log .line', { hasText: 'receivedlast' });
    await arrived.waitFor();
    await page.getByText('1000 kept', { exact: true }).waitFor();
    assert.equal(await page.locator('#log > li').count(), 1000);
    await arrived.click();
    await page.getByText('"event": "last"').waitFor();
  });

  test('shows a whole frame on demand, exactly as it came', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'whole');
    await sendRaw(page, '{"event":"publish","data":{"room":"whole","event":"big","data":{"n":12345678901234567890}}}');
    const arrived = line(page, 'received', 'big');
    await arrived.focus();
    await page.keyboard.press('Enter');
    await page.getByText('"n": 12345678901234567890').waitFor();
    assert.equal(await arrived.getAttribute('aria-expanded'), 'true');
    await page.keyboard.press('ArrowUp');
    assert.equal(await arrived.evaluate((node) => node === document.activeElement), false);
  });

  test('brings the whole of the last frame into view', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'view');
    await page.getByRole('button', { name: 'Burst of 100' }).click();
    await publish(page, { room: 'view', event: 'last', data: '1' });
    const last = line(page, 'received', 'ack').last();
    await line(page, 'received', 'last').waitFor();
    await page.waitForFunction(() => document.querySelector('#log > li:last-child .event').textContent === 'ack');
    await last.click();
    const hidden = await page.locator('#log .details').evaluate((node) => (
      node.getBoundingClientRect().bottom - document.getElementById('log').getBoundingClientRect().bottom));
    assert.ok(hidden <= 0, `${hidden} pixels are below the edge`);
  });

  async function sendRaw(page, text) {
    const field = page.getByLabel('Raw frame', { exact: true });
    if (!(await field.isVisible())) await page.getByRole('heading', { name: 'Raw frame' }).click();
    await field.fill(text);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  test('sends a raw frame and follows what it changes', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'raws');
    await sendRaw(page, 'this is no JSON');
    await line(page, 'received', 'error', 'Invalid message format').waitFor();
    await page.getByLabel('As a binary message').check();
    await sendRaw(page, '{"event":"join","data":{"rooms":["cellar"]},"id":"mine"}');
    await page.getByRole('button', { name: 'Leave cellar' }).waitFor();
  });

  test('says which room was refused', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'allowed');
    await page.getByLabel('Room to join').fill('ws:secret');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('region', { name: 'Rooms' }).getByText(/\(ws:secret\)/).waitFor();
    await page.getByRole('form', { name: 'Publish a message' }).getByLabel('Event').fill('heartbeat');
    await page.getByText("“heartbeat” is the protocol's own; choose another event.").waitFor();
  });

  test('shows latency and rates', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'rates');
    await page.getByRole('img', { name: /^Latency: [\d.]+ m?s, median/ }).waitFor();
    await page.getByRole('button', { name: 'Burst of 100' }).click();
    await page.getByRole('img', { name: /^Received: .*peak [1-9]/ }).waitFor();
    await page.getByRole('img', { name: /^Sent: .*peak [1-9]/ }).waitFor();
  });

  test('puts text off the wire in as text', { timeout: kTestTimeout }, async () => {
    const room = `${kHostile} room`;
    const ann = await visitAs(`${kHostile} ann`, room);
    const ben = await visitAs('ben', room);
    await publish(ann, { room, event: `${kHostile} event`, data: JSON.stringify({ [kHostile]: `${kHostile} data` }) });
    const arrived = line(ben, 'received', `${kHostile} event`, `${kHostile} ann`, 'data');
    await arrived.click();
    await line(ann, 'received', `${kHostile} event`, `${kHostile} ann`).waitFor();
    await sendRaw(ben, kHostile);
    await line(ben, 'sent', 'text', kHostile).waitFor();
    await line(ben, 'received', 'error', 'Invalid message format').waitFor();
    for (const page of [ann, ben]) {
      assert.equal(await page.locator('img:not([src="shared/favicon.svg"])').count(), 0);
      assert.match(await page.title(), /Hearth playground$/);
    }
  });

  test('closes and connects when told to, and says why it is closed', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'doors');
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('region', { name: 'Connection' }).getByText(/^Closed with 1000 /).waitFor();
    await page.getByText('Disconnected', { exact: true }).waitFor();
    const card = page.getByRole('region', { name: 'Connection' });
    await card.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('Authenticated as ann').waitFor();
    await page.getByRole('button', { name: 'Leave doors' }).waitFor();
  });

  test('changes the user id by connecting anew', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'names');
    await page.getByLabel('User id', { exact: true }).fill('anna');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByText('Authenticated as anna', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Leave names' }).waitFor();
  });

  test('keeps its name and its rooms over a reload', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'reloads');
    await page.reload();
    await page.getByText('Authenticated as ann').waitFor();
    await page.getByRole('button', { name: 'Leave reloads' }).waitFor();
  });

  for (const { signal, words } of [
    { signal: 'SIGKILL', words: /^Closed with 1006: / },
    { signal: 'SIGTERM', words: /^Closed with 1001 Server shutting down: / },
  ]) {
    test(`comes back after the server got ${signal}`, { timeout: kTestTimeout }, async () => {
      allowedComplaint = /WebSocket connection to .* failed/;
      const ann = await visitAs('ann', 'phoenix');
      const ben = await visitAs('ben', 'phoenix');
      await join(ben, 'ashes');
      await server.stop(signal);
      for (const page of [ann, ben]) {
        await page.getByRole('region', { name: 'Connection' }).getByText(words).waitFor();
        await page.getByText('Reconnecting', { exact: true }).waitFor();
        await page.getByText(/Trying again in [\d.]+ s \(attempt [2-9]\)/).waitFor();
      }
      server = await Server.start({ port: server.port });
      await ann.getByRole('list', { name: 'Frames' }).getByText('Back again as ann, in phoenix again').waitFor();
      await ben.getByRole('list', { name: 'Frames' }).getByText('Back again as ben, in phoenix, ashes again').waitFor();
      await publish(ann, { room: 'phoenix', event: 'risen', data: '1' });
      await line(ben, 'received', 'risen', 'ann').waitFor();
      await publish(ben, { room: 'phoenix', event: 'indeed', data: '2' });
      await line(ann, 'received', 'indeed', 'ben').waitFor();
    });
  }

  /** Closes the first `refusals.length` connections with these codes, then lets the page through to the server. */
  const refusing = (...refusals) => ({
    prepare: (page) => page.routeWebSocket('**/ws', (socket) => {
      const refusal = refusals.shift();
      // Not before this has returned: only then is the connection open to the page.
      if (refusal) setImmediate(() => socket.close(refusal));
      else socket.connectToServer();
    }),
  });

  test('comes back with a name after it was let go for having none', { timeout: kTestTimeout }, async () => {
    const page = await visit({}, refusing({ code: 4001, reason: 'Authentication timeout' }));
    const card = page.getByRole('region', { name: 'Connection' });
    await card.getByText(/^Closed with 4001 Authentication timeout: /).waitFor();
    await page.getByText('Disconnected', { exact: true }).waitFor();
    await page.getByRole('button', { name: /^Authenticate as / }).click();
    await page.getByText(/^Authenticated as /).waitFor();
    await card.getByText(/^Closed with 4001/).waitFor({ state: 'hidden' });
  });

  test('does not try again what was refused for good', { timeout: kTestTimeout }, async () => {
    const page = await visit({}, refusing({ code: 4003, reason: 'Authentication failed' }));
    const card = page.getByRole('region', { name: 'Connection' });
    await page.getByText('Disconnected', { exact: true }).waitFor();
    await card.getByText(/^Closed with 4003 Authentication failed: /).waitFor();
    assert.equal(await card.getByText(/^Trying again/).isVisible(), false);
    await card.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('Connected, not authenticated').waitFor();
  });

  test('finds the endpoint where the server has it', { timeout: kTestTimeout }, async () => {
    const elsewhere = await Server.start({ flags: ['--path', '/else/where'] });
    try {
      const page = await visit({}, { origin: elsewhere.origin });
      await page.getByText('Connected, not authenticated').waitFor();
      await page.getByRole('region', { name: 'Connection' }).getByText(/\/else\/where$/).waitFor();
      // It would come back to a server that is gone, and complain.
      await page.context().close();
    } finally {
      await elsewhere.stop();
    }
  });

  test('fits a phone without scrolling sideways', { timeout: kTestTimeout }, async () => {
    const long = 'a-name-without-any-place-to-break-it-'.repeat(3);
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
    const page = await visit(phone);
    await page.getByText('Connected, not authenticated').waitFor();
    assert.deepEqual(await outside(page), [], 'on arrival');
    const other = await visitAs(long, long, phone);
    await publish(other, { room: long, event: long, data: JSON.stringify(long.repeat(5)) });
    await line(other, 'received', long).click();
    assert.deepEqual(await outside(other), [], 'with long names');
    await other.getByRole('button', { name: 'Disconnect' }).click();
    await other.getByText(/^Closed with 1000/).first().waitFor();
    assert.deepEqual(await outside(other), [], 'disconnected');
  });

  test('grows no longer with the frames on a screen that is small', { timeout: kTestTimeout }, async () => {
    for (const [width, height] of [[360, 740], [740, 360], [1000, 500]]) {
      const page = await visitAs('ann', 'frames', { viewport: { width, height } });
      const before = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.getByRole('button', { name: 'Burst of 100' }).click();
      await page.waitForFunction(() => document.querySelectorAll('#log > li').length > 300);
      const log = page.getByRole('list', { name: 'Frames' });
      const [shown, all] = await log.evaluate((node) => [node.clientHeight, node.scrollHeight]);
      assert.ok(shown < height && all > 2 * shown, `${shown} of ${all} pixels at ${width} x ${height}`);
      const after = await page.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(after < before + height, `from ${before} to ${after} pixels at ${width} x ${height}`);
    }
  });

  test('shows what cannot be pressed as such, also under the pointer', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'pointer');
    const button = page.getByRole('button', { name: 'Publish', exact: true });
    await button.hover();
    await page.getByRole('button', { name: 'Disconnect' }).evaluate((node) => node.click());
    await page.getByText('Disconnected', { exact: true }).waitFor();
    assert.equal(await button.evaluate((node) => node.matches(':disabled:hover')), true);
    await page.waitForFunction(() => {
      const [one, other] = ['publish-send', 'publish-burst'].map((id) => getComputedStyle(document.getElementById(id)));
      return one.backgroundColor === other.backgroundColor && one.color === other.color;
    });
  });

  /** What sticks out of the width of a phone: the page itself, or a control, be it cut off by what it is in. */
  function outside(page) {
    return page.evaluate(() => {
      const width = 360;
      const controls = [...document.querySelectorAll('a, button, input, select, textarea, summary')]
        .filter((node) => node.checkVisibility())
        .filter((node) => node.getBoundingClientRect().right > width || node.getBoundingClientRect().left < 0);
      const page = window.innerWidth === width && document.documentElement.scrollWidth <= width ? [] : ['the page'];
      return [...page, ...controls.map((node) => node.id || node.textContent)];
    });
  }

  test('is legible in light and in dark', { timeout: kTestTimeout }, async () => {
    const backgrounds = [];
    for (const colorScheme of ['light', 'dark']) {
      const page = await visitAs(`ann-${colorScheme}`, 'colours', { colorScheme });
      await publish(page, { room: 'colours', data: '1' });
      await line(page, 'received', 'message').click();
      await page.getByLabel('Room to join').fill('ws:refused');
      await page.getByRole('button', { name: 'Join', exact: true }).click();
      await page.getByText(/\(ws:refused\)/).first().waitFor();
      assert.deepEqual(await lowContrast(page), [], colorScheme);
      backgrounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByText(/^Closed with 1000/).first().waitFor();
      assert.deepEqual(await lowContrast(page), [], `${colorScheme}, disconnected`);
    }
    assert.notEqual(backgrounds[0], backgrounds[1]);
  });

  test('can be used with the keyboard alone', { timeout: kTestTimeout }, async () => {
    const page = await visitAs('ann', 'keys');
    const unnamed = await page.evaluate(() => [...document.querySelectorAll('input, select, textarea')]
      .filter((field) => field.labels.length === 0 && !field.ariaLabel).map((field) => field.id));
    assert.deepEqual(unnamed, []);
    await page.getByLabel('Data').focus();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('"typed"');
    await page.keyboard.press('Enter');
    await line(page, 'received', 'message', '"typed"').waitFor();
    const visited = new Set();
    for (;;) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(() => {
        const node = document.activeElement;
        if (node === document.body) return { id: 'the end', seen: true };
        const { outlineStyle, outlineWidth } = getComputedStyle(node);
        return { id: node.id || node.textContent, seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 };
      });
      if (visited.has(focus.id)) break;
      visited.add(focus.id);
      assert.ok(focus.seen, `the focus is seen on ${focus.id}`);
    }
    for (const id of ['second-tab', 'filter-text', 'log', 'publish-send', 'auth-send', 'join-send']) {
      assert.ok(visited.has(id), `${id} is reached with the tab key`);
    }
  });

  test('forbids itself code that is not a file of the server', { timeout: kTestTimeout }, async () => {
    allowedComplaint = /Content Security Policy/;
    const page = await visitAs('ann', 'policy');
    const refused = await page.evaluate(async () => {
      const violation = new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
      });
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.head.append(script);
      return violation;
    });
    assert.equal(refused, 'script-src-elem');
    assert.match(await page.title(), /Hearth playground$/);
  });
});
