import { post } from './api.js';
import { showOutcome } from './announce.js';
import { curlBox, postscript, rightNote } from './act.js';
import { card, field, h, setText } from './dom.js';
import { count } from './format.js';
import { session } from './session.js';

/** Why a text is no JSON, or null. */
function problemOf(text) {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `Data is no JSON: ${error.message}`;
  }
}

/** The body as text: numbers of twenty digits go out as they were written. */
const bodyOf = (target, event, data) => `${JSON.stringify({ ...target, event }).slice(0, -1)},"data":${data.trim()}}`;

/** Where a publication has come to lie, if its room remembers. */
function placeIn(positions = {}) {
  const [position] = Object.values(positions);
  return position ? ` It is at offset ${count(position.offset)}.` : '';
}

/**
 * Where a message can be sent from: `target` is `{ room }`, `{ user }` or `{ client }`, `whom` says it in words; `then`
 * is called when it was.
 */
export function publishBox(title, target, whom, then = () => {}) {
  const event = h('input', {
    value: 'message',
    required: true,
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
  });
  const data = h('textarea', { rows: '3', spellcheck: 'false', autocapitalize: 'off', value: '{"text":"Hello"}' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const { box, show } = curlBox();
  const send = h('button', { type: 'submit', class: 'button primary', disabled: !session.may('publish') }, 'Publish');
  const refresh = () => {
    setText(problem, '');
    show('/api/publish', bodyOf(target, event.value, problemOf(data.value) ? 'null' : data.value));
  };
  const submit = async (submitted) => {
    submitted.preventDefault();
    const wrong = problemOf(data.value);
    setText(problem, wrong ?? '');
    if (wrong) return;
    try {
      const answer = await post('/api/publish', bodyOf(target, event.value, data.value));
      showOutcome(`Sent ${event.value} to ${whom}.${placeIn(answer.positions)}${postscript(answer)}`);
      then();
    } catch (error) {
      setText(problem, `${error.message}.`);
    }
  };
  refresh();
  return card(
    title,
    h(
      'form',
      { class: 'publish', 'aria-label': title, oninput: refresh, onsubmit: submit },
      field('Event', event),
      field('Data, as JSON', data),
      problem,
      h('div', { class: 'form-actions' }, send),
      rightNote('publish'),
      h('details', { class: 'more-curl' }, h('summary', {}, 'From a terminal'), box),
    ),
  );
}
