/** What becomes of a client that goes past a limit which counts for it alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, Hearth, kTestTimeout } from './support.mjs';

const configuration = (limit) => `
[auth]
anonymous = true
[limits]
${limit}
[[rooms]]
pattern = "**"
join = "anyone"
`;

describe('a client', { timeout: kTestTimeout, concurrency: true }, () => {
  test('is in as many rooms as it may be, and no more', async () => {
    const hearth = await Hearth.start(configuration('rooms_per_client = 2'));
    const client = await Client.enter(hearth);
    const { event, data } = await client.ask('join', { rooms: ['a', 'b', 'c'] });
    assert.deepEqual([event, data.code, data.message, data.rooms], ['error', 204, 'Too many rooms', ['c']]);
    assert.equal((await client.ask('leave', { rooms: ['a'] })).event, 'ack');
    assert.equal((await client.ask('join', { rooms: ['c'] })).event, 'ack');
    await client.leave();
    await hearth.stop();
  });

  test('whose message is too long is closed', async () => {
    const hearth = await Hearth.start(configuration('message_size = "1KiB"'));
    const client = await Client.enter(hearth);
    client.send('said', 'x'.repeat(900));
    assert.equal((await client.ask('heartbeat', {})).event, 'ack');
    client.send('said', 'x'.repeat(1100));
    assert.equal((await client.closed).code, 1009);
    await hearth.stop();
  });

  test('that does not stop sending faster than it may is closed', async () => {
    const hearth = await Hearth.start(configuration('messages = "4/s burst 3"'));
    const client = await Client.enter(hearth);
    for (let n = 0; n < 100; ++n) client.send('said', n);
    assert.deepEqual(await client.closed, { code: 4008, reason: 'Rate limit exceeded' });
    assert.ok(await hearth.metric('hearth_limit_hits_total{limit="messages"}') > 0);
    await hearth.stop();
  });
});
