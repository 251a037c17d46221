import { act, rightButton } from './act.js';
import { get, segment } from './api.js';
import { cardWith, facts, h, named, setText, visible } from './dom.js';
import { bytes, count, counted, kNone, moment } from './format.js';
import { Table } from './table.js';
import { indented } from '/shared/json-text.js';

const kEvery = 3_000;
const kShown = 20;

/** What was published, shown once it is asked for: it may be nobody's business who only looks at how busy a room is. */
function payload({ data }) {
  if (data === undefined) return 'none';
  const text = JSON.stringify(data);
  const whole = h('pre', {});
  return h(
    'details',
    { ontoggle: () => setText(whole, indented(text)) },
    h('summary', {}, `Show ${bytes(new TextEncoder().encode(text).length)}`),
    whole,
  );
}

const kColumns = [
  { name: 'Offset', numeric: true, cell: ({ offset }) => count(offset), sort: ({ offset }) => offset },
  { name: 'Published', whole: true, cell: ({ time }) => moment(time) },
  { name: 'Event', cell: ({ event }) => named(event) },
  { name: 'From', cell: ({ from }) => (from ? named(from.userId ?? from.id) : kNone) },
  { name: 'Key', cell: ({ key }) => (key === undefined ? kNone : named(key)) },
  { name: 'Data', cell: ({ shown }) => shown },
];

/** The newest publications of a log. What has been read once is not read again. */
class Newest {
  #path;
  #log = null;

  constructor(room) {
    this.#path = `/api/rooms/${segment(room)}/history`;
  }

  forget() {
    this.#log = null;
  }

  /** Resolves to `{ epoch, offset, first, publications }`, the newest publication first. */
  async read(signal) {
    const known = this.#log;
    const query = known ? { after: known.offset, limit: kShown } : { limit: kShown };
    let log = await get(this.#path, query, signal);
    const follows = known?.epoch === log.epoch && log.offset - known.offset <= log.publications.length;
    if (known && !follows) log = await get(this.#path, { limit: kShown }, signal);
    const fresh = log.publications.map((one) => ({ ...one, shown: payload(one) })).reverse();
    const publications = follows ? [...fresh, ...known.publications] : fresh;
    this.#log = {
      ...log,
      publications: publications.filter(({ offset }) => offset >= log.first).slice(0, kShown),
    };
    return this.#log;
  }
}

function forgetHistory(room, then) {
  act({
    title: 'Forget what this room has kept?',
    verb: 'Forget',
    effect: async (signal) => {
      const { offset, first } = await get(`/api/rooms/${segment(room)}/history`, { limit: 1 }, signal);
      return (
        `Has the ${counted(offset + 1 - first, 'publication')} that the room ${visible(room)} has kept forgotten, on ` +
        'every instance. Clients that come back are told that what they missed is lost. That cannot be undone.'
      );
    },
    request: () => ({ path: `/api/rooms/${segment(room)}/history` }),
    done: () => `Forgot what the room ${visible(room)} had kept.`,
    then,
  });
}

/**
 * What a room that remembers has kept; hidden until `know(rule)` is told that it does. `again` reads it at once.
 */
export function historyCard(visit, room) {
  const newest = new Newest(room);
  const about = h('div', { class: 'above' });
  const table = new Table({
    caption: 'The newest publications of the room',
    columns: kColumns,
    key: ({ epoch, offset }) => `${epoch} ${offset}`,
    empty: 'It has kept nothing.',
    order: { column: 'Offset', down: true },
  });
  const forget = rightButton('control', 'Forget…', () => forgetHistory(room, again), { tone: 'small danger' });
  const element = cardWith('History', [forget], about, table.element);
  element.hidden = true;
  const again = visit.poll(
    kEvery,
    (signal) => (element.hidden ? null : newest.read(signal)),
    (log) => {
      if (log === null) return;
      const kept = log.offset + 1 - log.first;
      about.replaceChildren(
        facts([
          ['Newest offset', count(log.offset)],
          ['Oldest kept', kept > 0 ? count(log.first) : kNone],
          ['Kept', counted(kept, 'publication')],
          ['Epoch', h('code', {}, log.epoch)],
        ]),
      );
      table.show(log.publications);
    },
  );
  const know = (rule) => {
    const remembers = rule?.history !== undefined;
    if (remembers !== element.hidden) return;
    element.hidden = !remembers;
    newest.forget();
    if (remembers) again();
  };
  return { element, know, again };
}
