/** TLS handshakes, so many at a time, one connection after the other: whole ones, or resumed from a ticket. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import { finish, readArguments, report, Usage } from './load.mjs';

const args = readArguments();
const { hostname, port } = new URL(args.url);
const resumed = args.scenario === 'resumed';
let ticket;

async function shakeHands() {
  const socket = connect({
    host: hostname,
    port,
    rejectUnauthorized: false,
    session: resumed ? ticket : undefined,
  });
  if (resumed && !ticket) [ticket] = await once(socket, 'session');
  else await once(socket, 'secureConnect');
  if (resumed && socket.isSessionReused() === false && ticket) shakeHands.whole += 1;
  socket.destroy();
}
shakeHands.whole = 0;

async function shakeHandsFor(seconds) {
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const oneByOne = async () => {
    for (; performance.now() < end; count += 1) await shakeHands();
  };
  await Promise.all(Array.from({ length: args.window }, oneByOne));
  return count;
}

await shakeHands(); // brings the ticket
shakeHands.whole = 0;
await shakeHandsFor(args.warmUp);
const usage = new Usage(args.pids);
const start = performance.now();
const messages = await shakeHandsFor(args.duration);
if (shakeHands.whole > 0) throw new Error(`${shakeHands.whole} of ${messages} handshakes were not resumed`);
finish(report({ ...args, clients: 1 }, { usage, start, messages }));
