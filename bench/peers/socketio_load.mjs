/** Load for socketio.mjs, with Socket.IO's own client: `echo`, `fanout`, `connect`. */
import { io } from 'socket.io-client';
import { connectAll, echo, fanout, finish, makeData, readArguments, report, Tally } from './load.mjs';

const kRoom = 'bench';
const args = readArguments();
const tally = new Tally();
const clients = [];
let sent = 0;

const nextData = () => {
  sent += 1;
  return makeData(sent, args, kRoom);
};

function connect(i) {
  const url = args.url.replace(/^ws:/, 'http:').replace(/\/ws$/, '');
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { token: `bench-${i}` },
  });
  const client = { socket };
  clients.push(client);
  socket.on('msg', (data) => tally.receive(data));
  socket.on('echo', (data) => client.echoed(data));
  const rooms = args.scenario === 'connect' ? Array.from({ length: args.rooms }, (_, room) => `room-${room}`) : [kRoom];
  return new Promise((resolve, reject) => {
    socket.on('connect', () => (rooms.length > 0 ? socket.emit('join', rooms, resolve) : resolve()));
    socket.on('connect_error', reject);
  });
}

const send = (count) => {
  for (let i = 0; i < count; i += 1) clients[0].socket.emit('room', nextData());
};

const { usage, connected } = await connectAll(args, connect);
if (args.scenario === 'connect') finish(report(args, { usage, connected }));
if (args.scenario === 'fanout') finish(await fanout(args, tally, send));
if (args.scenario === 'echo') finish(await echo(args, tally, clients, ({ socket }) => socket.emit('echo', nextData())));
