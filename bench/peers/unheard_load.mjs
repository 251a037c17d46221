/** Messages over Redis for a room that nobody is in here; one client is there to learn when the last has been handled. */
import { once } from 'node:events';
import Redis from 'ioredis';
import WebSocket from 'ws';
import { finish, makeData, readArguments, report, Usage } from './load.mjs';

const kBatch = 500;
const args = readArguments();
const redis = new Redis(args.redis);
const publication = (fields) => JSON.stringify({ serverId: 'emitter', ...fields });

const socket = new WebSocket(args.url);
await once(socket, 'open');
socket.send(JSON.stringify({ event: 'authenticate', data: { token: 'bench' } }));
await once(socket, 'message');

async function publishFor(seconds) {
  const end = performance.now() + seconds * 1000;
  const message = publication({ type: 'room', target: 'nobody', event: 'msg', data: makeData(1, args, 'nobody') });
  let sent = 0;
  while (performance.now() < end) {
    const pipeline = redis.pipeline();
    for (let i = 0; i < kBatch; i += 1) pipeline.publish('ws:room:nobody', message);
    await pipeline.exec();
    sent += kBatch;
  }
  const handled = once(socket, 'message');
  await redis.publish('ws:broadcast', publication({ type: 'broadcast', event: 'end', data: 1 }));
  await handled;
  return sent;
}

await publishFor(args.warmUp);
const usage = new Usage(args.pids);
const start = performance.now();
const messages = await publishFor(args.duration);
finish(report({ ...args, clients: 1 }, { usage, start, messages }));
