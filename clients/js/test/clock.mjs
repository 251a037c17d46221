/** Returns after what has been queued meanwhile; a timer would take a millisecond, and nested ones four. */
export function turn() {
  if (globalThis.setImmediate) return new Promise((resolve) => { setImmediate(resolve); });
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** Time that goes on when it is told to; a client uses of it what it would use of the world. */
export class FakeClock {
  #now = 1_000_000;
  #timers = new Map();
  #next = 1;
  /** What `random` gives, one after the other, then 0.5. */
  chance = [];

  now = () => this.#now;
  Date = { now: this.now };
  Math = { random: () => this.chance.shift() ?? 0.5 };
  setTimeout = (run, ms) => {
    const timer = this.#next;
    this.#next += 1;
    this.#timers.set(timer, { due: this.#now + ms, run });
    return timer;
  };
  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  /** How many timers run. */
  get running() {
    return this.#timers.size;
  }

  /** Milliseconds until each of them, in order. */
  get due() {
    return [...this.#timers.values()].map(({ due }) => due - this.#now).sort((a, b) => a - b);
  }

  /** Lets so much time pass, timers firing on the way, each in a turn of its own. */
  async advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      let next;
      for (const [timer, { due }] of this.#timers) {
        if (due <= end && !(next && this.#timers.get(next).due <= due)) next = timer;
      }
      if (!next) break;
      const { due, run } = this.#timers.get(next);
      this.#now = Math.max(this.#now, due);
      this.#timers.delete(next);
      run();
      await turn();
    }
    this.#now = end;
  }

  /** Lets the next timer fire. */
  next() {
    return this.advance(Math.max(this.due[0] ?? 0, 0));
  }

  /** Lets time pass asleep: what was due fires at the end, late. */
  async sleep(ms) {
    this.#now += ms;
    await this.advance(0);
  }
}
