/** Clients with other implementations of the scheme against the real command. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, kImplementations, kTestTimeout, Server } from './crypto_support.mjs';
import { startServed } from './served.mjs';

const kServers = {
  'hearth serve --dev': (mode) => Server.start('--encryption', mode),
  'hearth serve with a configuration': (mode) => startServed({ HEARTH_ENCRYPTION_MODE: mode }),
};

for (const [how, start] of Object.entries(kServers)) {
  describe(`${how}, encryption required`, { timeout: kTestTimeout }, () => {
    let server;
    before(async () => {
      server = await start('required');
    });
    after(() => server.stop());

    for (const [name, Session] of Object.entries(kImplementations)) {
      test(`${name}: nothing plain after connected, both directions encrypted`, async () => {
        const ada = await Client.connect(server.url, await Session.generate(), 'ada');
        const bob = await Client.connect(server.url, await Session.generate(), 'bob');
        for (const client of [ada, bob]) {
          await client.send({ event: 'join', data: { rooms: [name] }, id: 'j' });
          assert.deepEqual(await client.next(), { event: 'ack', data: { rooms: [name] }, id: 'j' });
        }
        for (let i = 0; i < 20; i += 1) {
          await ada.send({ event: 'publish', data: { room: name, event: 'm', data: { text: `grüß ${i}` }, echo: false } });
        }
        for (let i = 0; i < 20; i += 1) {
          const { event, data, from } = await bob.next();
          assert.deepEqual({ event, data, user: from.userId }, { event: 'm', data: { text: `grüß ${i}` }, user: 'ada' });
        }
        assert.ok(bob.wire.slice(1).every((text) => text.startsWith('{"event":"encrypted","data":{"iv":"')));
        assert.ok(bob.wire.every((text) => !text.includes('grüß')));
        for (const client of [ada, bob]) client.socket.close();
        await Promise.all([ada.closed, bob.closed]);
      });

      // Ignis' clients encrypt the events of the application, and say what rooms they want to be in in clear.
      test(`${name}: joins in clear are taken, other events are not`, async () => {
        const client = await Client.connect(server.url, await Session.generate(), 'ada');
        client.sendPlain({ event: 'join', data: { rooms: [name] }, id: 'j' });
        assert.equal((await client.next()).event, 'ack');
        client.sendPlain({ event: 'publish', data: { room: name, event: 'm' }, id: 'p' });
        assert.equal((await client.next()).data.message, 'Encryption required');
        client.socket.close();
        await client.closed;
      });
    }

    test('who gives no key is closed with 4004', async () => {
      await assert.rejects(Client.connect(server.url, null, 'ada'), /Encryption handshake failed/);
    });
  });

  describe(`${how}, encryption optional`, { timeout: kTestTimeout }, () => {
    let server;
    before(async () => {
      server = await start('optional');
    });
    after(() => server.stop());

    test('plain and encrypted clients of every kind share a room', async () => {
      const clients = [await Client.connect(server.url, null, 'plain')];
      for (const [name, Session] of Object.entries(kImplementations)) {
        clients.push(await Client.connect(server.url, await Session.generate(), name));
      }
      const [plain, ...encrypted] = clients;
      for (const client of clients) client.sendPlain({ event: 'join', data: { rooms: ['r'] }, id: 'j' });
      assert.equal((await plain.nextRaw()).event, 'ack');
      for (const client of encrypted) assert.equal((await client.next()).event, 'ack');
      for (let i = 0; i < 10; i += 1) plain.sendPlain({ event: 'publish', data: { room: 'r', event: 'm', data: i } });
      for (let i = 0; i < 10; i += 1) {
        assert.equal((await plain.nextRaw()).data, i);
        for (const client of encrypted) assert.equal((await client.next()).data, i);
      }
      for (const client of clients) client.socket.close();
      await Promise.all(clients.map((client) => client.closed));
    });
  });
}
