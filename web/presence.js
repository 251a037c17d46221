/** How many of a room are named; the rest is a number. */
const kMostNamed = 50;

const plural = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Users of a room in the order of their names, each with how many clients it has there; clients without one come last. */
function usersOf(members, own) {
  const users = new Map();
  for (const { id, userId } of members) {
    const user = users.get(userId) ?? { name: userId ?? 'nobody', isUser: userId !== undefined, clients: 0, own: false };
    user.clients += 1;
    user.own ||= id === own;
    users.set(userId, user);
  }
  return [...users.values()].sort((a, b) => (
    Number(b.isUser) - Number(a.isUser) || (a.name < b.name ? -1 : Number(a.name > b.name))));
}

/** Who is in the rooms that this page is in and that tell: a list a room. Text off the wire gets in as text alone. */
export class PresenceList {
  #root;
  #drawn = '';

  constructor(root) {
    this.#root = root;
  }

  /** `rooms`: [name, {clients, users, members, stale}] of each; `own`: the id of this page's client. */
  draw(rooms, own) {
    const view = rooms.map(([room, { clients, users, members, stale }]) => {
      const named = members && usersOf(members, own);
      return { room, clients, users, stale, named: named?.slice(0, kMostNamed), more: named ? named.length - kMostNamed : 0 };
    });
    const drawn = JSON.stringify(view);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#root.replaceChildren(...view.map(roomOf));
  }
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function roomOf({ room, clients, users, stale, named, more }) {
  const section = element('section', 'present');
  const head = element('h3', '', `In ${room}`);
  head.append(element('span', 'hint', ` ${plural(clients, 'client')}, ${plural(users, 'user')}`));
  section.append(head);
  if (stale) section.append(element('p', 'hint', 'As it was before this server lost sight of the others.'));
  if (!named) return section;
  const list = element('ul', 'people');
  list.setAttribute('aria-label', `Who is in ${room}`);
  list.append(...named.map(({ name, isUser, clients: has, own }) => {
    const person = element('li', isUser ? 'person' : 'person nameless', name);
    if (has > 1) person.append(element('span', 'hint', ` × ${has}`));
    if (own) person.append(element('span', 'hint', ' (you)'));
    return person;
  }));
  if (more > 0) list.append(element('li', 'person nameless', `and ${more} more`));
  section.append(list);
  return section;
}
