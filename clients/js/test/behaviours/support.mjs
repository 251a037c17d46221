/** What behaviours share. */
import { FakeClock } from '../clock.mjs';
import { until } from '../runner.mjs';

export { until };

/** A client with a clock of its own, and notes of all that it says of itself: [event, ...values]. */
export function makeClient({ HearthClient, WebSocket, after }, url, options = {}) {
  const clock = new FakeClock();
  const client = new HearthClient(url, { WebSocket, clock, ...options });
  const notes = [];
  for (const event of ['state', 'ready', 'waiting', 'closed', 'error', 'late']) {
    client.connection.on(event, (...values) => notes.push([event, ...values]));
  }
  after(() => client.close());
  const told = (event) => notes.filter(([name]) => name === event).map(([, value]) => value);
  return { client, clock, notes, told };
}

/** A wrong server, and a client that is ready on it. */
export async function ready(s, { script, ...options } = {}) {
  const wrong = await s.link.start('wrong', { script }, s.after);
  const made = makeClient(s, wrong.url, options);
  await made.client.connect();
  return { wrong, ...made };
}

export const states = (notes) => notes.filter(([name]) => name === 'state').map(([, state]) => state);

/** Lets everything that is on its way arrive: a message there and back over a connection of the stage. */
export async function settle(s) {
  for (let turn = 0; turn < 3; turn += 1) {
    await s.link.ask({ op: 'end', name: 0 });
    await new Promise((resolve) => { setTimeout(resolve, 2); });
  }
}

export const inState = (client, state) => until(`the client is ${state}, not ${client.state}`, () => client.state === state);
