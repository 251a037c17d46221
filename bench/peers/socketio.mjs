/** The application of bench_app.cpp on Socket.IO; its clients are those of socketio_load.mjs. */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.use((socket, next) => next(socket.handshake.auth.token ? undefined : new Error('Authentication failed')));
io.on('connection', (socket) => {
  socket.on('join', (rooms, acknowledge) => {
    socket.join(rooms);
    acknowledge();
  });
  socket.on('echo', (data) => socket.emit('echo', data));
  socket.on('room', (data) => io.to(data.room).emit('msg', data));
});
http.listen(Number(values.port), '127.0.0.1', () => console.log(`listening on 127.0.0.1:${http.address().port}`));
