import { freshId, h, setText } from './dom.js';
import { clock, kNone } from './format.js';
import { Scale } from './scale.js';
import { svgElement } from '/shared/svg.js';

const kHeight = 148;
const kLeft = 56;
const kRight = 8;
const kTop = 8;
const kBottom = 20;
/** Seconds that are shown, and between the lines across. */
const kSpan = 300;
const kStep = 60;
/** Width in pixels below which there is less room for words. */
const kNarrow = 380;
const kTableEvery = 10;

const kMoves = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowUp: 1,
  PageDown: -30,
  PageUp: 30,
  Home: -Infinity,
  End: Infinity,
};

/** Lines of the last five minutes, with axes, values under a crosshair, and the same as a table. */
export class Chart {
  element;
  #title;
  #format;
  #whole;
  #joins;
  #series;
  #svg = svgElement('svg', { 'aria-hidden': 'true', height: kHeight });
  #grid = svgElement('g', { class: 'grid' });
  #cross = svgElement('g', { class: 'cross' });
  #plot;
  #when = h('span', { class: 'when' });
  #empty = h('p', { class: 'hint chart-empty', hidden: true });
  #table;
  #times = [];
  /** The moment that is pointed at, null for none: it stays while time goes on. */
  #pointed = null;
  #width = 480;
  #tableDrawn = 0;

