/** What a room is, in words. */
import { count, counted, duration, kNone } from './format.js';
import { named } from './dom.js';

const kPresence = { off: 'nobody is told who is there', count: 'members are told how many', members: 'members are told who' };
const kSlow = {
  drop: 'drop: what does not fit is dropped',
  close: 'close: they are closed with 1013',
  gap: 'gap: they are told how much they have missed',
  latest: 'latest: they get the newest of each key',
  catch_up: 'catch up: they get everything once they read again',
};

const slowOf = (rule) => rule?.slowConsumer ?? 'drop';

/** Pairs for `facts`; without a rule, a room is like any other. */
export function ruleFacts(rule) {
  const { history, presence = 'off' } = rule ?? {};
  return [
    rule ? ['Rule', named(rule.name)] : null,
    ['History', history ? `${counted(history.size, 'publication')} for ${duration(history.ttlSeconds)}` : 'keeps none'],
    history ? ['Coming back', history.recover ? 'to where they were' : 'to what is new alone'] : null,
    ['Presence', kPresence[presence] ?? presence],
    ['Slow clients', kSlow[slowOf(rule)] ?? slowOf(rule)],
  ];
}

/** Columns for rows with a `rule`. */
export const ruleColumns = [
  {
    name: 'History',
    whole: true,
    cell: ({ rule }) =>
      rule?.history ? `${count(rule.history.size)} for ${duration(rule.history.ttlSeconds)}` : kNone,
    sort: ({ rule }) => rule?.history?.size ?? 0,
  },
  {
    name: 'Presence',
    cell: ({ rule }) => ((rule?.presence ?? 'off') === 'off' ? kNone : rule.presence),
    sort: ({ rule }) => rule?.presence ?? 'off',
  },
  {
    name: 'Slow clients',
    cell: ({ rule }) => slowOf(rule).replace('_', ' '),
    sort: (row) => slowOf(row.rule),
  },
];
