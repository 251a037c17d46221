/** What the types allow, and what not. Compiled, not run. */
import { HearthClient, HearthError, type JoinResult, type Message, type Position, Room } from '@hearth/client';
import { encryption } from '@hearth/client/encryption';
import { useConnection, useEvent, useRoom } from '@hearth/client/react';

interface Events { news: { text: string }; typing: { who: string } }

const client = new HearthClient<Events>('wss://example.org/ws', {
  auth: async ({ reason, signal }) => ({ token: `${reason}${signal.aborted}` }),
  encryption: encryption({ optional: true, info: 'mine' }),
  backoff: { min: 1 },
  trace: (direction: 'in' | 'out', text: string) => console.log(direction, text),
});
const connected: Promise<HearthClient<Events>> = client.connect({ signal: AbortSignal.timeout(1000) });
const state: 'idle' | 'connecting' | 'authenticating' | 'ready' | 'waiting' | 'closed' = client.state;
const id: string | null = client.id;

client.on('news', ({ text }, { from, offset }) => console.log(text.length, from?.userId?.length, offset));
client.on('*', (data, { event }) => console.log(data, event));
const off: () => void = client.on('typing', ({ who }) => who, { once: true, signal: AbortSignal.abort() });
// @ts-expect-error: there is no such event
client.on('nwes', () => {});
// @ts-expect-error: nor such data
client.on('news', ({ txet }) => txet);
// @ts-expect-error: states are read
client.state = 'ready';
// @ts-expect-error
client.connection.on('nothing', () => {});
client.connection.on('state', (now, before) => console.log(now === 'ready', before));
client.connection.on('ready', ({ resumed, userId }) => console.log(resumed, userId?.length));
client.connection.on('waiting', ({ delay, cause }) => console.log(delay.toFixed(), cause.kind));
client.connection.on('closed', (error: HearthError) => error.retryable);

const anything = new HearthClient(() => 'ws://127.0.0.1/ws');
anything.on('whatever', (data, message: Message) => console.log(data.any.thing, message.room));
// @ts-expect-error: an address is needed
new HearthClient();
// @ts-expect-error: and no number
new HearthClient(5);
new HearthClient('ws://x', { auth: () => null });

const room: Room<Events> = client.room('tea', { since: { last: 10 }, presence: true });
const joined: Promise<JoinResult> = room.join({ timeout: 5 });
room.join().then(({ recovered }) => { const known: boolean | null = recovered; return known; });
room.on('news', ({ text }) => text);
// @ts-expect-error
room.on('news', ({ who }) => who);
const position: Position | null = room.position;
// @ts-expect-error: positions are read
room.position = null;
room.publish('news', { text: 'x' }, { echo: false, key: 'k', idempotencyKey: 'i', signal: AbortSignal.abort() });
room.membership.on('gap', ({ reason, offset }) => `${reason}${offset?.toFixed()}`);
room.membership.on('refused', ({ rooms }) => rooms?.length);
room.presence.on('change', ({ members }) => members?.map(({ userId }) => userId));
room.history({ after: 1, limit: 2 }).then(({ publications }) => publications[0]?.data);
const release: () => void = room.hold();
interface Chess { move: string }
client.room<Chess>('board').on('move', (move) => move.toUpperCase());
const answer: Promise<{ n: number }> = client.request<{ n: number }>('ask', 1);
const sent: boolean = client.send('typing');
// @ts-expect-error: nothing of the package's own is public
client.timers_;
// @ts-expect-error
room.told_;

const error = new HearthError('lost', 'x', { sent: true });
if (error.kind === 'lost' && error.retryable) console.log(error.close?.code, error.code, error.rooms);
// @ts-expect-error: no such kind
new HearthError('mine', 'x');

function Component(): string {
  const { state: now, delay, error: why } = useConnection(client);
  const { room: tea, recovered } = useRoom<Events>(client, 'tea', { on: { news: ({ text }) => text } });
  useEvent(tea, 'typing', ({ who }) => who);
  // @ts-expect-error
  useEvent(tea, 'typign', () => {});
  return `${now}${delay}${why?.kind}${recovered}`;
}

{
  using scoped = new HearthClient('ws://x');
  scoped.send('x');
}

export { answer, connected, id, joined, off, position, release, sent, state, Component };
