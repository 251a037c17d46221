/** The application of bench_app.cpp on Ignis, for Bun: echo to the sender, and a message to a room. */
import { EventEmitter } from 'node:events';
import { parseArgs } from 'node:util';
import * as ignis from '@venizia/ignis-helpers';
import Redis from 'ioredis';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    redis: { type: 'string' },
    encrypt: { type: 'boolean', default: false },
    deflate: { type: 'boolean', default: false },
  },
});

// A line for each connection costs it more than the connection itself.
ignis.applicationLogger.silent = true;

/** Ignis does not start without Redis; a server alone gets one that does nothing. */
class NoRedis extends EventEmitter {
  status = 'ready';
  duplicate() {
    return new NoRedis();
  }
  async subscribe() {}
  async psubscribe() {}
  async publish() {}
  async quit() {}
}

const ecdh = ignis.ECDH.withAlgorithm();
const keys = new Map();

/** The scheme that Hearth has built in, over the ECDH of Ignis. */
function encryption() {
  return {
    requireEncryption: true,
    handshakeFn: async ({ clientId, data }) => {
      const peerPublicKey = await ecdh.importPublicKey({ rawKeyB64: data.publicKey });
      const { keyPair, publicKeyB64 } = await ecdh.generateKeyPair();
      const { key, salt } = await ecdh.deriveAESKey({ privateKey: keyPair.privateKey, peerPublicKey });
      keys.set(clientId, key);
      return { serverPublicKey: publicKeyB64, salt };
    },
    outboundTransformer: async ({ client, event, data }) => {
      if (event === 'connected') return null;
      const message = JSON.stringify({ event, data });
      return { event: 'encrypted', data: await ecdh.encrypt({ message, secret: keys.get(client.id) }) };
    },
    clientDisconnectedFn: ({ clientId }) => keys.delete(clientId),
  };
}

/** What came encrypted is handled as if it had come plain, as Hearth does. */
async function open(clientId, data) {
  helper.onClientMessage({ clientId, raw: await ecdh.decrypt({ message: data, secret: keys.get(clientId) }) });
}

const fetch = (request, server) => {
  if (server.upgrade(request, { data: { clientId: crypto.randomUUID() } })) return undefined;
  return new Response('', { status: 426 });
};

const server = Bun.serve({ hostname: '127.0.0.1', port: Number(values.port), fetch, websocket: { message() {} } });
const client = values.redis ? new Redis(values.redis, { lazyConnect: true }) : new NoRedis();
const helper = new ignis.WebSocketServerHelper({
  identifier: 'bench',
  path: '/ws',
  server,
  redisConnection: { getClient: () => client },
  authTimeout: 60_000,
  serverOptions: { perMessageDeflate: values.deflate },
  authenticateFn: ({ token }) => (token ? { userId: token } : null),
  validateRoomFn: ({ rooms }) => rooms,
  messageHandler: ({ clientId, message: { event, data } }) => {
    if (event === 'echo') helper.sendToClient({ clientId, event: 'echo', data });
    if (event === 'room') helper.sendToRoom({ room: data.room, event: 'msg', data });
    return event === 'encrypted' ? open(clientId, data) : undefined;
  },
  ...(values.encrypt && encryption()),
});
await helper.configure();
server.reload({ fetch, websocket: helper.getBunWebSocketHandler() });
console.log(`listening on 127.0.0.1:${server.port}`);
