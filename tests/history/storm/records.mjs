/** What the parties write down, for tests/history/checker. */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';

export class Records {
  #lines = [];
  #file;
  #begin = process.hrtime.bigint();
  #beginInEpoch = Date.now();

  constructor(file) {
    this.#file = file;
  }

  now() {
    return Number((process.hrtime.bigint() - this.#begin) / 1000n) + 1;
  }

  /** Of a time in ms of the epoch. */
  at(time) {
    return Math.max(1, Math.round((time - this.#beginInEpoch) * 1000));
  }

  /** `at` is now, unless it is given. */
  add(kind, fields) {
    this.#lines.push(JSON.stringify({ at: this.now(), kind, ...fields }));
  }

  write() {
    appendFileSync(this.#file, `${this.#lines.splice(0).join('\n')}\n`);
  }
}

/** Of the data of a publication, as `hash`. */
export const digest = (data) => createHash('sha1').update(JSON.stringify(data)).digest('base64');
