/** The application of bench_app.cpp on `ws` for Node.js: a set of members for each room, one `send` for each member. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    deflate: { type: 'boolean', default: false },
    tls: { type: 'string' },
  },
});
const [cert, key] = values.tls?.split(',').map((file) => readFileSync(file)) ?? [];

const rooms = new Map();

const handlers = {
  authenticate: (client, { token }) => {
    if (!token) return client.socket.close(4003, 'Authentication failed');
    Object.assign(client, { id: randomUUID(), userId: token });
    const data = { id: client.id, userId: token, time: new Date().toISOString() };
    return client.socket.send(JSON.stringify({ event: 'connected', data }));
  },
  join: (client, { rooms: names }) => {
    for (const name of names) {
      if (!rooms.has(name)) rooms.set(name, new Set());
      rooms.get(name).add(client);
      client.rooms.add(name);
    }
  },
  echo: (client, data) => client.socket.send(JSON.stringify({ event: 'echo', data })),
  room: (client, data) => {
    const text = JSON.stringify({ event: 'msg', data });
    for (const member of rooms.get(data.room) ?? []) member.socket.send(text);
  },
};

const http = cert ? createSecureServer({ cert, key }) : createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: values.deflate });
server.on('connection', (socket) => {
  const client = { socket, rooms: new Set() };
  socket.on('message', (text) => {
    const { event, data } = JSON.parse(text);
    handlers[event]?.(client, data);
  });
  socket.on('close', () => client.rooms.forEach((name) => rooms.get(name).delete(client)));
});
http.listen(Number(values.port), '127.0.0.1', () => console.log(`listening on 127.0.0.1:${http.address().port}`));
