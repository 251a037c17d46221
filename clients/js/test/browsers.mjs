/** The behaviours in a page of Chromium or Firefox, and what only pages can show. */
import { fileURLToPath } from 'node:url';
import { build } from '../node_modules/esbuild/lib/main.js';
import { kChromiumTests } from './pages/tests.mjs';
import { until } from './runner.mjs';
import { Stage } from './stage/stage.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kChromium = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';
const kFirefox = process.env.TEST_FIREFOX ?? '/usr/bin/firefox-esr';
const kChromiumFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP plain.test 127.0.0.1'];

/** A browser may take its time to start where many start at once, ms. */
const kStart = { timeout: 120_000 };

export async function bundle(options) {
  const { outputFiles } = await build({
    bundle: true, format: 'esm', target: 'es2022', write: false, logLevel: 'error', external: ['ws'],
    alias: { 'node:assert/strict': here('assert.mjs') }, ...options,
  });
  return outputFiles[0].text;
}

async function launchChromium() {
  const { chromium } = await import('playwright-core');
  // Playwright turns the back/forward cache off.
  return chromium.launch({ ...kStart, executablePath: kChromium, args: kChromiumFlags, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}

/** What Chromium does to the timers of pages that have been hidden for five minutes, after a second. */
const kThrottling = ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1',
  '--intensive-wake-up-throttling-policy=force-enable'];

/** Pages behind others are hidden here, and may be frozen; with Playwright all are always in front. */
async function launchHidingChromium(flags = []) {
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    ...kStart, executablePath: kChromium, headless: true, args: [...kChromiumFlags.filter((flag) => flag !== '--headless'), ...flags],
    ignoreDefaultArgs: ['--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding', '--disable-background-timer-throttling'],
  });
}

async function launchFirefox() {
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    ...kStart, browser: 'firefox', executablePath: kFirefox, headless: true,
    extraPrefsFirefox: { 'network.websocket.delay-failed-reconnects': false, 'network.websocket.max-connections': 2000 },
  });
}

export async function runInBrowser(where, filter, tally) {
  const script = await bundle({ entryPoints: [here('worker.mjs')] });
  const pages = new Map([['/worker.js', ['text/javascript', script]]]);
  const stage = await Stage.start((result) => tally.add(result), (request, response) => {
    const [type, body] = pages.get(request.url) ?? ['text/html', ''];
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(body);
  });
  const parts = Array.from({ length: tally.parts }, (_, part) => `/${part}`);
  for (const [part, path] of parts.entries()) {
    const start = JSON.stringify([stage.url, where, filter, part, parts.length]);
    pages.set(path, ['text/html', `<!doctype html><title>behaviours</title><script>kArguments = ${start}</script><script type="module" src="/worker.js"></script>`]);
  }
  const browser = await (where === 'chromium' ? launchChromium() : launchFirefox());
  try {
    for (const path of parts) {
      const page = await browser.newPage();
      // Firefox counts connections that fail among a page's errors.
      page.on('pageerror', (error) => /establish a connection|was interrupted/.test(error) || console.log(`${where}: ${error}`));
      await page.goto(`http://127.0.0.1:${stage.port}${path}`);
    }
    await Promise.all([
      until('the pages are through', () => tally.done, 280_000),
      where === 'chromium' && inPages(browser, filter, tally),
    ]);
  } finally {
    await browser.close();
    await stage.stop();
  }
}

/** What is done to pages from outside: in three browsers at once, in each one test after the other. */
async function inPages(browser, filter, tally) {
  const launch = {
    visible: () => browser,
    hiding: () => launchHidingChromium(),
    throttling: () => launchHidingChromium(kThrottling),
  };
  await Promise.all(Object.entries(launch).map(async ([kind, open]) => {
    const tests = kChromiumTests.filter((test) => test.kind === kind && new RegExp(filter).test(test.name));
    if (tests.length === 0) return;
    const own = await open();
    for (const { name, run } of tests) await inPage(name, run, own, tally);
    if (own !== browser) await own.close();
  }));
}

async function inPage(name, run, browser, tally) {
  const began = Date.now();
  const cleanups = [];
  let error;
  try {
    await run({ browser, bundle, after: (cleanup) => cleanups.unshift(cleanup) });
  } catch (failure) {
    error = failure.stack;
  }
  for (const cleanup of cleanups) await cleanup();
  tally.add({ name, error, ms: Date.now() - began });
}
