const kSteps = [1, 2, 2.5, 4, 5, 10];

/** A vertical axis from zero up to a round number that nothing exceeds. */
export class Scale {
  #top;
  #upper;
  #lower;

  /**
   * `highest` value to be shown; the axis goes from the pixel `lower` up to `upper`. Where values are `whole`, so are
   * the numbers beside it.
   */
  constructor(highest, upper, lower, whole = false) {
    const magnitude = 10 ** Math.floor(Math.log10(highest || 1));
    const tops = kSteps.map((step) => step * magnitude).filter((top) => !whole || top % 2 === 0);
    this.#top = highest > 0 ? tops.find((top) => top >= highest * 0.999) : 1;
    if (whole) this.#top = Math.max(this.#top, 2);
    this.#upper = upper;
    this.#lower = lower;
  }

  y(value) {
    return this.#lower - (value / this.#top) * (this.#lower - this.#upper);
  }

  ticks() {
    return [0, this.#top / 2, this.#top];
  }
}
