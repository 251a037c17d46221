import { get } from './api.js';

const kAtOnce = 4;
const kGoodFor = 10_000;

/** What is known of each of a list of names, asked one by one: a few at a time, and each again only after a while. */
export class Details {
  #path;
  #changed;
  #signal;
  #known = new Map();
  #waiting = [];
  #running = 0;

  /** `path(name)` is where it is asked; `changed` is called when more is known. */
  constructor(path, changed, signal) {
    this.#path = path;
    this.#changed = changed;
    this.#signal = signal;
  }

  of(name) {
    return this.#known.get(name)?.answer ?? null;
  }

  /** These are shown now, the others are forgotten. */
  want(names) {
    for (const name of this.#known.keys()) if (!names.includes(name)) this.#known.delete(name);
    const now = Date.now();
    this.#waiting = names.filter((name) => now - (this.#known.get(name)?.at ?? 0) > kGoodFor);
    while (this.#running < kAtOnce && this.#waiting.length > 0) this.#next();
  }

  async #next() {
    const name = this.#waiting.shift();
    if (name === undefined) return;
    this.#running += 1;
    const known = { at: Date.now(), answer: this.of(name) };
    this.#known.set(name, known);
    try {
      known.answer = await get(...this.#path(name), this.#signal);
      this.#changed();
    } catch {
      // It has gone, or the server has; who shows the list says so.
    }
    this.#running -= 1;
    this.#next();
  }
}
