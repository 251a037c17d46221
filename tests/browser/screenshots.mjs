/** node screenshots.mjs <folder> <seconds>: pictures of the playground, and of the dashboard with clients that have talked so long. */
import { join } from 'node:path';
import { ask, go, startServer, until } from './dashboard_page.mjs';
import { enter, line, publish } from './playground_page.mjs';
import { launchBrowser, Server } from './support.mjs';
import { Client } from './ws_client.mjs';

const kFirst = ['ann', 'ben', 'cleo', 'dana', 'emil', 'fay', 'gus', 'hana', 'ida', 'jon', 'kim', 'lea', 'max', 'nora', 'otto'];
const kRooms = ['news:today', 'news:sport', 'chat:lobby', 'chat:support', 'orders:open', 'prices:eur', 'prices:usd',
  'game:42', 'game:77', 'team:red', 'team:blue', 'map:berlin'];
const kRules = `
[[rooms]]
name = "orders"
pattern = "orders:*"
join = "anyone"
publish = "members"
history_size = 1000
history_ttl = "1h"
presence = "members"

[[rooms]]
pattern = "news:*"
join = "anyone"
publish = "members"
history_size = 100
history_ttl = "12h"
slow_consumer = "latest"

[[rooms]]
pattern = "**"
join = "anyone"
publish = "members"
`;
const kClients = 90;
const kSizes = { 1280: 860, 360: 740 };

const [folder, seconds] = [process.argv[2], Number(process.argv[3])];

/** Sits in rooms, the first of them more often than the others. */
function roomsOf(i) {
  return kRooms.filter((_, room) => (i * 7 + room * 3) % (room + 2) === 0);
}

/** Publishes in waves, so that the charts have something to show, until it is told to stop. */
function talk(clients) {
  let beat = 0;
  const timer = setInterval(() => {
    beat += 1;
    const wave = 3 + 2 * Math.sin(beat / 90) + (beat % 300 < 25 ? 4 : 0);
    for (let i = 0; i < wave; i += 1) {
      const client = clients[(beat * 13 + i * 29) % clients.length];
      const room = client.rooms[(beat + i) % client.rooms.length];
      client.send({ event: 'publish', data: { room, event: 'update', data: { number: beat, text: 'Hello' } } });
    }
  }, 100);
  return () => clearInterval(timer);
}

/** Has a client read nothing any more, and the server wait for it. */
async function slowDown(server, client) {
  client.socket.pause();
  await until(async () => {
    await ask(server, '/api/publish', { client: client.self.id, event: 'bulk', data: 'x'.repeat(50_000) });
    return (await ask(server, `/api/clients/${client.self.id}`)).backlogBytes > 400_000;
  });
}

async function picture(browser, server, { name, place, heading }, colorScheme, width) {
  const context = await browser.newContext({ viewport: { width, height: kSizes[width] }, colorScheme });
  const page = await context.newPage();
  await go(page, server, place, heading);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole(name === 'client' ? 'link' : 'row', { name: /:/ }).first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  await page.screenshot({ path: join(folder, `dashboard-${name}-${colorScheme}-${width}.png`) });
  await context.close();
}

/** Two people talk in a room that tells who is in it. */
async function picturePlayground(browser) {
  const server = await Server.start({ port: 8080, flags: ['--presence', 'members'] });
  try {
    const [ann, ben] = await Promise.all(['amber-otter', 'quiet-robin'].map(async (name) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
      const page = await context.newPage();
      await page.goto(server.origin);
      await enter(page, name, 'lobby');
      return page;
    }));
    await ann.getByRole('list', { name: 'Who is in lobby' }).getByText('quiet-robin').waitFor();
    for (let i = 0; i < 30; i += 1) await publish(ann, { room: 'lobby', event: 'warm-up', data: `${i}` });
    await publish(ann, { room: 'lobby', event: 'warm', data: '' });
    await line(ben, 'received', 'warm').waitFor();
    await ann.getByRole('button', { name: 'Clear', exact: true }).click();
    await publish(ann, { room: 'lobby', data: '{"text":"Is the kettle on?"}' });
    await line(ben, 'received', 'message', 'amber-otter').waitFor();
    await publish(ben, { room: 'lobby', data: '{"text":"It just started to sing."}' });
    await line(ann, 'received', 'message', 'quiet-robin').click();
    await ann.getByLabel('Data').fill('{"text":"Coming."}');
    await ann.getByRole('button', { name: 'Hide the first steps' }).click();
    await ann.screenshot({ path: join(folder, 'playground.png') });
  } finally {
    await server.stop();
  }
}

const browser = await launchBrowser();
const server = await startServer({ more: kRules });
const clients = [];
try {
  await picturePlayground(browser);
  for (let i = 0; i < kClients; i += 1) {
    const rooms = roomsOf(i);
    const client = await Client.authenticated(server.socketUrl, kFirst[i % kFirst.length] + (i < kFirst.length ? '' : `-${i}`), rooms);
    clients.push(Object.assign(client, { rooms }));
  }
  const stop = talk(clients);
  const slow = clients.reduce((most, client) => (client.rooms.length > most.rooms.length ? client : most));
  await until(async () => (await ask(server, '/api/samples')).samples.length >= Math.min(seconds, 300));
  await slowDown(server, slow); // last, since who reads nothing is cut off in the end
  const { id } = slow.self;
  const pages = [{ name: 'client', place: `clients/${id}`, heading: `Client ${id}` },
    { name: 'overview', place: '', heading: 'Overview' },
    { name: 'rooms', place: 'rooms?by=messages', heading: 'Rooms' },
    { name: 'room', place: 'rooms/orders%3Aopen', heading: 'Room orders:open', widths: [1280] }];
  for (const page of pages) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of page.widths ?? [1280, 360]) await picture(browser, server, page, colorScheme, width);
    }
  }
  stop();
} finally {
  await browser.close();
  for (const client of clients) client.socket.terminate();
  await server.stop();
}
