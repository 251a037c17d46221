/** The application of the interop tests on Ignis, for Bun. ../interop_app.cpp is the same on Hearth. */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as ignis from '@venizia/ignis-helpers';
import Redis from 'ioredis';

const { values } = parseArgs({
  options: {
    redis: { type: 'string' },
    sentinels: { type: 'string' },  // or these ports, with commas between
    master: { type: 'string' },
    'auth-timeout': { type: 'string', default: '5000' },
    'heartbeat-timeout': { type: 'string', default: '90000' },
    'require-encryption': { type: 'boolean', default: false },
    'no-handshake': { type: 'boolean', default: false },
  },
});

const sentinels = values.sentinels?.split(',').map((port) => ({ host: '127.0.0.1', port: Number(port) }));
const redisConnection = {
  getClient: () => (sentinels ? new Redis({ sentinels, name: values.master, lazyConnect: true })
    : new Redis(values.redis, { lazyConnect: true })),
};

const fetch = (request, server) => {
  if (new URL(request.url).pathname !== '/ws') return new Response('', { status: 404 });
  if (server.upgrade(request, { data: { clientId: crypto.randomUUID() } })) return undefined;
  return new Response('', { status: 426 });
};

/** The server's half of the agreement; nothing for who gives no key, or none that is good. What is sent stays plain. */
const ecdh = ignis.ECDH.withAlgorithm();
async function shakeHands({ data }) {
  try {
    const peerPublicKey = await ecdh.importPublicKey({ rawKeyB64: data.publicKey });
    const { keyPair, publicKeyB64 } = await ecdh.generateKeyPair();
    const { salt } = await ecdh.deriveAESKey({ privateKey: keyPair.privateKey, peerPublicKey });
    return { serverPublicKey: publicKeyB64, salt };
  } catch {
    return null;
  }
}

const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch, websocket: { message() {} } });
const helper = new ignis.WebSocketServerHelper({
  identifier: 'interop',
  path: '/ws',
  server,
  redisConnection,
  authTimeout: Number(values['auth-timeout']),
  heartbeatTimeout: Number(values['heartbeat-timeout']),
  heartbeatInterval: Math.min(Number(values['heartbeat-timeout']) / 3, 30_000),
  authenticateFn: (data) => {
    if ('throw' in data) throw new Error('asked to throw');
    if ('reject' in data) return null;
    return { userId: typeof data.userId === 'string' ? data.userId : undefined };
  },
  requireEncryption: values['require-encryption'],
  handshakeFn: values['no-handshake'] ? undefined : shakeHands,
  validateRoomFn: ({ rooms }) => rooms.filter((room) => !room.startsWith('private')),
  messageHandler: ({ clientId, message }) => {
    if (message.event === 'echo') helper.sendToClient({ clientId, event: 'echo', data: message.data });
    if (message.event === 'say') {
      helper.send({ destination: message.data.destination, payload: { topic: 'said', data: message.data.data } });
    }
  },
});
await helper.configure();
server.reload({ fetch, websocket: helper.getBunWebSocketHandler() });

const emitter = new ignis.WebSocketEmitter({ redisConnection });
await emitter.configure();

async function obey(command) {
  if (command.op === 'send') {
    helper.send({ destination: command.destination, payload: { topic: command.topic, data: command.data } });
    return;
  }
  const { kind, target, event, data, exclude } = command;
  if (kind === 'client') await emitter.toClient({ clientId: target, event, data });
  if (kind === 'user') await emitter.toUser({ userId: target, event, data });
  if (kind === 'room') await emitter.toRoom({ room: target, event, data, exclude });
  if (kind === 'broadcast') await emitter.broadcast({ event, data });
}

console.log(`listening on 127.0.0.1:${server.port}`);
for await (const line of createInterface({ input: process.stdin })) {
  await obey(JSON.parse(line));
  console.log('done');
}
await helper.shutdown();
await emitter.shutdown();
process.exit(0);
