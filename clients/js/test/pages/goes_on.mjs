/** A page made of the README's first lines, with the token of its second snippet, and all that may happen to it. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { HearthClient } from '../../dist/index.js';
import { until } from '../runner.mjs';
import { Hearth } from '../stage/programs.mjs';
import { freezeAndThaw, inState, kLifeNotes, serve } from './support.mjs';

const kSecret = '0123456789abcdef0123456789abcdef';
const kConfig = `
  [[auth.jwt]]
  secret = "${kSecret}"
  algorithms = ["HS256"]
  [auth]
  expiry_grace = "0s"
  [server]
  drain_delay = "0s"
  drain_time = "200ms"
  [[rooms]]
  pattern = "secret"
  [[rooms]]
  pattern = "**"
  join = "users"
  publish = "members"`;
const kShort = 4;
const kLong = 3600;

function token(user, seconds) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, exp: Math.floor(Date.now() / 1000) + seconds })}`;
  return `${text}.${createHmac('sha256', kSecret).update(text).digest('base64url')}`;
}

/** The page, with the address given and the token asked for where the README has a name. */
function pageOf(readme, address) {
  const [start, , withToken] = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);
  const auth = /\{\n  auth: .*^\}/ms.exec(withToken)[0];
  const script = start.replace('@hearth/client', '/hearth/index.js').replace('wss://example.org/ws', address)
    .replace("{ auth: { userId: 'ann' } }", auth).replace('const tea =', 'window.client = client;\nconst tea =');
  assert.ok(script.includes(address) && script.includes('/token?reason=') && script.includes('window.client'));
  // Its pauses are drawn from short ones.
  return `<!doctype html><title>tea</title><script>Math.random = () => 0.02</script><script type="module">${kLifeNotes}${script}</script>`;
}

/** The page in this browser, with a server and somebody else in its room. */
async function begin(tools) {
  const hearth = await Hearth.start({ config: kConfig });
  tools.after(() => hearth.end());
  const asked = [];
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const address = `ws://127.0.0.1:${hearth.port}/ws`;
  // A token is short until one has ended.
  const origin = await serve({ '/': pageOf(readme, address) }, tools.after, {
    '/token': (url) => {
      asked.push(url.searchParams.get('reason'));
      return token('ann', asked.includes('expired') ? kLong : kShort);
    },
  });
  const heard = [];
  const page = await tools.browser.newPage();
  tools.after(() => page.close());
  page.on('console', (line) => heard.push(line.text()));
  const other = new HearthClient(address, { WebSocket, auth: () => ({ token: token('ben', kLong) }), backoff: { min: 20, max: 100 } });
  tools.after(() => other.close());
  await other.connect();
  const room = other.room('tea');
  await room.join();
  /** Both ways; what is said while one of them is away is lost in a room that remembers nothing. */
  const talks = async (after) => {
    await until(`the page hears ben after ${after}`, async () => {
      await room.publish('news', { text: after }).catch(() => {});
      return heard.includes(`ben: ${after}`);
    });
    const answered = new Promise((resolve) => {
      room.on('news', ({ text }, { from }) => from.userId === 'ann' && text === `ann after ${after}` && resolve());
    });
    await page.evaluate((text) => window.client.room('tea').publish('news', { text }), `ann after ${after}`);
    await answered;
  };
  /** Another tab comes in front of it. */
  const hide = async () => {
    const front = await tools.browser.newPage();
    tools.after(() => front.close());
    await front.bringToFront();
    await until('it is hidden', () => page.evaluate(() => document.visibilityState === 'hidden'));
  };

  await page.goto(origin);
  await until('the page said what the README says', () => heard.includes('ann: the kettle is on'));
  await talks('its start');
  return { hearth, page, asked, talks, hide };
}

/** What the page has to do again after each of these. */
export async function goesOn(tools) {
  const { hearth, page, asked, talks, hide } = await begin(tools);
  await until('a token has ended, and another was asked for', () => asked.includes('expired'));
  await talks('a token that ended');
  await hearth.stop('SIGKILL');
  await inState(page, 'waiting');
  await hearth.begin();
  await talks('a restart');
  await hearth.stop('SIGTERM');
  await hearth.begin();
  await talks('a drain');
  await page.setOfflineMode(true);
  await inState(page, 'waiting');
  await page.setOfflineMode(false);
  await talks('a while without network');
  await hide();
  await talks('another tab came in front');
  await freezeAndThaw(page, async () => {
    await hearth.stop('SIGKILL');
    await hearth.begin();
  });
  await talks('a sleep');
  await page.bringToFront();
  const refusal = await page.evaluate(() => window.client.room('secret').join().catch(({ kind, rooms }) => ({ kind, rooms })));
  assert.deepEqual(refusal, { kind: 'refused', rooms: ['secret'] });
  await talks('a room that was refused');
  assert.equal(await page.evaluate(() => window.client.room('secret').state), 'refused');
}

/** Timers of a page that was hidden for long come once a minute: it hears all the same, and is back at once when it is shown. */
export async function goesOnThrottled(tools) {
  const { hearth, page, asked, talks, hide } = await begin(tools);
  await until('its token is a long one', () => asked.includes('expired'));
  await page.evaluate(() => {
    const tick = () => {
      window.ticked = performance.now();
      setTimeout(tick, 100);
    };
    tick();
  });
  await hide();
  const isThrottled = () => page.evaluate(() => performance.now() - window.ticked > 5000);
  await until('its timers do not come any more', isThrottled, 120_000);
  await talks('its timers had stopped');
  await hearth.stop('SIGKILL');
  await inState(page, 'waiting');
  await hearth.begin();
  await page.bringToFront();
  await talks('it was shown');
}
