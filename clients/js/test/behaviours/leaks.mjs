/** What a client leaves behind: nothing. */
import assert from 'node:assert/strict';
import { test } from '../runner.mjs';
import { FakeClock } from '../clock.mjs';
import { until } from './support.mjs';

// Node's own WebSocket, and that of `ws`.
const kOnNode = { only: ({ kind }) => ['node20-ws', 'node22'].includes(kind), patience: 240_000 };
test('2,000 times connected and closed, nothing has grown', kOnNode, async (s) => {
  const wrong = await s.link.start('wrong', {}, s.after);
  const clock = new FakeClock();
  const listeners = new Map();
  globalThis.addEventListener = (type, _, { signal }) => {
    listeners.set(type, (listeners.get(type) ?? 0) + 1);
    signal.addEventListener('abort', () => listeners.set(type, listeners.get(type) - 1));
  };
  s.after(() => {
    delete globalThis.addEventListener;
  });
  const clients = Array.from({ length: 20 }, () => new s.HearthClient(wrong.url, { WebSocket: s.WebSocket, clock }));
  const cycles = async (count) => {
    for (let n = 0; n < count; n += clients.length) {
      await Promise.all(clients.map(async (client, at) => {
        await client.connect();
        if (at % 10 === 0) await client.room('tea').join();
        client.close();
      }));
    }
    await wrong.noted();
    wrong.seen.length = 0;
    await until('all sockets are gone', async () => {
      await wrong.noted();
      globalThis.gc();
      return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length <= 2;
    });
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  };
  await cycles(500);
  const before = await cycles(500);
  const after = await cycles(1000);
  assert.ok(after - before < 1_000_000, `${after - before} bytes more after 1,000 cycles`);
  assert.equal(clock.running, 0);
  assert.ok([...listeners.values()].every((count) => count === 0));
});
