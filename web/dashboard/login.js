import { signIn, signOut } from './api.js';
import { duration } from './format.js';
import { field, h } from './dom.js';
import { session } from './session.js';

function wordsFor(error) {
  if (error.status === 401) return 'The server does not know this key. It is one of [[api.keys]] in its configuration.';
  if (error.status === 429) {
    const wait = error.retryAfter ? `in ${duration(error.retryAfter)}` : 'in a minute';
    return `Too many wrong keys came from this address. Try again ${wait}; a right one gets in at once.`;
  }
  return `${error.message}.`;
}

/** Asks for a key of the API, over whatever page there is, and goes when there is a session. */
export class Login {
  #key = h('input', {
    type: 'password',
    required: true,
    autocomplete: 'current-password',
    spellcheck: 'false',
    'aria-describedby': 'login-problem',
  });
  #problem = h('p', { class: 'problem', id: 'login-problem', role: 'alert' });
  #lead = h('p', { class: 'hint' });
  #submit = h('button', { type: 'submit', class: 'button primary' }, 'Sign in');
  #dialog;

  constructor() {
    const form = h(
      'form',
      { onsubmit: (event) => this.#send(event) },
      h('img', { src: '/shared/favicon.svg', alt: '', width: '40', height: '40' }),
      h('h1', { id: 'login-title' }, 'Sign in to Hearth'),
      this.#lead,
      field('API key', this.#key),
      this.#problem,
      this.#submit,
    );
    this.#dialog = h(
      'dialog',
      {
        class: 'login',
        'aria-labelledby': 'login-title',
        oncancel: (event) => event.preventDefault(),
        onclose: () => this.#show(),
      },
      form,
    );
    document.body.append(this.#dialog);
    session.addEventListener('change', () => this.#show());
  }

  #show() {
    const wanted = session.isKnown && !session.isUsable;
    if (wanted && !this.#dialog.open) {
      this.#lead.textContent = session.hasEnded
        ? 'Your session has ended. Sign in again; the page behind this stays where it is.'
        : 'With a key that the configuration has in [[api.keys]]. Nothing is shown without.';
      this.#problem.textContent = '';
      this.#dialog.showModal();
      this.#key.focus();
    } else if (!wanted && this.#dialog.open) {
      this.#key.value = '';
      this.#dialog.close();
    }
  }

  async #send(event) {
    event.preventDefault();
    this.#submit.disabled = true;
    this.#problem.textContent = '';
    try {
      await this.#enter();
    } catch (error) {
      this.#problem.textContent = wordsFor(error);
    }
    this.#submit.disabled = false;
    if (this.#dialog.open) this.#key.select();
  }

  async #enter() {
    const answer = await signIn(this.#key.value);
    if (answer.allow && !answer.allow.includes('read')) {
      await signOut();
      this.#problem.textContent = `The key ${answer.name} may not read, and there is nothing else to see here.`;
      return;
    }
    session.take(answer);
  }
}
