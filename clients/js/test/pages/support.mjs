/** A server of pages of the tests' own, and one of WebSockets that is told what to do. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { until } from '../runner.mjs';
import { WrongServer } from '../stage/wrong_server.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kTypes = { html: 'text/html', js: 'text/javascript', mjs: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

/** Serves {path: text} and, below /hearth/, the built client; `answers` has functions of URLs by paths. Returns its origin. */
export function serve(files, after, answers = {}) {
  return serveBy((path, url) => (path.startsWith('/hearth/') ? read(`../../dist/${path.slice(8)}`)
    : answers[path]?.(url) ?? files[path]), after);
}

/** Serves the files of the project, as `python3 -m http.server` would. */
export function serveProject(after) {
  return serveBy((path) => read(`../../../..${path.endsWith('/') ? `${path}index.html` : path}`), after);
}

function read(path) {
  try {
    return readFileSync(here(path));
  } catch {
    return undefined;
  }
}

async function serveBy(find, after) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://x');
    const path = url.pathname;
    if (path === '/favicon.ico') return response.writeHead(204).end();
    const text = find(path, url);
    const type = kTypes[path.split('.').at(-1)] ?? 'text/html';
    return response.writeHead(text === undefined ? 404 : 200, { 'Content-Type': `${type}; charset=utf-8` }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A wrong server with notes of what came: {type, connection, text, event, data, code}. */
export async function startWrong(after, script) {
  const seen = [];
  const wrong = await WrongServer.start(script, (told) => {
    const envelope = told.text ? JSON.parse(told.text) : {};
    seen.push({ ...envelope, ...told });
  });
  after(() => wrong.away());
  const count = (event) => seen.filter((one) => one.event === event).length;
  return { wrong, seen, count, url: `ws://127.0.0.1:${wrong.port}/ws` };
}

// A page on its way to another has none.
export const state = (page) => page.evaluate(() => window.client?.state).catch(() => undefined);
export const inState = (page, wanted) => until(`the page's client is ${wanted}`, async () => (await state(page)) === wanted);

export async function freezeAndThaw(page, meanwhile = () => {}) {
  const session = await page.createCDPSession();
  const life = () => page.evaluate(() => window.life.join());
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await until('it is frozen', async () => (await life()) === 'freeze');
  await meanwhile();
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await until('it is thawed', async () => (await life()) === 'freeze,resume');
}

/** For a page that is to be frozen and thawed: what has happened to it. */
export const kLifeNotes = `window.life = [];
  for (const type of ['freeze', 'resume']) document.addEventListener(type, () => window.life.push(type));
`;

/** A page with a client on it, `window.client`; and `window.states`, `window.heard`. */
export const clientPage = (url, options = '') => `<!doctype html><title>client</title><script type="module">
  import { HearthClient } from '/hearth/index.js';
  import { encryption } from '/hearth/encryption.js';
  window.states = [];
  window.heard = [];
  window.errors = [];
  ${kLifeNotes}
  addEventListener('pageshow', ({ persisted }) => { window.shownAgain ||= persisted; });
  window.client = new HearthClient('${url}', { ${options} });
  client.connection.on('state', (state) => states.push(state));
  client.connection.on('closed', ({ kind, message }) => errors.push({ kind, message }));
  client.on('*', (data) => heard.push(data));
  client.connect();
  client.room('tea').join();
</script>`;
