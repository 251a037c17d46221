/** Tables of clients, as several pages have them. */
import { act, rightButton } from './act.js';
import { h, named, visible } from './dom.js';
import { ago, bytes, count, kNone } from './format.js';
import { here } from './here.js';
import { clientPlace, userPlace } from './place.js';

const whom = ({ id, user }) =>
  user === undefined ? `the client ${visible(id)}` : `the client ${visible(id)} of user ${visible(user)}`;

/** Asks whether to disconnect a client; `find(signal)` gives what is known of it. */
export function disconnectClient({ client, find = async () => client, then }) {
  act({
    title: 'Disconnect this client?',
    verb: 'Disconnect',
    effect: async (signal) => {
      const found = await find(signal);
      const place = found?.node ? visible(found.node) : here.name;
      return `Closes 1 connection, ${whom({ id: client.id, ...found })}, on ${place}. It may connect again.`;
    },
    fields: {
      code: {
        label: 'Close code',
        control: h('input', { type: 'number', min: '1000', max: '4999', value: '4010', required: true }),
        read: Number,
      },
      reason: {
        label: 'Reason',
        control: h('input', { value: 'Disconnected', required: true, maxlength: '123', autocomplete: 'off' }),
      },
    },
    request: (values) => ({ path: '/api/disconnect', body: { client: client.id, ...values } }),
    done: () => `Disconnected ${whom(client)}.`,
    then,
  });
}

export const clientColumns = {
  id: {
    name: 'Client',
    cell: ({ id }) => h('a', { href: clientPlace(id), class: 'mono' }, named(id)),
    sort: ({ id }) => id,
  },
  user: {
    name: 'User',
    cell: ({ user }) => (user === undefined ? kNone : h('a', { href: userPlace(user) }, named(user))),
    sort: ({ user }) => user ?? '',
  },
  address: {
    name: 'Address',
    whole: true,
    cell: ({ address }) => address ?? kNone,
    sort: ({ address }) => address ?? '',
  },
  state: { name: 'State', cell: ({ state }) => state ?? kNone, sort: ({ state }) => state },
  node: { name: 'Node', cell: ({ node }) => visible(node ?? kNone), sort: ({ node }) => node },
  backlog: {
    name: 'Waits for it',
    numeric: true,
    cell: ({ backlogBytes }) => bytes(backlogBytes),
    sort: ({ backlogBytes }) => backlogBytes,
  },
  drops: {
    name: 'Dropped',
    numeric: true,
    cell: ({ messagesDropped }) => count(messagesDropped),
    sort: ({ messagesDropped }) => messagesDropped,
  },
  rooms: {
    name: 'Rooms',
    numeric: true,
    cell: ({ roomCount }) => count(roomCount),
    sort: ({ roomCount }) => roomCount,
  },
  since: {
    name: 'Connected',
    whole: true,
    cell: ({ connectedAt }) => ago(connectedAt),
    sort: ({ connectedAt }) => connectedAt,
  },
};

/** The column with the button that closes a client; `then` is called afterwards. */
export function disconnectColumn(then) {
  return {
    name: 'Action',
    hidden: true,
    cell: (client) => {
      const button = rightButton('control', 'Disconnect', () => disconnectClient({ client, then }), {
        tone: 'small',
      });
      button.setAttribute('aria-label', `Disconnect ${whom(client)}`);
      return button;
    },
  };
}
