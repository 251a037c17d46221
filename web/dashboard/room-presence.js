import { get, segment } from './api.js';
import { cardWith, h, named, setText, visible } from './dom.js';
import { counted, kNone } from './format.js';
import { clientPlace, userPlace } from './place.js';
import { Pages, Table } from './table.js';

const kEvery = 3_000;

const kColumns = [
  {
    name: 'Client',
    cell: ({ id }) => h('a', { href: clientPlace(id), class: 'mono' }, named(id)),
    sort: ({ id }) => id,
  },
  {
    name: 'User',
    cell: ({ user }) => (user === undefined ? kNone : h('a', { href: userPlace(user) }, named(user))),
    sort: ({ user }) => user ?? '',
  },
  {
    name: 'What others see of it',
    cell: ({ info }) => (info === undefined ? kNone : h('code', {}, visible(JSON.stringify(info)))),
  },
];

/** Who is in a room on all instances, as its members are told; hidden until `know(rule)` is told that they are. */
export function presenceCard(visit, room) {
  const numbers = h('p', { class: 'hint' });
  const stale = h(
    'p',
    { class: 'notice', hidden: true },
    'This instance is cut off from the others: of their members it says what it last knew.',
  );
  const table = new Table({
    caption: 'Members of the room on all instances',
    columns: kColumns,
    key: ({ id }) => id,
    empty: 'Nobody is in it.',
  });
  const unnamed = h('p', { class: 'hint', hidden: true }, 'Members are told how many there are, and not who.');
  let last = {};
  const load = async (after, limit, signal) => {
    last = await get(`/api/rooms/${segment(room)}/presence`, { limit, after }, signal);
    return { rows: last.members ?? [], next: last.next };
  };
  const pages = new Pages({ load, show: (rows) => table.show(rows) });
  const element = cardWith('Presence', [numbers], stale, unnamed, table.element, pages.element);
  element.hidden = true;
  const again = visit.poll(
    kEvery,
    (signal) => (element.hidden ? null : pages.refresh(signal)),
    (page) => {
      if (page === null) return;
      pages.take(page);
      setText(numbers, `${counted(last.clients, 'client')} of ${counted(last.users, 'user')}`);
      unnamed.hidden = last.members !== undefined;
      table.element.hidden = last.members === undefined;
      stale.hidden = last.stale !== true;
    },
  );
  const know = (rule) => {
    const tells = (rule?.presence ?? 'off') !== 'off';
    if (tells !== element.hidden) return;
    element.hidden = !tells;
    if (tells) again();
  };
  return { element, know };
}
