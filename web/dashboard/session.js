import { askSession, signedOut, signOut } from './api.js';

/** Who the page acts for, and what the server lets them do. Tells of `change`. */
class Session extends EventTarget {
  /** The answer of `/api/session`; null before the first. */
  #known = null;
  #ended = false;

  constructor() {
    super();
    signedOut.addEventListener('signedout', () => this.#end());
  }

  get isKnown() {
    return this.#known !== null;
  }

  /** True where the server has no keys: who reaches it may do everything. */
  get isOpen() {
    return this.#known?.keys === false;
  }

  /** Requests make sense. */
  get isUsable() {
    return !this.#ended && (this.isOpen || this.#known?.signedIn === true);
  }

  /** There was a session, and it is over. */
  get hasEnded() {
    return this.#ended;
  }

  get name() {
    return this.#known?.name ?? '';
  }

  may(right) {
    return this.isOpen || (this.#known?.allow ?? ['publish', 'control', 'read']).includes(right);
  }

  /** Why something cannot be done, as a sentence; null if it can. */
  reasonAgainst(right) {
    if (this.may(right)) return null;
    const allowed = this.#known.allow.join(' and ');
    return `The key ${this.name} may only ${allowed}; this needs a key that is allowed to ${right}.`;
  }

  /** Asks the server anew; throws what the request throws. */
  async ask(signal) {
    this.take(await askSession(signal));
  }

  take(answer) {
    const was = this.#known?.signedIn === true;
    this.#known = answer;
    this.#ended = answer.keys && !answer.signedIn && (was || this.#ended);
    this.#tell();
  }

  async leave() {
    await signOut();
    this.#known = { keys: true, signedIn: false };
    this.#ended = false;
    this.#tell();
  }

  #end() {
    if (this.#ended || this.isOpen) return;
    this.#ended = this.#known?.signedIn === true;
    this.#known = { ...this.#known, keys: true, signedIn: false };
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

export const session = new Session();
