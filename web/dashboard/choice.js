import { h } from './dom.js';

/** Links of which one is where one is: `{ title, place, isHere }` each. */
export function choice(label, options) {
  return h(
    'nav',
    { class: 'choice', 'aria-label': label },
    h(
      'ul',
      {},
      ...options.map(({ title, place, isHere }) =>
        h('li', {}, h('a', { href: place, 'aria-current': isHere ? 'true' : null }, title)),
      ),
    ),
  );
}
