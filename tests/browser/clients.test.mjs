/** Clients written elsewhere against the real command: `ws` on Node and `websockets` on Python. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kTestTimeout, Server } from './support.mjs';
import { Client } from './ws_client.mjs';

const kPython = process.env.TEST_PYTHON ?? '/usr/bin/python3';
const kPythonClient = fileURLToPath(new URL('../clients/python_client.py', import.meta.url));

describe('clients written elsewhere', { timeout: kTestTimeout * 10 }, () => {
  let server;

  before(async () => {
    server = await Server.start({ flags: ['--deflate'] });
  });

  after(async () => {
    await server?.stop();
  });

  for (const perMessageDeflate of [false, true]) {
    const options = { perMessageDeflate };

    describe(`ws, ${perMessageDeflate ? 'offering' : 'without'} permessage-deflate`, () => {
      test('agrees on permessage-deflate if it was offered', { timeout: kTestTimeout }, async () => {
        const client = await Client.connect(server.socketUrl, options);
        assert.match(client.socket.extensions, perMessageDeflate ? /^permessage-deflate$/ : /^$/);
        await client.close(1000);
      });

      test('authenticates, joins, publishes and receives', { timeout: kTestTimeout }, async () => {
        const ann = await Client.authenticated(server.socketUrl, 'ann', ['ws-clients'], options);
        const ben = await Client.authenticated(server.socketUrl, 'ben', ['ws-clients'], options);
        assert.match(ann.self.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.match(ann.self.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        const data = { text: 'grüße 🔥', list: [1, null, true], big: 'x'.repeat(5000) };
        ann.send({ event: 'publish', data: { room: 'ws-clients', event: 'news', data, echo: false }, id: 'p' });
        const news = await ben.next('news');
        assert.deepEqual(news.data, data);
        assert.deepEqual(news.from, { id: ann.self.id, userId: 'ann' });
        assert.equal(news.isBinary, false);
        assert.deepEqual((await ann.next('ack')).data, { rooms: ['ws-clients'] });
        ben.send({ event: 'leave', data: { rooms: ['ws-clients'] }, id: 'bye' });
        assert.deepEqual((await ben.next('ack')).data, { rooms: ['ws-clients'] });
        await Promise.all([ann.close(1000), ben.close(1000)]);
      });

      test('keeps the order of a thousand messages', { timeout: kTestTimeout }, async () => {
        const ann = await Client.authenticated(server.socketUrl, 'ann', ['order'], options);
        for (let n = 0; n < 1000; n += 1) ann.send({ event: 'publish', data: { room: 'order', event: 'n', data: n } });
        for (let n = 0; n < 1000; n += 1) assert.equal((await ann.next('n')).data, n);
        await ann.close(1000);
      });

      test('gets its pings answered, also between fragments', { timeout: kTestTimeout }, async () => {
        const client = await Client.authenticated(server.socketUrl, 'ann', ['fragments'], options);
        const text = Buffer.from(JSON.stringify({
          event: 'publish', data: { room: 'fragments', event: 'whole', data: 'é'.repeat(50) }, id: 'f',
        }));
        // The cuts fall anywhere, so inside of characters too.
        const pong = once(client.socket, 'pong');
        for (let at = 0; at < text.length; at += 7) {
          const last = at + 7 >= text.length;
          client.socket.send(text.subarray(at, at + 7), { fin: last, binary: false, compress: perMessageDeflate });
          if (at === 0) client.socket.ping('between');
        }
        assert.equal(String((await pong)[0]), 'between');
        assert.equal((await client.next('whole')).data, 'é'.repeat(50));
        await client.next('ack');
        await client.close(1000);
      });

      test('may send binary messages', { timeout: kTestTimeout }, async () => {
        const client = await Client.authenticated(server.socketUrl, 'ann', ['binary'], options);
        const envelope = { event: 'publish', data: { room: 'binary', event: 'bytes', data: 'ok' } };
        client.socket.send(Buffer.from(JSON.stringify(envelope)), { binary: true });
        assert.equal((await client.next('bytes')).data, 'ok');
        await client.close(1000);
      });

      test('gets the close code it sent back', { timeout: kTestTimeout }, async () => {
        const client = await Client.authenticated(server.socketUrl, 'ann', ['closing'], options);
        assert.equal((await client.close(4321, 'enough')).code, 4321);
      });

      test('is told what is wrong and stays connected', { timeout: kTestTimeout }, async () => {
        const client = await Client.connect(server.socketUrl, options);
        client.socket.send('{"event":');
        assert.equal((await client.next('error')).data.message, 'Invalid message format');
        client.send({ event: 'join', data: { rooms: ['early'] }, id: 'too soon' });
        const refusal = await client.next('error');
        assert.equal(refusal.data.message, 'Not authenticated');
        assert.equal(refusal.id, 'too soon');
        client.send({ event: 'authenticate', data: { token: 'ann' } });
        assert.equal((await client.next('connected')).data.userId, 'ann');
        await client.close(1000);
      });
    });
  }

  for (const compression of ['none', 'deflate']) {
    test(`python websockets, compression ${compression}`, { timeout: kTestTimeout }, async () => {
      const python = spawn(kPython, [kPythonClient, server.socketUrl, '--compression', compression]);
      let output = '';
      for (const stream of [python.stdout, python.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output += text;
        });
      }
      const [code] = await once(python, 'close');
      assert.equal(code, 0, output);
      assert.match(output, /^all \d+ steps passed$/m);
    });
  }
});
