import { act, rightButton, rightNote } from './act.js';
import { getFromAll, post } from './api.js';
import { showOutcome } from './announce.js';
import { card, h, setText, visible } from './dom.js';
import { ago, count, counted, kNone } from './format.js';
import { here } from './here.js';
import { live } from './live.js';
import { Table } from './table.js';

const kEvery = 5_000;
/** Answers come within two seconds; clocks that differ less cannot be told from slow answers. */
const kNotableSkew = 2;

/** How far a node's clock is ahead of the first one's, in seconds; null where it does not say. */
function skewOf(node, reference) {
  const [time, other] = [Date.parse(node.time ?? ''), Date.parse(reference?.time ?? '')];
  return Number.isNaN(time) || Number.isNaN(other) ? null : (time - other) / 1000;
}

function shownSkew(skew) {
  if (skew === null) return kNone;
  if (Math.abs(skew) < kNotableSkew) return 'same';
  return `${Math.abs(skew).toFixed(1)} s ${skew > 0 ? 'ahead' : 'behind'}`;
}

function stateOf(node) {
  if (node.answered === false) return 'no answer';
  return node.draining ? 'draining' : 'runs';
}

const columns = [
  { name: 'Node', cell: ({ name, id }) => visible(name ?? id ?? '?'), sort: ({ name }) => name },
  { name: 'State', cell: stateOf, sort: stateOf },
  { name: 'Version', cell: ({ version }) => version ?? kNone, sort: ({ version }) => version },
  { name: 'Started', cell: ({ startedAt }) => ago(startedAt), sort: ({ startedAt }) => startedAt },
  { name: 'Clients', numeric: true, cell: ({ clients }) => count(clients), sort: ({ clients }) => clients },
  {
    name: 'Connections',
    numeric: true,
    cell: ({ connections }) => count(connections),
    sort: ({ connections }) => connections,
  },
  { name: 'Broker', cell: ({ broker }) => broker ?? 'none', sort: ({ broker }) => broker },
  { name: 'Clock', cell: ({ skew }) => shownSkew(skew), sort: ({ skew }) => skew },
];

/** The nodes of an answer; a server without a broker knows of itself alone, and says more of that outside the list. */
function nodesOf(info) {
  const nodes = info.nodes ?? [{ answered: true }];
  const whole = nodes.length === 1 ? nodes.map((node) => ({ ...info, ...node })) : nodes;
  return whole.map((node) => ({ ...node, skew: skewOf(node, whole[0]) }));
}

function drain() {
  act({
    title: 'Drain this instance?',
    verb: 'Drain',
    effect: async () =>
      `${here.name} takes no new clients, sends its ${counted(live.last?.clients ?? 0, 'client')} to others, ` +
      'and ends. That cannot be undone.',
    request: () => ({ path: '/api/drain', body: {} }),
    done: () => `${here.name} drains.`,
  });
}

async function reload() {
  try {
    const { changed } = await post('/api/reload', {});
    showOutcome(changed.length > 0 ? `Read anew: ${changed.join(', ')}.` : 'Read anew: nothing has changed.');
  } catch (error) {
    showOutcome(`Nothing has changed: ${error.message}.`, 'bad');
  }
}

export function showNodes(visit, head) {
  const table = new Table({
    caption: 'Nodes',
    columns,
    key: ({ id, name }) => `${id ?? ''} ${name ?? ''}`,
    empty: 'No node has answered.',
  });
  const scope = h('p', { class: 'hint' });
  visit.poll(
    kEvery,
    (signal) => getFromAll('/api/info', {}, signal),
    (info) => {
      const nodes = nodesOf(info);
      table.show(nodes);
      const answered = nodes.filter((node) => node.answered !== false).length;
      const silent = nodes.length - answered;
      setText(
        scope,
        info.onlyHere
          ? 'Only this instance can be asked.'
          : `${counted(answered, 'node')} answered${silent > 0 ? `, ${silent} did not` : ''}`,
      );
    },
  );
  head.append(scope);
  return [
    card('Nodes', table.element),
    card(
      'This instance',
      h('p', { class: 'hint' }, 'What is done here is done by the instance that this page comes from.'),
      h(
        'div',
        { class: 'form-actions' },
        rightButton('control', 'Read the configuration anew', reload),
        rightButton('control', 'Drain…', () => drain(), { tone: 'danger' }),
      ),
      rightNote('control'),
    ),
  ];
}
