/** Doing something that cannot be undone: it is asked for first, with whom it concerns. */
import { del, post } from './api.js';
import { showOutcome } from './announce.js';
import { curlLine } from './curl.js';
import { field, freshId, h, setText } from './dom.js';
import { session } from './session.js';

/** What an answer leaves to be said: other instances may not know yet. */
export function postscript(answer) {
  if (answer.broker === 'degraded') return ' Other instances will be told when Redis is back.';
  if (answer.broker === 'unable') return ' Other instances cannot be told: Redis forbids the channel for it.';
  return '';
}

/** A line for a terminal, with a button that copies it where pages may. */
export function curlBox() {
  const line = h('code', {});
  const copy = h(
    'button',
    {
      type: 'button',
      class: 'button small',
      hidden: !navigator.clipboard,
      onclick: async () => {
        await navigator.clipboard.writeText(line.textContent).catch(() => {});
        setText(copy, 'Copied');
      },
    },
    'Copy',
  );
  const box = h(
    'div',
    { class: 'curl' },
    h('p', { class: 'hint' }, 'The same from a terminal'),
    h('div', { class: 'curl-line' }, line, copy),
  );
  const show = (path, body) => {
    setText(line, curlLine(path, body));
    setText(copy, 'Copy');
  };
  return { box, show };
}

/**
 * Asks, and does it if the answer is yes.
 *
 * - `title`, `verb`: what the dialog and its button say
 * - `effect(signal)`: resolves to a text that says what it does, to how many and where; until then it cannot be done
 * - `fields`: name to `{ label, control, read? }`; `read` makes a value of the control's text
 * - `request(values)`: the path and body to post; without a body, the path is what is deleted
 * - `done(values)`: what is said afterwards
 */
export function act({ title, verb, effect, fields = {}, request, done, then = () => {} }) {
  const ending = new AbortController();
  const titleId = freshId('title');
  const effectText = h('p', { class: 'effect', role: 'status' }, 'Finding out whom this concerns…');
  const problem = h('p', { class: 'problem', role: 'alert' });
  const { box, show } = curlBox();
  const go = h('button', { type: 'submit', class: 'button danger', disabled: true }, verb);
  const cancel = h('button', { type: 'button', class: 'button' }, 'Cancel');
  const values = () =>
    Object.fromEntries(
      Object.entries(fields).map(([name, { control, read }]) => [name, read ? read(control.value) : control.value]),
    );
  const refresh = () => {
    const { path, body } = request(values());
    show(path, body && JSON.stringify(body));
  };
  const form = h(
    'form',
    { oninput: refresh },
    h('h2', { id: titleId }, title),
    effectText,
    ...Object.values(fields).map(({ label, control }) => field(label, control)),
    box,
    problem,
    h('div', { class: 'dialog-actions' }, cancel, go),
  );
  const dialog = h(
    'dialog',
    {
      class: 'act',
      'aria-labelledby': titleId,
      onclose: () => {
        ending.abort();
        dialog.remove();
      },
    },
    form,
  );
  cancel.addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    go.disabled = true;
    const used = values();
    const { path, body } = request(used);
    try {
      const answer = await (body ? post(path, body) : del(path));
      dialog.close();
      showOutcome(done(used) + postscript(answer));
      then();
    } catch (error) {
      setText(problem, `${error.message}.`);
      go.disabled = false;
    }
  });
  document.body.append(dialog);
  refresh();
  dialog.showModal();
  cancel.focus();
  effect(ending.signal).then(
    (what) => {
      effectText.replaceChildren(what);
      go.disabled = false;
    },
    (error) => {
      if (ending.signal.aborted) return;
      setText(
        effectText,
        error.status === 404 ? 'It has gone already.' : `Whom this concerns is not known: ${error.message}.`,
      );
      go.disabled = error.status === 404;
    },
  );
}

/** A button for something that needs a right, disabled without it. */
export function rightButton(right, label, onclick, { tone = '' } = {}) {
  return h('button', { type: 'button', class: `button ${tone}`.trim(), disabled: !session.may(right), onclick }, label);
}

/** Why buttons of this right are disabled, as text beside them; null if they are not. */
export function rightNote(right) {
  const reason = session.reasonAgainst(right);
  return reason === null ? null : h('p', { class: 'hint reason' }, reason);
}
