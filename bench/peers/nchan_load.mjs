/** Load for nginx with nchan: subscribers over WebSocket, a publisher over HTTP. `fanout`, `connect`. */
import { once } from 'node:events';
import { connect as open } from 'node:net';
import WebSocket from 'ws';
import { connectAll, fanout, finish, makeData, readArguments, report, Tally } from './load.mjs';

const kRoom = 'bench';
const args = readArguments();
const tally = new Tally();
const { hostname, port } = new URL(args.url);
let sent = 0;

async function connect() {
  const socket = new WebSocket(`ws://${hostname}:${port}/subscribe/${kRoom}`, { perMessageDeflate: false });
  socket.on('message', (text) => tally.receive(JSON.parse(text)));
  await once(socket, 'open');
}

/** One connection that stays, on which requests do not wait for the answers to those before them. */
const publisher = open(Number(port), hostname);
publisher.resume();

const send = (count) => {
  let requests = '';
  for (let i = 0; i < count; i += 1) {
    sent += 1;
    const body = JSON.stringify(makeData(sent, args, kRoom));
    requests += `POST /publish/${kRoom} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  }
  publisher.write(requests);
};

await once(publisher, 'connect');
const { usage, connected } = await connectAll(args, connect);
if (args.scenario === 'connect') finish(report(args, { usage, connected }));
if (args.scenario === 'fanout') finish(await fanout(args, tally, send));
