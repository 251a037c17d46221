/** Time and chance: those of the runtime, as here, or those of tests. */
export type Clock = {
  /** Milliseconds. They go on while the computer sleeps. */
  readonly Date: { now(): number };
  readonly Math: { random(): number };
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: any): void;
};

/** A timer so late was set before the page, or the computer, slept. */
const kOverslept = 5000;
/** What is to run later than runtimes can tell does not run. */
const kLongest = 2 ** 31;

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

  now_(): number {
    return this.clock_.Date.now();
  }

  /**
   * Runs `run` after `ms`, in place of what ran under that key. A timer that `judges` whether something took too long
   * begins anew, once, if it is far too late: then it was this side that slept, and what it waits for may be in the queue.
   */
  start_(key: unknown, ms: number, run: () => void, judges = true): void {
    this.stop_(key);
    if (ms >= kLongest) return;
    const due = this.now_() + ms;
    this.running_.set(key, this.clock_.setTimeout(() => {
      this.running_.delete(key);
      const late = this.now_() - due;
      if (late < kOverslept) return run();
      if (judges) this.start_(key, ms, run, false);
      this.#overslept(late);
      if (!judges) run();
    }, ms));
  }

  stop_(key: unknown): void {
    this.clock_.clearTimeout(this.running_.get(key));
    this.running_.delete(key);
  }

  /** Stops those of the connection, whose keys are names. */
  stopNamed_(): void {
    for (const key of this.running_.keys()) if (typeof key === 'string') this.stop_(key);
  }
}
