import { get, segment } from './api.js';
import { choice } from './choice.js';
import { Details } from './details.js';
import { card, field, h, named } from './dom.js';
import { bytes, count, rate } from './format.js';
import { placeOf, roomPlace } from './place.js';
import { ruleColumns } from './room-rule.js';
import { Pages, Table } from './table.js';

const kEvery = 3_000;

const kRankings = {
  members: { title: 'Members', value: 'Members', format: count },
  messages: { title: 'Messages', value: 'Messages a second', format: rate },
  bytes: { title: 'Bytes', value: 'Bytes a second', format: bytes },
};

const roomColumn = {
  name: 'Room',
  cell: ({ room }) => h('a', { href: roomPlace(room) }, named(room)),
  sort: ({ room }) => room,
};

function busiest(visit, by) {
  const { value, format } = kRankings[by];
  const details = new Details(
    (room) => [`/api/rooms/${segment(room)}`, { limit: 1 }],
    () => draw(),
    visit.signal,
  );
  const columns = [
    roomColumn,
    {
      name: value,
      numeric: true,
      cell: (row) => (row.error ? `≤ ${format(row.value)}` : format(row.value)),
      sort: (row) => row.value,
    },
  ];
  if (by !== 'members') {
    columns.splice(2, 0, {
      name: 'Members',
      numeric: true,
      cell: ({ room }) => count(details.of(room)?.members),
      sort: ({ room }) => details.of(room)?.members,
    });
  }
  columns.push(...ruleColumns);
  const table = new Table({
    caption: `The busiest rooms by ${by}`,
    columns,
    key: ({ room }) => room,
    order: { column: value, down: true },
    empty: by === 'members' ? 'Nobody is in a room.' : 'No room has had a message in the last ten seconds.',
  });
  let rows = [];
  const draw = () => table.show(rows);
  visit.poll(
    kEvery,
    (signal) => get('/api/top', { by: `rooms.${by}`, limit: 20 }, signal),
    ({ top }) => {
      rows = top;
      if (by !== 'members') details.want(rows.map(({ room }) => room));
      draw();
    },
  );
  return card(`The busiest by ${by}`, table.element);
}

function found(visit, prefix) {
  const table = new Table({
    caption: `Rooms that begin with ${prefix}`,
    key: ({ room }) => room,
    empty: 'No room that somebody is in begins so.',
    order: { column: 'Room', down: false },
    columns: [
      roomColumn,
      { name: 'Members', numeric: true, cell: ({ members }) => count(members), sort: ({ members }) => members },
      ...ruleColumns,
    ],
  });
  const load = async (after, limit, signal) => {
    const { rooms, next } = await get('/api/rooms', { prefix, limit, after }, signal);
    return { rows: rooms, next };
  };
  const pages = new Pages({ load, show: (rows) => table.show(rows) });
  visit.poll(kEvery, pages.refresh, pages.take);
  return card(prefix === '' ? 'All rooms' : 'Found', table.element, pages.element);
}

function search(query) {
  const input = h('input', {
    type: 'search',
    value: query.get('prefix') ?? '',
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
  });
  return h(
    'form',
    {
      class: 'search',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault();
        location.hash = placeOf(['rooms'], { by: 'name', prefix: input.value });
      },
    },
    field('Name begins with', input),
    h('button', { type: 'submit', class: 'button' }, 'Search'),
  );
}

export function showRooms(visit, head, query) {
  const asked = query.get('by');
  const by = Object.hasOwn(kRankings, asked ?? '') || asked === 'name' ? asked : 'members';
  const options = [...Object.entries(kRankings).map(([key, { title }]) => [key, title]), ['name', 'All by name']];
  return [
    h(
      'div',
      { class: 'page-tools' },
      choice(
        'Rooms by',
        options.map(([key, title]) => ({ title, place: placeOf(['rooms'], { by: key }), isHere: key === by })),
      ),
      search(query),
    ),
    by === 'name' ? found(visit, query.get('prefix') ?? '') : busiest(visit, by),
  ];
}
