import { withQuery } from './api.js';
import { cardWith, h, named, setText } from './dom.js';
import { clock, count, counted } from './format.js';
import { Stream } from './stream.js';
import { indented } from '/shared/json-text.js';

const kShown = 200;

const kStates = {
  open: 'Watching. What is published shows up here.',
  lost: 'The stream broke; it is opened again.',
  paused: 'Paused while the page is hidden.',
};

function line({ time, event, data, from }) {
  const text = data === undefined ? '' : JSON.stringify(data);
  const sender = from?.userId ?? from?.id;
  const words = h(
    'span',
    { class: 'watch-line' },
    h('time', {}, clock(time)),
    named(event),
    sender === undefined ? null : h('span', { class: 'hint' }, 'from ', named(sender)),
  );
  if (text.length < 60) return h('li', {}, words, h('code', {}, text));
  const start = h('summary', {}, h('code', {}, `${text.slice(0, 56)}…`));
  return h('li', {}, words, h('details', {}, start, h('pre', {}, indented(text))));
}

/** Shows what is published into a room while it is looked at. */
export function watchPanel(visit, room) {
  const list = h('ol', { class: 'watched', tabindex: '0', 'aria-label': 'Publications, the newest first' });
  const state = h('p', { class: 'hint', role: 'status' }, 'Shows each publication as it arrives, up to 100 a second.');
  const button = h('button', { type: 'button', class: 'button small', 'aria-pressed': 'false' }, 'Watch');
  let stream = null;
  let seen = 0;
  const add = (item) => {
    list.prepend(item);
    if (list.children.length > kShown) list.lastChild.remove();
  };
  const stop = (why) => {
    stream?.end();
    stream = null;
    setText(button, 'Watch');
    button.setAttribute('aria-pressed', 'false');
    setText(state, why);
  };
  const start = () => {
    setText(button, 'Stop');
    button.setAttribute('aria-pressed', 'true');
    setText(state, 'Opening…');
    stream = new Stream(withQuery('/api/watch', { room }), {
      signal: visit.signal,
      state: (now, why) => (now === 'refused' ? stop(`It cannot be watched: ${why}.`) : setText(state, kStates[now])),
      on: {
        publication: (publication) => {
          seen += 1;
          add(line(publication));
        },
        counted: (more) => {
          seen += more.count;
          add(h('li', { class: 'hint' }, `and ${count(more.count)} more in this second, which were only counted`));
        },
        ended: ({ detail }) => stop(`The server has ended it: ${detail}`),
      },
    });
  };
  button.addEventListener('click', () => {
    if (stream) stop(`Stopped after ${counted(seen, 'publication')}.`);
    else start();
  });
  return cardWith('Watch', [button], state, list);
}
