/** What is done to pages from outside, in Chromium. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { until } from '../runner.mjs';
import { Hearth } from '../stage/programs.mjs';
import { goesOn, goesOnThrottled } from './goes_on.mjs';
import { clientPage, freezeAndThaw, inState, serve, serveProject, startWrong, state } from './support.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const tests = [];
/** `kind`: of browser; those that hide pages do so with tabs in front of others. */
const test = (name, run, kind = 'visible') => tests.push({ name, run, kind });
const testHidden = (name, run) => test(name, run, 'hiding');
export const kChromiumTests = tests;

async function visit({ browser, after }, origin, path = '/', options = {}) {
  const context = await browser.newContext(options);
  after(() => context.close());
  // Pauses are drawn from short ones.
  await context.addInitScript(() => { Math.random = () => 0.02; });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(`${error}`));
  await page.goto(`${origin}${path}`);
  return { page, context, complaints };
}

async function clientOn(tools, url, options) {
  const origin = await serve({ '/': clientPage(url, options), '/other': '<!doctype html><title>other</title>' }, tools.after);
  const visited = await visit(tools, origin);
  await inState(visited.page, 'ready');
  return { ...visited, origin };
}

/** A page behind another one, which is hidden therefore. */
async function hiddenClientOn(tools, url, options) {
  const { browser } = tools;
  const origin = await serve({ '/': clientPage(url, options) }, tools.after);
  const page = await browser.newPage();
  tools.after(() => page.close());
  await page.goto(origin);
  await inState(page, 'ready');
  const front = await browser.newPage();
  tools.after(() => front.close());
  await front.bringToFront();
  await until('it is hidden', () => page.evaluate(() => document.visibilityState === 'hidden'));
  return page;
}

testHidden('a page that is frozen and thawed has its connection looked at, and goes on', async (tools) => {
  const { url, count, wrong } = await startWrong(tools.after);
  const page = await hiddenClientOn(tools, url, 'backoff: { min: 50, max: 50 }');
  const before = count('heartbeat');
  await freezeAndThaw(page);
  await until('a heartbeat came', () => count('heartbeat') > before);
  // Chromium may have closed the socket meanwhile; then there is another.
  await until('what is said is heard', async () => {
    wrong.send(0, '{"event":"news","data":"after the thaw"}');
    return page.evaluate(() => window.heard.includes('after the thaw'));
  });
});

testHidden('a page whose connection was closed while it was frozen is back when it is thawed', async (tools) => {
  const { url, wrong, seen } = await startWrong(tools.after);
  const page = await hiddenClientOn(tools, url, 'backoff: { min: 50, max: 50 }');
  await freezeAndThaw(page, () => wrong.close(0, 4002, 'Heartbeat timeout'));
  await until('another connection came', () => seen.filter(({ type }) => type === 'open').length === 2);
  await inState(page, 'ready');
  await until('the room is joined again', () => page.evaluate(() => window.client.room('tea').state === 'in'));
});

testHidden('hidden behind another tab it goes on sending heartbeats and hearing; shown again, it looks at its connection', async (tools) => {
  const { url, wrong, count } = await startWrong(tools.after);
  const page = await hiddenClientOn(tools, url, 'heartbeat: 300');
  const hidden = count('heartbeat');
  await until('heartbeats come', () => count('heartbeat') > hidden + 2);
  wrong.send(0, '{"event":"news","data":"behind"}');
  await until('it is heard', () => page.evaluate(() => window.heard.includes('behind')));
  const shown = count('heartbeat');
  await page.bringToFront();
  await until('a heartbeat came', () => count('heartbeat') > shown);
});

test('the network switched off and on: found out within 10 s, and back as soon as it is', async (tools) => {
  const { url, count } = await startWrong(tools.after);
  // Ten of its seconds are one of the world's.
  const fast = 'clock: { Math, Date: { now: () => Date.now() * 10 }, setTimeout: (run, ms) => setTimeout(run, ms / 10), clearTimeout: (timer) => clearTimeout(timer) }';
  const { page, context } = await clientOn(tools, url, `backoff: { min: 6_000_000, max: 6_000_000 }, ${fast}`);
  const before = count('heartbeat');
  await context.setOffline(true);
  await until('offline brings a heartbeat, or the connection is gone', async () => count('heartbeat') > before || (await state(page)) === 'waiting');
  await until('it is found out', async () => (await state(page)) === 'waiting');
  await context.setOffline(false);
  await inState(page, 'ready');
  await until('the room is joined again', () => page.evaluate(() => window.client.room('tea').state === 'in'));
});

testHidden('a page of the README\'s ten lines goes on through all that may happen to it', goesOn);

test('a page of the README\'s ten lines goes on when its timers come once a minute', goesOnThrottled, 'throttling');

