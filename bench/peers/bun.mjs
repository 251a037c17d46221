/** The application of bench_app.cpp on Bun's own publish and subscribe, with as little around it as will do. */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    deflate: { type: 'boolean', default: false },
    tls: { type: 'string' },
  },
});
const [cert, key] = values.tls?.split(',').map((file) => Bun.file(file)) ?? [];

const handlers = {
  authenticate: (socket, { token }) => {
    if (!token) return socket.close(4003, 'Authentication failed');
    socket.data.userId = token;
    const { id } = socket.data;
    return socket.send(
      JSON.stringify({ event: 'connected', data: { id, userId: token, time: new Date().toISOString() } }),
    );
  },
  join: (socket, { rooms }) => rooms.forEach((room) => socket.subscribe(room)),
  echo: (socket, data) => socket.send(JSON.stringify({ event: 'echo', data })),
  room: (socket, data) => server.publish(data.room, JSON.stringify({ event: 'msg', data })),
};

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(values.port),
  ...(cert && { tls: { cert, key } }),
  fetch: (request, http) => {
    if (http.upgrade(request, { data: { id: crypto.randomUUID() } })) return undefined;
    return new Response('', { status: 426 });
  },
  websocket: {
    perMessageDeflate: values.deflate,
    idleTimeout: 60,
    message: (socket, text) => {
      const { event, data } = JSON.parse(text);
      handlers[event]?.(socket, data);
    },
  },
});
console.log(`listening on 127.0.0.1:${server.port}`);
