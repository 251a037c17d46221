import { get } from './api.js';
import { card, h } from './dom.js';
import { ago, count, duration, kNone } from './format.js';
import { Table } from './table.js';

const kEvery = 3_000;

const kColumns = [
  { name: 'Queue', cell: ({ name }) => name, sort: ({ name }) => name },
  { name: 'Waiting', numeric: true, cell: ({ depth }) => count(depth), sort: ({ depth }) => depth },
  {
    name: 'Oldest waits',
    numeric: true,
    cell: ({ oldestSeconds, depth }) => (depth > 0 ? duration(oldestSeconds) : kNone),
    sort: ({ oldestSeconds }) => oldestSeconds,
  },
  { name: 'Sent', numeric: true, cell: ({ sent }) => count(sent), sort: ({ sent }) => sent },
  { name: 'Retries', numeric: true, cell: ({ retries }) => count(retries), sort: ({ retries }) => retries },
  { name: 'Dropped', numeric: true, cell: ({ dropped }) => count(dropped), sort: ({ dropped }) => dropped },
  {
    name: 'Last error',
    cell: ({ lastError, lastErrorAt }) =>
      lastError ? `${lastError}${lastErrorAt ? `, ${ago(lastErrorAt)}` : ''}` : 'none',
  },
];

export function showEvents(visit) {
  const table = new Table({
    caption: 'Queues of events',
    columns: kColumns,
    key: ({ name }) => name,
    empty: 'There is no queue.',
  });
  const off = card(
    'Events are off',
    h(
      'p',
      {},
      'This server tells nobody who comes and goes. With ',
      h('code', {}, '[events]'),
      ' in its configuration it tells your backend, and this page shows what waits to be told, and why.',
    ),
  );
  const on = card('Queues', table.element);
  on.hidden = off.hidden = true;
  visit.poll(
    kEvery,
    (signal) => get('/api/info', {}, signal),
    ({ events }) => {
      on.hidden = events === undefined;
      off.hidden = events !== undefined;
      table.show(Object.entries(events ?? {}).map(([name, queue]) => ({ name, ...queue })));
    },
  );
  return [off, on];
}
