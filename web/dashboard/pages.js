/** Which page is where. */
import { visible } from './dom.js';
import { showClient } from './client.js';
import { showClients } from './clients.js';
import { showConfiguration } from './configuration.js';
import { showEvents } from './events.js';
import { showNodes } from './nodes.js';
import { showOverview } from './overview.js';
import { showRoom } from './room.js';
import { showRooms } from './rooms.js';
import { showUser } from './user.js';

export const kMenu = [
  { page: '', title: 'Overview' },
  { page: 'rooms', title: 'Rooms' },
  { page: 'clients', title: 'Clients' },
  { page: 'nodes', title: 'Nodes' },
  { page: 'events', title: 'Events' },
  { page: 'configuration', title: 'Configuration' },
];

const kPages = {
  '': showOverview,
  rooms: showRooms,
  clients: showClients,
  nodes: showNodes,
  events: showEvents,
  configuration: showConfiguration,
};
const kOnes = { rooms: ['Room', showRoom], clients: ['Client', showClient], users: ['User', showUser] };

/**
 * The page at a place: its title, and `show(visit, head)`, which gives the elements that it is made of and may put more
 * beside the heading.
 */
export function pageAt({ segments, query }) {
  const [first = '', name] = segments;
  if (name !== undefined && Object.hasOwn(kOnes, first)) {
    const [kind, show] = kOnes[first];
    return { title: `${kind} ${visible(name)}`, show: (visit, head) => show(visit, head, name, query) };
  }
  const entry = kMenu.find(({ page }) => page === first);
  if (entry && name === undefined)
    return { title: entry.title, show: (visit, head) => kPages[first](visit, head, query) };
  return { title: 'No such page', show: () => [] };
}
