/** Numbers and times in words. */
import { describeBytes } from '/shared/words.js';

const kWhole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const kTenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** What stands where there is no value. */
export const kNone = '–';

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

/** `12,345`. */
export function count(value) {
  return isNumber(value) ? kWhole.format(value) : kNone;
}

/** `1 client`, `12,345 clients`. */
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** How many a second: `0.4`, `12.5`, `3,400`. */
export function rate(value) {
  if (!isNumber(value)) return kNone;
  return value < 100 ? kTenth.format(value) : kWhole.format(value);
}

export function bytes(value) {
  return isNumber(value) ? describeBytes(Math.round(value)) : kNone;
}

/** Seconds as `85 µs`, `1.2 ms`, `3.4 s`. */
export function shortTime(seconds) {
  if (!isNumber(seconds)) return kNone;
  if (seconds < 1e-3) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  return `${seconds.toFixed(1)} s`;
}

/** Seconds as people say them: `8 s`, `4 min`, `3 h 20 min`, `12 d`. */
export function duration(seconds) {
  if (!isNumber(seconds)) return kNone;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 100) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** The time of day of a moment in milliseconds or as text, `07:12:03`. */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString('en-GB');
}

function written(time) {
  const milliseconds = Date.parse(time ?? '');
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

/** How long ago an ISO 8601 time was, or how long until it: `4 min ago`, `in 3 h`. */
export function ago(time) {
  const then = written(time);
  if (then === null) return kNone;
  const seconds = (Date.now() - then) / 1000;
  return seconds >= -1 ? `${duration(Math.max(0, seconds))} ago` : `in ${duration(-seconds)}`;
}

/** Both the day and the time of an ISO 8601 time, where the reader is. */
export function moment(time) {
  const then = written(time);
  return then === null ? kNone : new Date(then).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}
