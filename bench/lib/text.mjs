/** Pieces of Markdown. */

/** Three digits that count, thousands apart. */
export function format(value) {
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return Math.round(Number(value.toPrecision(3))).toLocaleString('en-US');
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

export const spread = ({ median, min, max }) => `${format(median)} (${format(min)}–${format(max)})`;

export const paragraph = (...lines) => lines.join(' ');

export function table(head, rows) {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
