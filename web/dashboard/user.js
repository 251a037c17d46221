import { act, rightButton, rightNote } from './act.js';
import { get, getFromAll, segment } from './api.js';
import { clientColumns, disconnectColumn } from './client-table.js';
import { card, h, setText, visible } from './dom.js';
import { counted, moment } from './format.js';
import { here } from './here.js';
import { publishBox } from './publish-box.js';
import { Table } from './table.js';

const kEvery = 3_000;

const find = (user, signal) => getFromAll(`/api/users/${segment(user)}`, {}, signal);

/** Where clients are, in words: on which nodes, as far as that is known. */
function placesOf({ clients, nodes, onlyHere }) {
  const names = [...new Set(clients.map(({ node }) => node).filter(Boolean))].map(visible);
  const silent = (nodes ?? []).filter(({ answered }) => !answered).map(({ name, id }) => visible(name ?? id ?? '?'));
  const on = names.length > 0 ? ` on ${names.join(', ')}` : ` on ${here.name}`;
  if (onlyHere) return `${on}, and on other instances whatever there is`;
  return silent.length > 0 ? `${on}, and whatever is on ${silent.join(', ')}, which did not answer` : on;
}

/** `2 connections of ann on fra-1`. */
function whatOf(user, found) {
  return `${counted(found.clients.length, 'connection')} of ${visible(user)}${placesOf(found)}`;
}

function disconnectAll(user, then) {
  act({
    title: 'Disconnect this user?',
    verb: 'Disconnect',
    effect: async (signal) => {
      const found = await find(user, signal);
      return `Closes ${whatOf(user, found)}. They may connect again.`;
    },
    fields: {
      code: {
        label: 'Close code',
        control: h('input', { type: 'number', min: '1000', max: '4999', value: '4010', required: true }),
        read: Number,
      },
      reason: {
        label: 'Reason',
        control: h('input', { value: 'Disconnected', required: true, maxlength: '123', autocomplete: 'off' }),
      },
    },
    request: (values) => ({ path: '/api/disconnect', body: { user, ...values } }),
    done: () => `Disconnected ${visible(user)}.`,
    then,
  });
}

const kTimes = [
  ['1h', '1 hour'],
  ['12h', '12 hours'],
  ['1d', '1 day'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['400d', '400 days, the longest'],
];

function block(user, then) {
  act({
    title: 'Block this user?',
    verb: 'Block',
    effect: async (signal) => {
      const found = await find(user, signal);
      return `Closes ${whatOf(user, found)}, and lets nobody in as ${visible(user)} until then.`;
    },
    fields: {
      for: { label: 'For', control: h('select', {}, ...kTimes.map(([value, words]) => h('option', { value }, words))) },
    },
    request: (values) => ({ path: '/api/block', body: { user, ...values } }),
    done: () => `Blocked ${visible(user)}.`,
    then,
  });
}

function unblock(user, then) {
  act({
    title: 'Let this user in again?',
    verb: 'Unblock',
    effect: async () => `${visible(user)} may connect again at once, on every instance.`,
    request: () => ({ path: '/api/unblock', body: { user } }),
    done: () => `${visible(user)} may connect again.`,
    then,
  });
}

export function showUser(visit, head, user) {
  const blocked = h('p', { class: 'notice', hidden: true });
  const { id, node, state, address, backlog, rooms, since } = clientColumns;
  const table = new Table({
    caption: 'Clients of the user',
    empty: 'Nobody is connected as this user.',
    key: (row) => row.id,
    columns: [id, node, state, backlog, rooms, address, since, disconnectColumn(() => again())],
  });
  const scope = h('p', { class: 'hint' });
  const unblockButton = rightButton('control', 'Unblock…', () => unblock(user, () => again()));
  unblockButton.hidden = true;
  const load = async (signal) => {
    const [found, { blocks }] = await Promise.all([find(user, signal), get('/api/blocks', {}, signal)]);
    return { found, block: blocks.find((one) => one.user === user) };
  };
  const again = visit.poll(kEvery, load, ({ found, block: present }) => {
    table.show(found.clients.map((client) => ({ node: here.name, ...client })));
    setText(scope, `${counted(found.clients.length, 'client')}${placesOf(found)}`);
    blocked.hidden = unblockButton.hidden = present === undefined;
    if (present) setText(blocked, `Blocked until ${moment(present.until)}.`);
  });
  head.append(
    scope,
    h(
      'div',
      { class: 'tools' },
      unblockButton,
      rightButton('control', 'Disconnect…', () => disconnectAll(user, () => again())),
      rightButton('control', 'Block…', () => block(user, () => again()), { tone: 'danger' }),
    ),
  );
  return [
    blocked,
    rightNote('control') ?? '',
    card('Clients', table.element),
    publishBox('Send to this user', { user }, `the user ${visible(user)}`),
  ];
}
