import { post } from './api.js';
import { card, field, h, named, setText } from './dom.js';

const kOutcomes = {
  allowed: ['good', '✓ Allowed.'],
  refused: ['bad', '✕ Refused.'],
  ask: ['', '? Your backend is asked.'],
};
const kConditions = { holds: '✓', fails: '✕', asks: '?' };

function condition({ condition: name, outcome, detail }) {
  return h(
    'li',
    {},
    `${kConditions[outcome] ?? ''} ${outcome}: `,
    h('code', {}, named(name)),
    detail ? `: ${detail}` : '',
  );
}

/** What a rule that was looked at says, with its conditions. */
function looked({ rule, name, detail, conditions = [] }) {
  const title = h('span', {}, `Rule ${rule} `, name ? h('code', {}, named(name)) : '', detail ? `: ${detail}` : '');
  return h(
    'li',
    {},
    title,
    conditions.length > 0 ? h('ul', { class: 'conditions' }, ...conditions.map(condition)) : null,
  );
}

function verdict({ allowed, outcome, rule, pattern, detail, rules = [] }) {
  const [tone, word] = kOutcomes[outcome] ?? kOutcomes[allowed ? 'allowed' : 'refused'];
  const decides = pattern
    ? h('span', {}, `Rule ${rule}, for `, h('code', {}, named(pattern)), ', decides.')
    : `Rule ${rule} decides.`;
  return [
    h(
      'p',
      {},
      h('strong', { 'data-tone': tone }, word),
      ' ',
      (rule ?? null) === null ? 'No rule is about this room.' : decides,
    ),
    h('p', {}, detail ?? ''),
    rules.length > 0 ? h('ol', { class: 'looked' }, ...rules.map(looked)) : '',
  ];
}

/** Asks the rules of the server what they say of somebody and a room, without anybody having to try it. */
export function rulesTrial(visit) {
  const text = (value) => h('input', { value, spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off' });
  const [user, room] = [text('ann'), text('')];
  room.required = true;
  const claims = h('textarea', { rows: '1', spellcheck: 'false', autocapitalize: 'off', value: '{}' });
  const action = h('select', {}, h('option', { value: 'join' }, 'join'), h('option', { value: 'publish' }, 'publish'));
  const problem = h('p', { class: 'problem', role: 'alert' });
  const result = h('div', { class: 'verdict', role: 'status' });
  const read = () => {
    try {
      return JSON.parse(claims.value || '{}');
    } catch (error) {
      throw new Error(`Claims are no JSON: ${error.message}`, { cause: error });
    }
  };
  const attempt = async (event) => {
    event.preventDefault();
    setText(problem, '');
    try {
      const body = { user: user.value, claims: read(), room: room.value, action: action.value };
      result.replaceChildren(...verdict(await post('/api/rules/test', body, visit.signal)));
    } catch (error) {
      result.replaceChildren();
      setText(problem, `${error.message}.`);
    }
  };
  return card(
    'Rules tried out',
    h('p', { class: 'hint' }, 'Which rule decides, and why. Nothing is done, and nobody is told.'),
    h(
      'form',
      { class: 'filter', 'aria-label': 'Rules tried out', onsubmit: attempt, oninput: () => result.replaceChildren() },
      field('User', user),
      field('May they', action),
      field('Room', room),
      field('With the claims, as JSON', claims),
      h('button', { type: 'submit', class: 'button' }, 'Try'),
    ),
    problem,
    result,
  );
}