test('left and come back to by the back button: closed properly, and connected again', async (tools) => {
  const { url, seen } = await startWrong(tools.after);
  const { page, origin } = await clientOn(tools, url);
  await page.goto(`${origin}/other`);
  await until('it was closed', () => seen.some(({ type, code }) => type === 'close' && [1000, 1001].includes(code)));
  await page.evaluate(() => { setTimeout(() => history.back()); });
  await inState(page, 'ready');
  if (await page.evaluate(() => window.shownAgain === true)) {
    const states = await page.evaluate(() => window.states);
    assert.deepEqual(states.slice(-4), ['waiting', 'connecting', 'authenticating', 'ready']);
    assert.ok(seen.some(({ code }) => code === 1000));
  } else {
    console.log('chromium: the page was not kept in the back/forward cache; only the reload was tried');
  }
});

test('a worker has a client of its own, which knows of no page', async (tools) => {
  const { url, wrong } = await startWrong(tools.after);
  const worker = `import { HearthClient } from '/hearth/index.js';
    const client = new HearthClient('${url}');
    client.connection.on('state', (state) => postMessage(state));
    client.on('news', (data) => postMessage(data));
    client.connect();`;
  const origin = await serve({ '/': '<!doctype html><title>worker</title>', '/worker.js': worker }, tools.after);
  const { page, complaints } = await visit(tools, origin);
  await page.evaluate(() => {
    window.said = [];
    new Worker('/worker.js', { type: 'module' }).onmessage = ({ data }) => said.push(data);
  });
  const said = (what) => until(`it says ${what}`, () => page.evaluate((wanted) => said.includes(wanted), what));
  await said('ready');
  wrong.send(0, '{"event":"news","data":"to the worker"}');
  await said('to the worker');
  wrong.terminate(0);
  await said('waiting');
  assert.deepEqual(complaints, []);
});

test('a page on plain http cannot encrypt, and says so', async (tools) => {
  const { url } = await startWrong(tools.after);
  const origin = await serve({ '/': clientPage(url, 'encryption: encryption()') }, tools.after);
  const { page } = await visit(tools, origin.replace('127.0.0.1', 'plain.test'));
  await until('it is closed', () => page.evaluate(() => window.errors.length > 0));
  const [{ kind, message }] = await page.evaluate(() => window.errors);
  assert.equal(kind, 'encryption');
  assert.match(message, /https:\/\/ and localhost alone/);
});

for (const version of [18, 19]) {
  test(`React ${version} in StrictMode: one join, no leave, no warnings`, async (tools) => {
    const { url, wrong, count, seen } = await startWrong(tools.after);
    const modules = here(version === 18 ? '../react18/node_modules' : '../node_modules');
    const script = await tools.bundle({
      entryPoints: [here('react_page.jsx')], jsx: 'automatic', jsxDev: true, define: { 'process.env.NODE_ENV': '"development"' },
      alias: { react: `${modules}/react`, 'react-dom': `${modules}/react-dom`, scheduler: `${modules}/scheduler` },
    });
    const origin = await serve({ '/': '<!doctype html><title>react</title><div id="root"></div><script type="module" src="/page.js"></script>', '/page.js': script }, tools.after);
    const { page, complaints } = await visit(tools, origin);
    await page.evaluate((to) => window.mount(to), url);
    const text = () => page.evaluate(() => [...document.querySelectorAll('h1, p')].map((node) => node.textContent));
    const shows = (wanted) => until(`the page shows ${wanted}`, async () => JSON.stringify(await text()) === JSON.stringify(wanted));
    await shows(['ready now undefined', 'tea in null [] seen 0 x1', 'tea in null [] seen 0 x1']);
    assert.equal(count('join'), 1);
    assert.equal(count('leave'), 0);
    wrong.send(0, '{"event":"news","data":7,"room":"tea"}');
    wrong.send(0, '{"event":"news","data":1,"room":"coffee"}');
    await shows(['ready now undefined', 'tea in null [7] seen 1 x1', 'tea in null [7] seen 1 x1']);
    // The handlers of the last rendering hear what comes.
    wrong.send(0, '{"event":"twice"}');
    await shows(['ready now undefined', 'tea in null [7] seen 1 x2', 'tea in null [7] seen 1 x2']);
    wrong.send(0, '{"event":"news","data":7,"room":"tea"}');
    await shows(['ready now undefined', 'tea in null [7,14] seen 2 x2', 'tea in null [7,14] seen 2 x2']);
    await page.evaluate(() => window.setRooms(['tea']));
    await shows(['ready now undefined', 'tea in null [7,14] seen 2 x2']);
    assert.equal(count('leave'), 0);
    wrong.terminate(0);
    await shows(['waiting later lost', 'tea rejoining null [7,14] seen 2 x2']);
    await page.evaluate(() => window.client.reconnect());
    await shows(['ready now undefined', 'tea in null [7,14] seen 2 x2']);
    await page.evaluate(() => window.setRooms(['coffee']));
    await until('tea is left', () => count('leave') === 1);
    assert.deepEqual(seen.findLast(({ event }) => event === 'leave').data.rooms, ['tea']);
    await shows(['ready now undefined', 'coffee in null [7,14] seen 2 x2']);
    // A component that comes later sees what is, and not what was when the last one looked.
    await page.evaluate(() => window.setState(false));
    wrong.terminate(0);
    await shows(['coffee rejoining null [7,14] seen 2 x2']);
    await page.evaluate(() => window.client.reconnect());
    await shows(['coffee in null [7,14] seen 2 x2']);
    await page.evaluate(() => window.setState(true));
    await shows(['ready now undefined', 'coffee in null [7,14] seen 2 x2']);
    await page.evaluate(() => window.root.unmount());
    await until('coffee is left', () => count('leave') === 2);
    assert.deepEqual(seen.filter(({ event }) => event === 'leave').map(({ data }) => data.rooms), [['tea'], ['coffee']]);
    assert.deepEqual(complaints, []);
  });
}

