/** Plots as SVG: bars with the spread of the rounds, and lines over the number of clients. */
import { format } from './text.mjs';

const kWidth = 760;
const kFont = 'font-family="system-ui, sans-serif" font-size="13"';
const kInk = '#212529';
const kFaint = '#ced4da';
const kLabelWidth = 150;
const kValueWidth = 150;
const kBarHeight = 18;
const kBarStep = 26;

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const at = (number) => Number(number.toFixed(1));

const text = (x, y, content, more = '') =>
  `<text x="${at(x)}" y="${at(y)}" fill="${kInk}" ${more}>${escape(content)}</text>`;
const line = (x1, y1, x2, y2, colour, width = 1) =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${colour}" stroke-width="${width}"/>`;

function svg(height, title, parts) {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${kWidth} ${height}" width="${kWidth}" height="${height}" ` +
    `role="img" ${kFont}>\n<title>${escape(title)}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n` +
    `${parts.join('\n')}\n</svg>\n`
  );
}

/** The next of 1, 2, 5, 10, 20 … above a value. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value);
}

function bar(one, top, scale) {
  const middle = top + kBarHeight / 2;
  const end = kLabelWidth + scale(one.median);
  const spread = [kLabelWidth + scale(one.min), kLabelWidth + scale(one.max)];
  return [
    text(kLabelWidth - 8, middle + 4, one.name, 'text-anchor="end"'),
    `<rect x="${kLabelWidth}" y="${at(top)}" width="${at(end - kLabelWidth)}" height="${kBarHeight}" fill="${one.colour}"/>`,
    line(spread[0], middle, spread[1], middle, kInk, 1.5),
    ...spread.map((x) => line(x, middle - 4, x, middle + 4, kInk, 1.5)),
    text(spread[1] + 8, middle + 4, one.label),
  ];
}

/** `panels`: `{ title, bars: [{ name, colour, label, median, min, max }] }`, each with a scale of its own from 0. */
export function barChart(title, panels) {
  const parts = [];
  let y = 12;
  for (const panel of panels) {
    parts.push(text(kLabelWidth, y + 14, panel.title, 'font-weight="600"'));
    y += 26;
    const most = Math.max(...panel.bars.map(({ max }) => max)) || 1;
    const scale = (value) => (value / most) * (kWidth - kLabelWidth - kValueWidth);
    const bottom = y + panel.bars.length * kBarStep - (kBarStep - kBarHeight);
    parts.push(line(kLabelWidth, y - 2, kLabelWidth, bottom + 2, kFaint));
    for (const one of panel.bars) {
      parts.push(...bar(one, y, scale));
      y += kBarStep;
    }
    y += 12;
  }
  return svg(y, title, parts);
}

/** `series`: `{ name, colour, points: [{ x, median, min, max }] }`; both axes begin at 0. */
export function lineChart(title, { series, x: xTitle, y: yTitle }) {
  const [left, right, top, bottom] = [60, kWidth - 130, 40, 320];
  const points = series.flatMap((one) => one.points);
  const xMost = Math.max(...points.map(({ x }) => x));
  const yMost = niceAbove(Math.max(...points.map(({ max }) => max)));
  const px = (x) => left + (x / xMost) * (right - left);
  const py = (y) => bottom - (y / yMost) * (bottom - top);
  const parts = [
    text(left, top - 16, yTitle, 'font-weight="600"'),
    text(right, bottom + 36, xTitle, 'text-anchor="end"'),
  ];
  for (let i = 0; i <= 5; i += 1) {
    const value = (yMost * i) / 5;
    parts.push(line(left, py(value), right, py(value), kFaint));
    parts.push(text(left - 8, py(value) + 4, format(value), 'text-anchor="end"'));
  }
  for (const x of new Set(points.map((point) => point.x))) {
    parts.push(text(px(x), bottom + 18, x.toLocaleString('en-US'), 'text-anchor="middle"'));
  }
  const labels = spreadOut(
    series.map(({ points: own }) => py(own[own.length - 1].median)),
    16,
  );
  series.forEach(({ name, colour, points: own }, i) => {
    const path = own.map((point) => `${at(px(point.x))},${at(py(point.median))}`).join(' ');
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const point of own) {
      parts.push(line(px(point.x), py(point.min), px(point.x), py(point.max), colour, 1.5));
      parts.push(`<circle cx="${at(px(point.x))}" cy="${at(py(point.median))}" r="3.5" fill="${colour}"/>`);
    }
    parts.push(`<rect x="${right + 12}" y="${at(labels[i] - 5)}" width="10" height="10" fill="${colour}"/>`);
    parts.push(text(right + 28, labels[i] + 4, name));
  });
  return svg(bottom + 50, title, parts);
}

/** Moves what is closer than `distance` apart, downwards. */
function spreadOut(places, distance) {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  const moved = [...places];
  for (let i = 1; i < order.length; i += 1) {
    moved[order[i]] = Math.max(moved[order[i]], moved[order[i - 1]] + distance);
  }
  return moved;
}
