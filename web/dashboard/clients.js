import { rightNote } from './act.js';
import { get, segment } from './api.js';
import { choice } from './choice.js';
import { clientColumns, disconnectColumn } from './client-table.js';
import { Details } from './details.js';
import { card, field, h, setText } from './dom.js';
import { bytes, rate } from './format.js';
import { here } from './here.js';
import { clientPlace, placeOf } from './place.js';
import { Pages, Table } from './table.js';

const kEvery = 2_000;
const kListed = 20;

const kRankings = {
  backlog: {
    title: 'Slowest',
    caption: 'Clients for whom the most waits',
    empty: 'Nobody is connected.',
    column: { name: 'Waits for it', numeric: true, cell: ({ value }) => bytes(value), sort: ({ value }) => value },
  },
  messages: {
    title: 'Busiest',
    caption: 'Clients that send the most',
    empty: 'No client has sent anything in the last ten seconds.',
    column: { name: 'Sends a second', numeric: true, cell: ({ value }) => rate(value), sort: ({ value }) => value },
  },
  newest: { title: 'Newest', caption: 'Clients that came last', empty: 'Nobody is connected.', column: null },
};

const kFilters = ['user', 'address', 'room', 'state'];
const kStates = ['', 'authenticated', 'authenticating', 'unauthorized'];

function ranked(visit, by) {
  const { caption, empty, column } = kRankings[by];
  const calm = h(
    'p',
    { class: 'hint', hidden: true },
    'Nothing waits for anybody: no client is slow now. These came last.',
  );
  const details = new Details(
    (id) => [`/api/clients/${segment(id)}`, {}],
    () => draw(),
    visit.signal,
  );
  let rows = [];
  const draw = () => table.show(rows.map((row) => ({ ...details.of(row.id), ...row })));
  const { id, user, address, rooms, drops, since } = clientColumns;
  const table = new Table({
    caption,
    empty,
    key: (row) => row.id,
    columns: [id, user, ...(column ? [column] : []), drops, rooms, address, since, disconnectColumn(() => again())],
    order: column && { column: column.name, down: true },
  });
  const load = async (signal) => {
    const { top } = await get('/api/top', { by: `clients.${by}`, limit: kListed }, signal);
    if (top.length > 0 || by !== 'backlog') return top.map(({ client, value }) => ({ id: client, value }));
    // Somebody to look at all the same: who came last.
    const newest = await get('/api/top', { by: 'clients.newest', limit: kListed }, signal);
    return newest.top.map(({ client }) => ({ id: client, value: 0 }));
  };
  const again = visit.poll(kEvery, load, (found) => {
    rows = found;
    calm.hidden = by !== 'backlog' || rows.length === 0 || rows.some(({ value }) => value > 0);
    details.want(rows.map((row) => row.id));
    draw();
  });
  return card(caption, calm, table.element);
}

function filtered(visit, filter) {
  const { id, user, address, state, backlog, rooms, since } = clientColumns;
  const table = new Table({
    caption: 'Clients found',
    empty: 'No client of this instance is like that.',
    key: (row) => row.id,
    columns: [id, user, state, backlog, rooms, address, since, disconnectColumn(() => again())],
  });
  const load = async (after, limit, signal) => {
    const { clients, next } = await get('/api/clients', { ...filter, limit, after }, signal);
    return { rows: clients, next };
  };
  const pages = new Pages({ load, show: (rows) => table.show(rows) });
  const again = visit.poll(kEvery, pages.refresh, pages.take);
  return card('Found', table.element, pages.element);
}

function filterForm(query) {
  const text = (name) =>
    h('input', { name, value: query.get(name) ?? '', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off' });
  const state = h(
    'select',
    { name: 'state' },
    ...kStates.map((name) =>
      h('option', { value: name, selected: name === (query.get('state') ?? '') }, name === '' ? 'any' : name),
    ),
  );
  const id = h('input', { name: 'id', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off' });
  return h(
    'details',
    { class: 'card filters', open: kFilters.some((name) => query.has(name)) },
    h('summary', {}, h('h2', {}, 'Find clients')),
    h(
      'form',
      {
        class: 'filter',
        'aria-label': 'Find clients',
        onsubmit: (event) => {
          event.preventDefault();
          const values = Object.fromEntries(new FormData(event.target));
          const isAny = kFilters.some((name) => values[name]);
          location.hash = values.id
            ? clientPlace(values.id)
            : placeOf(['clients'], isAny ? { ...values, id: '' } : { by: 'backlog' });
        },
      },
      field('User', text('user')),
      field('Address', text('address')),
      field('Room', text('room')),
      field('State', state),
      field('Or client id', id),
      h('button', { type: 'submit', class: 'button' }, 'Find'),
    ),
  );
}

export function showClients(visit, head, query) {
  const filter = Object.fromEntries(kFilters.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
  const isFiltered = Object.keys(filter).length > 0;
  const asked = query.get('by') ?? 'backlog';
  const by = Object.hasOwn(kRankings, asked) ? asked : 'backlog';
  const scope = h('p', { class: 'hint' });
  head.append(scope);
  const say = () => setText(scope, `those connected to ${here.name}; other instances have their own page`);
  visit.on(here, 'change', say);
  say();
  const options = Object.entries(kRankings).map(([key, { title }]) => ({
    title,
    place: placeOf(['clients'], { by: key }),
    isHere: !isFiltered && key === by,
  }));
  return [
    h('div', { class: 'page-tools' }, choice('Clients by', options)),
    rightNote('control') ?? '',
    filterForm(query),
    isFiltered ? filtered(visit, filter) : ranked(visit, by),
  ];
}
