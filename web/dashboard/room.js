import { rightNote } from './act.js';
import { get, segment } from './api.js';
import { clientColumns, disconnectColumn } from './client-table.js';
import { cardWith, facts, h, setText, visible } from './dom.js';
import { bytes, count, kNone, rate } from './format.js';
import { publishBox } from './publish-box.js';
import { historyCard } from './room-history.js';
import { presenceCard } from './room-presence.js';
import { ruleFacts } from './room-rule.js';
import { Pages, Table } from './table.js';
import { watchPanel } from './watch-panel.js';

const kEvery = 3_000;
const kMostBusy = 256;

/** What goes to a room a second; it is known of the busiest alone. */
async function busyness(room, signal) {
  const read = async (by) =>
    (await get('/api/top', { by, limit: kMostBusy }, signal)).top.find((one) => one.room === room)?.value ?? 0;
  const [messages, size] = await Promise.all([read('rooms.messages'), read('rooms.bytes')]);
  return { messages, size };
}

export function showRoom(visit, head, room) {
  const known = h('div', {});
  const history = historyCard(visit, room);
  const presence = presenceCard(visit, room);
  const memberCount = h('p', { class: 'hint' });
  const { id, user, backlog, address, since } = clientColumns;
  const table = new Table({
    caption: 'Members of the room on this instance',
    empty: 'Nobody of this instance is in it.',
    key: (row) => row.id,
    columns: [id, user, backlog, address, since, disconnectColumn(() => again())],
  });
  let last = {};
  const load = async (after, limit, signal) => {
    last = await get(`/api/rooms/${segment(room)}`, { limit, after }, signal);
    return { rows: last.clients, next: last.next };
  };
  const pages = new Pages({ load, show: (rows) => table.show(rows) });
  let busy = null;
  const draw = () => {
    if (last.members === undefined) return;
    known.replaceChildren(
      facts([
        ['Members here', count(last.members)],
        ['Messages', busy ? `${rate(busy.messages)} a second` : kNone],
        ['Bytes', busy ? `${bytes(busy.size)} a second` : kNone],
        ...ruleFacts(last.rule),
      ]),
    );
  };
  const again = visit.poll(kEvery, pages.refresh, (page) => {
    pages.take(page);
    setText(memberCount, count(last.members));
    history.know(last.rule);
    presence.know(last.rule);
    draw();
  });
  visit.poll(
    kEvery,
    (signal) => busyness(room, signal),
    (now) => {
      busy = now;
      draw();
    },
  );
  return [
    h(
      'div',
      { class: 'halves' },
      h(
        'div',
        { class: 'stack' },
        cardWith('Now', [], known),
        publishBox('Publish', { room }, `the room ${visible(room)}`, history.again),
      ),
      watchPanel(visit, room),
    ),
    history.element,
    presence.element,
    cardWith('Members', [memberCount], rightNote('control'), table.element, pages.element),
  ];
}
