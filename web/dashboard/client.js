import { act, postscript, rightButton, rightNote } from './act.js';
import { showOutcome } from './announce.js';
import { get, getFromAll, post, segment } from './api.js';
import { disconnectClient } from './client-table.js';
import { card, cardWith, facts, field, h, named, setText, visible } from './dom.js';
import { ago, bytes, count, counted, moment } from './format.js';
import { roomPlace, userPlace } from './place.js';
import { publishBox } from './publish-box.js';
import { indented } from '/shared/json-text.js';

const kEvery = 2_000;

/** Here first; a client that is not here may be on another instance. */
async function find(id, signal) {
  const path = `/api/clients/${segment(id)}`;
  try {
    return await get(path, {}, signal);
  } catch (error) {
    if (error.code !== 'no_such_client') throw error;
    return getFromAll(path, {}, signal);
  }
}

const at = (time) => `${moment(time)} (${ago(time)})`;

function describe(client) {
  return facts([
    ['User', client.user === undefined ? 'nobody yet' : h('a', { href: userPlace(client.user) }, named(client.user))],
    ['State', client.state],
    ['Address', h('span', { class: 'mono' }, client.address)],
    client.node ? ['Node', visible(client.node)] : null,
    ['Connected', at(client.connectedAt)],
    ['Last heard of', at(client.lastActivityAt)],
    ['Token ends', client.expiresAt ? at(client.expiresAt) : 'never'],
    [
      'Waits for it',
      `${bytes(client.backlogBytes)}${client.backpressured ? ', more than it should: it reads too slowly' : ''}`,
    ],
    ['Dropped', counted(client.messagesDropped, 'message')],
    ['Encrypted', client.encrypted ? 'with a key of its own' : 'no'],
    client.metadata === undefined ? null : ['Metadata', h('pre', {}, indented(JSON.stringify(client.metadata)))],
  ]);
}

/** The rooms of a client, and taking it out of them and into others. */
class Rooms {
  #list = h('ul', { class: 'chips', 'aria-label': 'Rooms of the client' });
  #none = h('p', { class: 'hint' }, 'It is in no room.');
  #rest = h('p', { class: 'hint' });
  #problem = h('p', { class: 'problem', role: 'alert' });
  #id;
  #again;
  #shown = '';
  element;

  constructor(id, again) {
    this.#id = id;
    this.#again = again;
    const room = h('input', { required: true, spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off' });
    const join = h(
      'form',
      { class: 'search', 'aria-label': 'Join a room', onsubmit: (event) => this.#join(event, room) },
      field('Room to join', room),
      rightButton('control', 'Join', null),
    );
    join.lastChild.type = 'submit';
    this.element = card('Rooms', this.#list, this.#none, this.#rest, join, this.#problem);
  }

  show({ rooms: all, roomCount: total }) {
    // Each client is in a room of its own id, which is nobody else's business.
    const rooms = all.filter((room) => room !== this.#id);
    const roomCount = total - (all.length - rooms.length);
    const key = JSON.stringify(rooms);
    if (key !== this.#shown) this.#list.replaceChildren(...rooms.map((room) => this.#chip(room)));
    this.#shown = key;
    this.#none.hidden = roomCount > 0;
    setText(this.#rest, roomCount > rooms.length ? `and ${count(roomCount - rooms.length)} more` : '');
  }

  #chip(room) {
    const leave = rightButton('control', '×', () => this.#leave(room), { tone: 'quiet' });
    leave.setAttribute('aria-label', `Take out of ${visible(room)}`);
    return h('li', { class: 'chip' }, h('a', { href: roomPlace(room) }, named(room)), leave);
  }

  #leave(room) {
    act({
      title: 'Take it out of this room?',
      verb: 'Take out',
      effect: async () =>
        `1 client, ${visible(this.#id)}, no longer gets what is published to ${visible(room)}. ` +
        'It may join again where the rules let it.',
      request: () => ({ path: '/api/leave', body: { client: this.#id, rooms: [room] } }),
      done: () => `Taken out of ${visible(room)}.`,
      then: this.#again,
    });
  }

  async #join(event, input) {
    event.preventDefault();
    try {
      const answer = await post('/api/join', { client: this.#id, rooms: [input.value] });
      showOutcome(`Joined ${visible(input.value)}.${postscript(answer)}`);
      setText(this.#problem, '');
      input.value = '';
      this.#again();
    } catch (error) {
      setText(this.#problem, `${error.message}.`);
    }
  }
}

export function showClient(visit, head, id) {
  const gone = h('p', { class: 'notice', hidden: true }, 'It is not connected any more. What is shown was true last.');
  const about = h('div', {});
  const rooms = new Rooms(id, () => again());
  const disconnect = rightButton(
    'control',
    'Disconnect…',
    () => disconnectClient({ client: { id }, find: (signal) => find(id, signal), then: () => again() }),
    { tone: 'danger' },
  );
  let shown = '';
  const load = async (signal) => {
    try {
      return await find(id, signal);
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  };
  const again = visit.poll(kEvery, load, (client) => {
    gone.hidden = client !== null;
    disconnect.disabled ||= client === null;
    if (!client) return;
    const now = describe(client);
    if (now.textContent !== shown) about.replaceChildren(now);
    shown = now.textContent;
    rooms.show(client);
  });
  head.append(h('div', { class: 'tools' }, disconnect));
  return [
    gone,
    rightNote('control') ?? '',
    h(
      'div',
      { class: 'halves' },
      h('div', { class: 'stack' }, cardWith('What is known', [], about)),
      h(
        'div',
        { class: 'stack' },
        rooms.element,
        publishBox('Send to this client', { client: id }, `the client ${visible(id)}`),
      ),
    ),
  ];
}
