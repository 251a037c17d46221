/** What behaviours share. */
import { FakeClock } from '../clock.mjs';
import { until } from '../runner.mjs';

export { until };

/**
 * A client with a clock of its own, notes of all that it says of itself, [event, ...values], and the number of sockets
 * that it has made.
 */
export function makeClient({ HearthClient, WebSocket, after }, url, options = {}) {
  const clock = new FakeClock();
  let count = 0;
  function Counted(address) {
    count += 1;
    return new WebSocket(address);
  }
  const client = new HearthClient(url, { WebSocket: WebSocket && Counted, clock, ...options });
  const notes = [];
  for (const event of ['state', 'ready', 'waiting', 'closed', 'error', 'late']) {
    client.connection.on(event, (...values) => notes.push([event, ...values]));
  }
  after(() => client.close());
  const told = (event) => notes.filter(([name]) => name === event).map(([, value]) => value);
  return { client, clock, notes, told, sockets: () => count };
}

/** A wrong server, and a client that is ready on it. */
export async function ready(s, { script, ...options } = {}) {
  const wrong = await s.link.start('wrong', { script }, s.after);
  const made = makeClient(s, wrong.url, options);
  await made.client.connect();
  // What the server tells of a connection may come after what it has said over it.
  await wrong.got('authenticate');
  return { wrong, ...made };
}

export const states = (notes) => notes.filter(([name]) => name === 'state').map(([, state]) => state);

let exchanges = 0;

/**
 * Returns once a client that is ready has handled all that the server has sent, and the server has told of all that the
 * client has sent, also in answer to that: each is behind a request that is answered, on the one connection.
 */
export async function exchanged(wrong, client) {
  for (let round = 0; round < 2; round += 1) {
    exchanges += 1;
    const event = `exchange ${exchanges}`;
    const answer = client.request(event);
    await wrong.answer(await wrong.got(event));
    await answer;
  }
}

/** Returns after timers of 0 that run already, which pages may stretch to 4 ms. */
export const afterTimers = () => new Promise((resolve) => { setTimeout(resolve, 10); });

export const inState = (client, state) => until(`the client is ${state}, not ${client.state}`, () => client.state === state);
