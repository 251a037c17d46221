import { svgElement } from './shared/svg.js';

const kWidth = 120;
const kHeight = 32;
/** Points a plot shows: the seconds of a minute, or the last sixty measurements. */
export const kPoints = 60;

/** A small line plot with a caption, its present value and a remark, drawn into an empty `figure`. */
export class Plot {
  #line = svgElement('polyline', { class: 'plot-line', 'vector-effect': 'non-scaling-stroke' });
  #area = svgElement('polygon', { class: 'plot-area' });
  #value = document.createElement('strong');
  #remark = document.createElement('span');
  #svg = svgElement('svg', { viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: 'none', role: 'img' });
  #name;

  constructor(figure, name) {
    this.#name = name;
    const caption = document.createElement('figcaption');
    const title = document.createElement('span');
    title.textContent = name;
    this.#remark.className = 'plot-remark';
    caption.append(title, this.#value, this.#remark);
    this.#svg.append(this.#area, this.#line);
    figure.append(caption, this.#svg);
  }

  /** Draws `values` (at most kPoints, newest last) from zero up; `value` and `remark` are texts. */
  draw(values, value, remark) {
    const top = Math.max(...values, Number.MIN_VALUE);
    const step = kWidth / (kPoints - 1);
    const first = kWidth - (values.length - 1) * step;
    const height = (v) => kHeight - 2 - (v / top) * (kHeight - 4);
    const points = values.map((v, i) => `${(first + i * step).toFixed(1)},${height(v).toFixed(1)}`);
    this.#line.setAttribute('points', points.join(' '));
    const corners = [`${kWidth},${kHeight}`, `${first.toFixed(1)},${kHeight}`];
    this.#area.setAttribute('points', values.length > 1 ? [...points, ...corners].join(' ') : '');
    this.#value.textContent = value;
    this.#remark.textContent = remark;
    this.#svg.setAttribute('aria-label', `${this.#name}: ${value}${remark ? `, ${remark}` : ''}`);
  }
}

/** The last kPoints numbers. */
export class Series {
  values = [];

  push(value) {
    this.values.push(value);
    if (this.values.length > kPoints) this.values.shift();
  }

  get last() {
    return this.values.at(-1);
  }

  get highest() {
    return Math.max(...this.values);
  }

  get median() {
    return [...this.values].sort((a, b) => a - b)[this.values.length >> 1];
  }
}
