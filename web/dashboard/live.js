import { get } from './api.js';
import { Stream } from './stream.js';

/** Samples that are kept: five minutes of them. */
const kKept = 300;

/** How much a counter has grown a second; null if the server was started anew in between, or has no such counter. */
function growth(before, after, seconds) {
  if (before === undefined || after === undefined || seconds <= 0 || after < before) return null;
  return (after - before) / seconds;
}

const sum = (counters) => Object.values(counters ?? {}).reduce((total, value) => total + value, 0);

/** What the server says of itself once a second. Tells of `sample` and of `state`: `open`, `lost`, `paused`. */
class Live extends EventTarget {
  /** Oldest first. */
  samples = [];
  state = 'paused';
  #stream = null;

  /** Begins; after that, it is there as long as the page is. */
  start() {
    this.#stream ??= new Stream('/api/live', {
      on: { sample: (sample) => this.#add(sample) },
      state: (state) => this.#become(state),
      opening: async () => this.#fill((await get('/api/samples')).samples),
    });
  }

  get last() {
    return this.samples.at(-1) ?? null;
  }

  /** Moments of the samples, in milliseconds. */
  times() {
    return this.samples.map(({ time }) => Date.parse(time));
  }

  /** A gauge over time; null where it does not exist. */
  values(read) {
    return this.samples.map((sample) => read(sample) ?? null);
  }

  /** A counter over time, as what it has grown a second. */
  rates(read) {
    const times = this.times();
    return this.samples.map((sample, i) => {
      if (i === 0) return null;
      return growth(read(this.samples[i - 1]), read(sample), (times[i] - times[i - 1]) / 1000);
    });
  }

  drops() {
    return this.rates(({ drops }) => sum(drops));
  }

  /** Drops of the last five minutes by reason, the most frequent first. */
  dropsByReason() {
    const first = this.samples[0]?.drops ?? {};
    return Object.entries(this.last?.drops ?? {})
      .map(([reason, total]) => ({ reason, total, lately: Math.max(0, total - (first[reason] ?? 0)) }))
      .sort((a, b) => b.lately - a.lately || b.total - a.total);
  }

  #fill(samples) {
    this.samples = samples.slice(-kKept);
    if (samples.length > 0) this.dispatchEvent(new Event('sample'));
  }

  #add(sample) {
    if (this.last && Date.parse(sample.time) <= Date.parse(this.last.time)) return;
    this.samples.push(sample);
    if (this.samples.length > kKept) this.samples.shift();
    this.dispatchEvent(new Event('sample'));
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }
}

export const live = new Live();