/** The real command, and the files of the project as any server of files gives them. */
async function project(tools) {
  const hearth = await Hearth.start();
  tools.after(() => hearth.end());
  const origin = await serveProject(tools.after);
  return { hearth, origin, query: `?server=${encodeURIComponent(`ws://127.0.0.1:${hearth.port}/ws`)}` };
}

test('examples/chat-web: names, rooms, typing, the server killed in the middle, dark mode', async (tools) => {
  const { hearth, origin, query } = await project(tools);
  const enter = async (name, options) => {
    const visited = await visit(tools, origin, `/examples/chat-web/${query}`, options);
    await visited.page.getByLabel('Your name').fill(name);
    await visited.page.getByRole('button', { name: 'Come in' }).click();
    await until(`${name} is connected`, async () => (await visited.page.locator('#connection').textContent()) === '');
    return visited;
  };
  const [ann, ben] = [await enter('ann'), await enter('ben', { colorScheme: 'dark' })];
  const say = async ({ page }, text) => {
    await page.getByLabel(/^Message to/).fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };
  const log = ({ page }) => page.getByRole('log');
  // It is told to who is in already, every now and then, and believed for a while.
  await until('ben sees that ann is typing', async () => {
    await ann.page.getByLabel(/^Message to/).pressSequentially('h');
    return ben.page.getByText('ann is typing…').isVisible();
  });
  await say(ann, '<b>hello</b> & 🔥');
  await log(ben).getByText('<b>hello</b> & 🔥').waitFor();
  await ben.page.getByText('ann is typing…').waitFor({ state: 'detached' }).catch(() => {});
  assert.equal(await ben.page.locator('#messages b').count(), 0);

  for (const { page } of [ann, ben]) {
    await page.getByLabel('Another room').fill('kitchen');
    await page.getByRole('button', { name: 'Join' }).click();
  }
  await say(ben, 'in the kitchen');
  await log(ann).getByText('in the kitchen').waitFor();
  await ann.page.getByRole('button', { name: 'lobby' }).click();
  await say(ben, 'unread');
  await ann.page.getByRole('button', { name: 'kitchen (1)' }).click();
  await log(ann).getByText('unread').waitFor();

  await hearth.stop('SIGKILL');
  for (const { page } of [ann, ben]) await page.getByText(/The connection is gone|Connecting/).waitFor();
  await say(ann, 'said while it was away');
  await log(ann).locator('.pending').getByText('said while it was away').waitFor();
  await hearth.begin();
  for (const who of [ann, ben]) await log(who).getByText('You are back.').waitFor();
  await log(ann).locator('li:not(.pending)').getByText('said while it was away').waitFor();
  await say(ben, 'welcome back');
  await log(ann).getByText('welcome back').waitFor();

  const background = ({ page }) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.notEqual(await background(ann), await background(ben));
  await ann.page.reload();
  await ann.page.getByRole('button', { name: 'kitchen' }).waitFor();
  for (const { page, complaints } of [ann, ben]) {
    assert.deepEqual(complaints.filter((line) => !/WebSocket connection to .* failed/.test(line)), []);
    await page.setViewportSize({ width: 360, height: 640 });
    assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('*')].filter((node) => node.getBoundingClientRect().right > 360)
      .map((node) => `${node.tagName} ${node.id}`)), []);
  }
});

test('examples/shared-worker: two tabs, one connection', async (tools) => {
  const { url, seen } = await startWrong(tools.after, { echoes: true });
  const origin = await serveProject(tools.after);
  const address = `${origin}/examples/shared-worker/?server=${encodeURIComponent(url)}`;
  const context = await tools.browser.newContext();
  tools.after(() => context.close());
  const tabs = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) await tab.goto(address);
  for (const tab of tabs) await until('it knows the state', async () => (await tab.locator('#state').textContent()) === 'ready');
  await tabs[0].getByLabel('Say to all tabs').fill('to all');
  await tabs[0].getByRole('button', { name: 'Send' }).click();
  for (const tab of tabs) await tab.getByText('to all', { exact: true }).waitFor();
  assert.equal(seen.filter(({ type }) => type === 'open').length, 1);
  await tabs[0].close();
  await tabs[1].getByLabel('Say to all tabs').fill('alone');
  await tabs[1].getByRole('button', { name: 'Send' }).click();
  await tabs[1].getByText('alone').waitFor();
});
