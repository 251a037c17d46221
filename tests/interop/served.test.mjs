/** What a client of Ignis sees of `hearth serve` in development mode and with a configuration: the same bytes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from './crypto_support.mjs';
import { startServed } from './served.mjs';
import { Client, kTestTimeout } from './support.mjs';

const servers = [];

before(async () => {
  servers.push(await Server.start());
  servers.push(await startServed({ HEARTH_SERVER_NAME_ROOMS: 'true' }));
}, { timeout: kTestTimeout });

after(() => Promise.all(servers.map((server) => server.stop())));

const normalised = (text) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
  .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');

/** A client that may wait until all that it has sent is handled, and what it has seen by then. */
class Plain {
  static async enter({ url }, number = 1) {
    const client = new Plain();
    client.end = `end ${number}`;
    client.wire = await Client.connect(url);
    client.send('authenticate', { userId: 'u' });
    client.id = JSON.parse(await client.wire.next()).data.id;
    return client;
  }

  send(event, data) {
    this.wire.send({ event, data });
  }

  publish(room, event, more = {}) {
    this.send('publish', { room, event, data: { n: 1, text: 'h\u00e9' }, ...more });
  }

  async until(event) {
    while (!(await this.wire.next()).includes(`"event":"${event}"`));
  }

  async settle() {
    this.send('join', { rooms: [this.end] });
    this.publish(this.end, 'end');
    await this.until('end');
  }

  async seen() {
    await this.settle();
    this.wire.socket.terminate();
    return this.wire.all.map(normalised);
  }
}

function sameBytes(name, script) {
  test(name, { timeout: kTestTimeout }, async () => {
    const [dev, configured] = await Promise.all(servers.map((server) => script(server)));
    assert.deepEqual(configured, dev);
    assert.ok(dev.length > 0);
  });
}

sameBytes('of what it sends before it is anybody', async ({ url }) => {
  const client = await Client.connect(url);
  for (const event of ['join', 'leave', 'publish', 'own', 'heartbeat']) client.send({ event, data: { rooms: ['a'] } });
  client.send('{');
  client.send({ event: 'authenticate', data: { userId: 'u' } });
  while (!(await client.next()).includes('"connected"'));
  client.socket.terminate();
  return client.all.map(normalised);
});

sameBytes('of rooms that it joins and leaves, and of what is published there', async (server) => {
  const client = await Plain.enter(server);
  const other = await Plain.enter(server, 2);
  client.send('join', { rooms: ['a', 'b', '', 7, 'ws:c', 'x'.repeat(257)] });
  other.send('join', { rooms: ['a'] });
  await client.settle();
  await other.settle();
  client.publish('a', 'both');
  client.publish('b', 'own', { echo: false });
  client.publish('b', 'own');
  client.publish('nowhere', 'nobody');
  client.publish('ws-default', 'everybody');
  client.publish('a', 'connected');
  client.send('leave', { rooms: ['a', 'never'] });
  client.publish('a', 'nobody');
  await client.settle();
  await other.until('both');
  other.publish('a', 'other');
  return [await client.seen(), await other.seen()];
});

sameBytes('of what makes no sense', async (server) => {
  const client = await Plain.enter(server);
  for (const text of ['', '[]', 'null', '{"event":7}', '{"event":"own","data":1}', '{"event":"join"}']) {
    client.wire.send(text);
  }
  client.send('publish');
  client.send('authenticate', { userId: 'v' });
  client.send('heartbeat');
  client.send('error', 1);
  return client.seen();
});

sameBytes('of its end', async ({ url }) => {
  const ends = [];
  for (const text of [Buffer.from([0xff]), Buffer.alloc(128 * 1024 + 1, 'x')]) {
    const client = await Client.connect(url);
    client.socket.send(text, { binary: false });
    ends.push(...client.all, await client.closed);
  }
  return ends;
});