  /**
   * `series`: `{ name, tone }`; `format` makes texts of values; `empty` is said without values; `whole`: see Scale;
   * with `joins`, a line goes on over moments without a value.
   */
  constructor({ title, series, format, whole = false, joins = false, empty = 'Nothing yet.' }) {
    this.#title = title;
    this.#format = format;
    this.#whole = whole;
    this.#joins = joins;
    this.#series = series.map(({ name, tone }) => ({
      name,
      values: [],
      value: h('b', {}, kNone),
      path: svgElement('path', { class: 'line', 'data-tone': tone }),
      area: svgElement('path', { class: 'below', 'data-tone': tone }),
      tone,
    }));
    this.#empty.textContent = empty;
    const id = freshId('chart');
    this.#plot = h(
      'div',
      {
        class: 'graph',
        tabindex: '0',
        role: 'slider',
        'aria-label': `${title}, the last 5 minutes`,
        'aria-valuemin': -kSpan,
        'aria-valuemax': 0,
        'aria-valuenow': 0,
        onpointermove: (event) => this.#pointAt(event),
        onkeydown: (event) => this.#move(event),
        onpointerleave: () => this.#point(null),
        onblur: () => this.#point(null),
        onfocus: () => this.#tellValue(),
      },
      this.#svg,
      this.#empty,
    );
    this.#svg.append(this.#grid, ...this.#series.flatMap(({ area, path }) => [area, path]), this.#cross);
    this.#table = h(
      'details',
      { class: 'as-table', ontoggle: () => this.#drawTable(true) },
      h('summary', {}, 'As a table'),
    );
    this.element = h(
      'figure',
      { class: 'card chart', 'aria-labelledby': id },
      h('figcaption', {}, h('h2', { id }, title), this.#legend()),
      this.#plot,
      this.#table,
    );
    new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width < 1) return;
      this.#width = contentRect.width;
      this.#draw();
    }).observe(this.#plot);
  }

  /** Moments in milliseconds, oldest first, and as many values for each series; null is a gap. */
  show(times, ...values) {
    this.#times = times;
    this.#series.forEach((series, i) => {
      series.values = values[i];
    });
    this.#draw();
    this.#drawTable(false);
  }

  #legend() {
    return h(
      'p',
      { class: 'legend' },
      ...this.#series.map(({ name, tone, value }) => h('span', { class: 'key', 'data-tone': tone }, name, ' ', value)),
      this.#when,
    );
  }

  get #newest() {
    return this.#times.at(-1) ?? 0;
  }

  #scale() {
    const seen = this.#series.flatMap(({ values }) => values).filter((value) => value !== null);
    return new Scale(Math.max(0, ...seen), kTop, kHeight - kBottom, this.#whole);
  }

  #x(time) {
    const inner = this.#width - kLeft - kRight;
    return kLeft + inner * (1 - (this.#newest - time) / 1000 / kSpan);
  }

  #draw() {
    const scale = this.#scale();
    this.#empty.hidden = this.#series.some(({ values }) => values.some((value) => value !== null));
    this.#svg.setAttribute('width', this.#width);
    this.#svg.setAttribute('viewBox', `0 0 ${this.#width} ${kHeight}`);
    this.#drawGrid(scale);
    for (const { values, path, area } of this.#series) {
      const pieces = this.#pieces(values, scale);
      path.setAttribute('d', pieces.map((points) => `M${points.join('L')}`).join(''));
      area.setAttribute('d', pieces.map((points) => this.#closed(points, scale.y(0))).join(''));
    }
    this.#drawCross(scale);
  }

  /** Points `x,y` of values without a gap between them. */
  #pieces(values, scale) {
    const pieces = [];
    let piece = null;
    values.forEach((value, i) => {
      if (value === null || this.#newest - this.#times[i] > kSpan * 1000) {
        if (!this.#joins) piece = null;
        return;
      }
      if (piece === null) pieces.push((piece = []));
      piece.push(`${this.#x(this.#times[i]).toFixed(1)},${scale.y(value).toFixed(1)}`);
    });
    return pieces;
  }

  #closed(points, base) {
    const x = (point) => point.split(',')[0];
    return `M${x(points[0])},${base}L${points.join('L')}L${x(points.at(-1))},${base}Z`;
  }

  #drawGrid(scale) {
    const parts = [];
    const hasValues = this.#empty.hidden;
    for (const tick of scale.ticks()) {
      const y = scale.y(tick);
      parts.push(
        svgElement('line', { x1: kLeft, x2: this.#width - kRight, y1: y, y2: y, class: tick === 0 ? 'base' : 'rule' }),
      );
      if (hasValues) parts.push(this.#label(this.#format(tick), { x: kLeft - 8, y: y + 4, 'text-anchor': 'end' }));
    }
    const step = this.#width < kNarrow ? 2.5 * kStep : kStep;
    for (let seconds = kSpan; seconds >= 0; seconds -= step) {
      const anchor = seconds === 0 ? 'end' : seconds === kSpan ? 'start' : 'middle';
      const text = seconds === 0 ? 'now' : `−${seconds / 60} min`;
      parts.push(
        this.#label(text, { x: this.#x(this.#newest - seconds * 1000), y: kHeight - 4, 'text-anchor': anchor }),
      );
    }
    this.#grid.replaceChildren(...parts);
  }

  #label(text, attributes) {
    const label = svgElement('text', attributes);
    label.textContent = text;
    return label;
  }

  #index() {
    const { length } = this.#times;
    if (this.#pointed === null || length === 0) return length - 1;
    let best = 0;
    this.#times.forEach((time, i) => {
      if (Math.abs(time - this.#pointed) < Math.abs(this.#times[best] - this.#pointed)) best = i;
    });
    return best;
  }

  #drawCross(scale) {
    const index = this.#index();
    for (const { values, value } of this.#series) setText(value, this.#text(values[index]));
    setText(this.#when, this.#pointed === null || index < 0 ? '' : clock(this.#times[index]));
    if (this.#pointed === null || index < 0) {
      this.#cross.replaceChildren();
      return;
    }
    const x = this.#x(this.#times[index]);
    const dots = this.#series
      .filter(({ values }) => (values[index] ?? null) !== null)
      .map(({ values, tone }) =>
        svgElement('circle', { cx: x, cy: scale.y(values[index]), r: 3.5, 'data-tone': tone }),
      );
    this.#cross.replaceChildren(svgElement('line', { x1: x, x2: x, y1: kTop, y2: kHeight - kBottom }), ...dots);
  }

  #text(value) {
    return (value ?? null) === null ? kNone : this.#format(value);
  }

  #point(time) {
    this.#pointed = time;
    this.#drawCross(this.#scale());
    this.#tellValue();
  }

  #pointAt(event) {
    const { left } = this.#svg.getBoundingClientRect();
    const share = (event.clientX - left - kLeft) / (this.#width - kLeft - kRight);
    this.#point(this.#newest - (1 - Math.min(1, Math.max(0, share))) * kSpan * 1000);
  }

  #move(event) {
    if (event.key === 'Escape') this.#point(null);
    if (!(event.key in kMoves) || this.#times.length === 0) return;
    event.preventDefault();
    const index = Math.min(this.#times.length - 1, Math.max(0, this.#index() + kMoves[event.key]));
    this.#point(this.#times[index]);
  }

  /** Only at what a person does: a value that is said once a second would be heard over everything else. */
  #tellValue() {
    const index = this.#index();
    if (index < 0) return;
    const values = this.#series.map(({ name, values: all }) => `${name} ${this.#text(all[index])}`).join(', ');
    this.#plot.setAttribute('aria-valuenow', Math.round((this.#times[index] - this.#newest) / 1000));
    this.#plot.setAttribute('aria-valuetext', `${clock(this.#times[index])}: ${values}`);
  }

  #drawTable(atOnce) {
    if (!this.#table.open || (!atOnce && this.#newest - this.#tableDrawn < kTableEvery * 1000)) return;
    this.#tableDrawn = this.#newest;
    const rows = [];
    for (let i = this.#times.length - 1; i >= 0; i -= kTableEvery) {
      rows.push(
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, clock(this.#times[i])),
          ...this.#series.map(({ values }) => h('td', { class: 'numeric' }, this.#text(values[i]))),
        ),
      );
    }
    const heads = ['Time', ...this.#series.map(({ name }) => name)];
    const table = h(
      'table',
      {},
      h('caption', { class: 'visually-hidden' }, `${this.#title}, every ${kTableEvery} seconds`),
      h(
        'thead',
        {},
        h('tr', {}, ...heads.map((name, i) => h('th', { scope: 'col', class: i > 0 ? 'numeric' : null }, name))),
      ),
      h('tbody', {}, ...rows),
    );
    this.#table.querySelector('.scrolled')?.remove();
    this.#table.append(
      h('div', { class: 'scrolled', tabindex: '0', role: 'group', 'aria-label': `${this.#title} as a table` }, table),
    );
  }
}
