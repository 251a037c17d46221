/** Time and chance; tests bring their own. */
export interface Clock {
  /** Milliseconds. They go on while the computer sleeps. */
  now(): number;
  /** From 0 up to, and without, 1. */
  random(): number;
  set(ms: number, run: () => void): unknown;
  clear(timer: any): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  set: (ms, run) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer),
};

/** A timer so late was set before the page, or the computer, slept. */
const kOverslept = 5000;
const kLongest = 2 ** 31 - 1;

/** Timers by a key each, of which none is left behind. */
export class Timers {
  readonly clock_: Clock;
  running_ = new Map<unknown, unknown>();
  #overslept: (ms: number) => void;

  /** `overslept` is told by how much a timer was late. */
  constructor(clock: Clock, overslept: (ms: number) => void) {
    this.clock_ = clock;
    this.#overslept = overslept;
  }

  /**
   * Runs `run` after `ms`, in place of what ran under that key. A timer that `judges` whether something took too long
   * begins anew, once, if it is far too late: then it was this side that slept, and what it waits for may be in the queue.
   */
  start_(key: unknown, ms: number, run: () => void, judges = true): void {
    this.stop_(key);
    if (ms === Infinity) return;
    const clock = this.clock_;
    const due = clock.now() + ms;
    this.running_.set(key, clock.set(Math.min(ms, kLongest), () => {
      this.running_.delete(key);
      const late = clock.now() - due;
      if (late < kOverslept) return run();
      if (judges) this.start_(key, ms, run, false);
      this.#overslept(late);
      if (!judges) run();
    }));
  }

  stop_(key: unknown): void {
    this.clock_.clear(this.running_.get(key));
    this.running_.delete(key);
  }

  /** Stops those of the connection, whose keys are names. */
  stopNamed_(): void {
    for (const key of this.running_.keys()) if (typeof key === 'string') this.stop_(key);
  }
}
