/**
 * Socket.IO with connection state recovery and its adapter for Redis streams, as its documentation has it: what
 * tests/history/storm/peers.mjs puts through the same faults as Hearth.
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import Redis from 'ioredis';
import { Server } from 'socket.io';

const { values } = parseArgs({ options: { redis: { type: 'string' } } });

const redis = new Redis(values.redis);
redis.on('error', () => {}); // it comes back
const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  adapter: createAdapter(redis),
  connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true },
});
io.on('connection', (socket) => {
  if (!socket.recovered) socket.join('r0');
  socket.on('ready', (acknowledge) => acknowledge());
  socket.on('publish', (data, acknowledge) => {
    io.to('r0').emit('news', data);
    acknowledge();
  });
});
http.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${http.address().port}`));
process.once('SIGTERM', () => {
  io.close();
  setTimeout(() => process.exit(0), 1000); // its connections to Redis keep it alive
});
