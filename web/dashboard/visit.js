import { h, setText } from './dom.js';
import { session } from './session.js';

const kAgainAfter = 3_000;

/** Resolves when the page can be seen and the server be asked; rejects when `signal` aborts. */
function untilUseful(signal) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (signal.aborted) reject(signal.reason);
      else if (document.visibilityState === 'visible' && session.isUsable) resolve();
      else return;
      document.removeEventListener('visibilitychange', look);
      session.removeEventListener('change', look);
      signal.removeEventListener('abort', look);
    };
    document.addEventListener('visibilitychange', look);
    session.addEventListener('change', look);
    signal.addEventListener('abort', look);
    look();
  });
}

/** One look at one page: everything that it has begun ends when another page is shown. */
export class Visit {
  #ending = new AbortController();
  /** Where a page says that it could not be brought up to date. */
  notice = h('p', { class: 'notice', hidden: true });

  get signal() {
    return this.#ending.signal;
  }

  end() {
    this.#ending.abort();
  }

  /** Calls `react` for each event of that name, as long as the visit lasts. */
  on(target, name, react) {
    target.addEventListener(name, react, { signal: this.signal });
  }

  /**
   * Loads and shows, again and again, `every` milliseconds after the last time; one request at a time, none while
   * nobody looks. What cannot be loaded is said in the notice, and what was shown stays. Returns a function that loads
   * at once.
   */
  poll(every, load, show) {
    let wake = () => {};
    const pause = (time) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, time);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    let asked = 0;
    const run = async () => {
      while (!this.signal.aborted) {
        await untilUseful(this.signal);
        asked += 1;
        const turn = asked;
        const worked = await this.#once(load, (answer) => turn === asked && show(answer));
        if (turn === asked) await pause(worked ? every : kAgainAfter);
      }
    };
    run().catch((error) => {
      if (!this.signal.aborted) throw error;
    });
    return () => {
      asked += 1;
      wake();
    };
  }

  async #once(load, show) {
    try {
      const answer = await load(this.signal);
      if (this.signal.aborted) return true;
      this.notice.hidden = true;
      show(answer);
      return true;
    } catch (error) {
      if (this.signal.aborted || error.isSignedOut) return false;
      if (error.status === undefined) throw error;
      this.#say(error);
      return false;
    }
  }

  #say(error) {
    const again = error.status === 403 ? '' : ' Asked again every few seconds.';
    setText(this.notice, `${error.message}.${again}`);
    this.notice.hidden = false;
  }
}
