import { get } from './api.js';
import { cardWith, field, h, setText } from './dom.js';
import { counted, kNone } from './format.js';
import { rulesTrial } from './rules-trial.js';
import { Table } from './table.js';

const kEvery = 10_000;

const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

function shownValue({ value, secret, instead }) {
  if (secret) return h('span', { class: 'hint' }, 'hidden: it is a secret');
  if (value === null) return h('span', { class: 'hint' }, instead ?? 'not set');
  return h('code', {}, text(value) || '""');
}

const kColumns = [
  { name: 'Key', cell: ({ key }) => h('code', {}, key), sort: ({ key }) => key },
  {
    name: 'Value',
    cell: shownValue,
  },
  { name: 'From', cell: ({ source }) => source ?? kNone, sort: ({ source }) => source },
];

export function showConfiguration(visit) {
  const table = new Table({
    caption: 'Values of the configuration',
    columns: kColumns,
    key: ({ key }) => key,
    empty: 'No key is like that.',
    order: { column: 'Key', down: false },
    stacks: true,
  });
  const wanted = h('input', { type: 'search', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off' });
  const changed = h('input', { type: 'checkbox' });
  const number = h('p', { class: 'hint' });
  let values = [];
  const draw = () => {
    const shown = values.filter(
      ({ key, source }) =>
        key.includes(wanted.value.trim()) && (!changed.checked || (source ?? 'default') !== 'default'),
    );
    table.show(shown);
    setText(number, `${shown.length} of ${counted(values.length, 'value')}`);
  };
  visit.poll(
    kEvery,
    (signal) => get('/api/config', {}, signal),
    (answer) => {
      ({ values } = answer);
      draw();
    },
  );
  return [
    rulesTrial(visit),
    cardWith(
      'In force',
      [number],
      h(
        'form',
        { class: 'search', role: 'search', oninput: draw, onsubmit: (event) => event.preventDefault() },
        field('Key contains', wanted),
        h('label', { class: 'check' }, changed, ' Without defaults'),
      ),
      table.element,
    ),
  ];
}
