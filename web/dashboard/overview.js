import { get } from './api.js';
import { Chart } from './chart.js';
import { card, h, named, setText } from './dom.js';
import { bytes, count, rate, shortTime } from './format.js';
import { live } from './live.js';
import { clientPlace, placeOf, roomPlace } from './place.js';
import { Table } from './table.js';

const kTopEvery = 3_000;
const kTopLength = 5;

/** `member`: what a sample has to have for it; where it has not, there is no such chart. */
const kCharts = [
  {
    title: 'Clients',
    format: count,
    whole: true,
    series: [
      { name: 'connections', tone: 'out', read: () => live.values(({ connections }) => connections) },
      { name: 'clients', tone: 'accent', read: () => live.values(({ clients }) => clients) },
    ],
  },
  {
    title: 'Messages a second',
    format: rate,
    series: [
      { name: 'received', tone: 'out', read: () => live.rates(({ messagesIn }) => messagesIn) },
      { name: 'delivered', tone: 'accent', read: () => live.rates(({ messagesOut }) => messagesOut) },
    ],
  },
  {
    title: 'Bytes a second',
    format: bytes,
    member: 'bytesOut',
    series: [
      { name: 'in', tone: 'out', read: () => live.rates(({ bytesIn }) => bytesIn) },
      { name: 'out', tone: 'accent', read: () => live.rates(({ bytesOut }) => bytesOut) },
    ],
  },
  { title: 'Drops a second', format: rate, series: [{ name: 'all reasons', tone: 'bad', read: () => live.drops() }] },
  {
    title: 'Turn of a shard',
    format: shortTime,
    joins: true,
    empty: 'No turn was measured in this time.',
    series: [
      { name: 'p50', tone: 'out', read: () => live.values(({ tick }) => tick?.p50) },
      { name: 'p99', tone: 'accent', read: () => live.values(({ tick }) => tick?.p99) },
    ],
  },
  {
    title: 'Round trip to the broker',
    format: shortTime,
    joins: true,
    member: 'roundTrip',
    empty: 'Nothing went to it in this time.',
    series: [
      { name: 'p50', tone: 'out', read: () => live.values(({ roundTrip }) => roundTrip?.p50) },
      { name: 'p99', tone: 'accent', read: () => live.values(({ roundTrip }) => roundTrip?.p99) },
    ],
  },
];

/** A number that is to be read from afar; `remark` says more, smaller. */
class Tile {
  #value = h('dd', { class: 'tile-value' }, '–');
  #remark = h('dd', { class: 'tile-remark' });
  element;

  constructor(name) {
    this.element = h('div', { class: 'tile' }, h('dt', {}, name), this.#value, this.#remark);
  }

  show(value, remark = '') {
    setText(this.#value, value);
    setText(this.#remark, remark);
  }
}

function tiles() {
  const names = ['Clients', 'Users', 'Rooms', 'Received a second', 'Deliveries a second', 'Drops in 5 min'];
  const [clients, users, rooms, received, delivered, drops] = names.map((name) => new Tile(name));
  const show = () => {
    const { last } = live;
    if (!last) return;
    clients.show(count(last.clients), `of ${count(last.connections)} connections`);
    users.show(count(last.users), 'on this instance');
    rooms.show(count(last.rooms), 'that somebody is in');
    received.show(rate(live.rates(({ messagesIn }) => messagesIn).at(-1)), `${count(last.messagesIn)} in all`);
    delivered.show(rate(live.rates(({ messagesOut }) => messagesOut).at(-1)), `${count(last.messagesOut)} in all`);
    const lately = live.dropsByReason();
    drops.show(
      count(lately.reduce((sum, reason) => sum + reason.lately, 0)),
      `${count(lately.reduce((sum, reason) => sum + reason.total, 0))} in all`,
    );
  };
  const element = h(
    'dl',
    { class: 'tiles', 'aria-label': 'Now' },
    ...[clients, users, rooms, received, delivered, drops].map((tile) => tile.element),
  );
  return { element, show };
}

function dropsTable() {
  const table = new Table({
    caption: 'Drops by reason',
    key: ({ reason }) => reason,
    empty: 'Nothing was dropped.',
    columns: [
      { name: 'Reason', cell: ({ reason }) => reason.replaceAll('_', ' ') },
      { name: '5 min', numeric: true, cell: ({ lately }) => count(lately) },
      { name: 'In all', numeric: true, cell: ({ total }) => count(total) },
    ],
  });
  return {
    element: card('Drops by reason', table.element),
    show: () => table.show(live.dropsByReason().filter(({ total }) => total > 0)),
  };
}

/** The first few of a list that has a page of its own. */
function topCard(visit, { title, by, name, unit, link, more, empty }) {
  const table = new Table({
    caption: title,
    empty,
    key: (entry) => entry[name],
    columns: [
      {
        name: name === 'room' ? 'Room' : 'Client',
        cell: (entry) => h('a', { href: link(entry[name]) }, named(entry[name])),
      },
      { name: unit.name, numeric: true, cell: ({ value }) => unit.format(value) },
    ],
  });
  visit.poll(
    kTopEvery,
    (signal) => get('/api/top', { by, limit: kTopLength }, signal),
    ({ top }) => table.show(top.filter(({ value }) => value > 0)),
  );
  return card(title, table.element, h('p', { class: 'more' }, h('a', { href: more }, 'All of them')));
}

export function showOverview(visit) {
  const { element, show } = tiles();
  const drops = dropsTable();
  const charts = kCharts.map(({ series, member, ...rest }) => ({
    chart: new Chart({ ...rest, series }),
    series,
    member,
  }));
  const draw = () => {
    show();
    drops.show();
    const times = live.times();
    for (const { chart, series, member } of charts) {
      chart.element.hidden = member !== undefined && live.last?.[member] === undefined;
      chart.show(times, ...series.map(({ read }) => read()));
    }
  };
  visit.on(live, 'sample', draw);
  draw();
  return [
    element,
    h('div', { class: 'charts' }, ...charts.map(({ chart }) => chart.element)),
    h(
      'div',
      { class: 'cards' },
      topCard(visit, {
        title: 'Slowest clients',
        by: 'clients.backlog',
        name: 'client',
        link: clientPlace,
        unit: { name: 'Waits for it', format: bytes },
        more: placeOf(['clients']),
        empty: 'Nothing waits for anybody.',
      }),
      topCard(visit, {
        title: 'Largest rooms',
        by: 'rooms.members',
        name: 'room',
        link: roomPlace,
        unit: { name: 'Members', format: count },
        more: placeOf(['rooms']),
        empty: 'Nobody is in a room.',
      }),
      drops.element,
    ),
  ];
}
