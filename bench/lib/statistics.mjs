/** Medians and spreads of what the rounds gave. */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median, and from where to where the rounds went; null if there are none. */
export function summarise(values) {
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length };
}

/** Of one server to another, round by round; rounds that one of them has not are left out. */
export function summariseRatios(ofRounds, toRounds) {
  const ratios = [];
  for (const [round, value] of ofRounds) {
    if (toRounds.get(round) > 0) ratios.push(value / toRounds.get(round));
  }
  return summarise(ratios);
}

/** Whether two spreads have values in common. */
export function overlap(a, b) {
  return a.min <= b.max && b.min <= a.max;
}

/** The samples of a run by case, server and figure. */
export class Samples {
  #samples;
  #figures;

  constructor(samples, figures) {
    this.#samples = samples.filter((sample) => sample.result);
    this.#figures = figures;
  }

  /** Round to value. */
  rounds(caseId, server, figure) {
    const { of } = this.#figures[figure];
    const own = this.#samples.filter((sample) => sample.case === caseId && sample.server === server);
    return new Map(own.map((sample) => [sample.round, of(sample.result)]));
  }

  summary(caseId, server, figure) {
    return summarise([...this.rounds(caseId, server, figure).values()]);
  }

  ratio(figure, [ofCase, ofServer], [toCase, toServer]) {
    return summariseRatios(this.rounds(ofCase, ofServer, figure), this.rounds(toCase, toServer, figure));
  }
}
