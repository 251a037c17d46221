import { indented, topLevelMembers } from './shared/json-text.js';
import { describeBytes } from './shared/words.js';

/** How many frames are kept and shown; older ones go. */
const kLimit = 1000;
/** How much of one frame is kept. */
const kMostText = 64 * 1024;
const kMostSummary = 300;
const kHousekeeping = new Set(['ack', 'heartbeat']);

/** A plain element with text in it. Text off the wire gets into the page through here alone, never as HTML. */
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

const two = (value) => String(value).padStart(2, '0');

function clockTime(at) {
  const millis = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${millis}`;
}

/** What of a frame goes into its one line: its sender where it has one, and its data. */
function summarise({ text, envelope, cut }) {
  const from = envelope?.from?.userId ?? envelope?.from?.id;
  const whole = envelope && !cut;
  const data = whole ? topLevelMembers(text).get('data') ?? '' : text;
  return { from: typeof from === 'string' ? from : null, data: data.slice(0, kMostSummary) };
}

/**
 * The list of frames: a ring of `kLimit` lines, drawn at most once an animation frame however many frames come, with a
 * filter and a pause. Newest at the bottom; it follows the newest unless the reader has scrolled up.
 */
export class FrameLog {
  #list;
  #pending = [];
  #drawing = false;
  #paused = false;
  #missed = 0;
  #filter = { text: '', kind: 'all' };
  #shown = 0;
  #follow = true;
  #onChange;

  /** `onChange` gets {kept, shown, paused, missed, following} after each drawing. */
  constructor(list, onChange) {
    this.#list = list;
    this.#onChange = onChange;
    list.addEventListener('click', (event) => this.#toggle(event.target.closest('.line')));
    list.addEventListener('keydown', (event) => this.#onKey(event));
    list.addEventListener('scroll', () => this.#onScroll(), { passive: true });
  }

  addFrame(frame) {
    this.#add({ ...frame, kind: frame.direction, at: new Date() });
  }

  addNote(text) {
    this.#add({ kind: 'note', text, at: new Date() });
  }

  clear() {
    this.#pending = [];
    this.#missed = 0;
    this.#shown = 0;
    this.#follow = true;
    this.#list.replaceChildren();
    this.#report();
  }

  setPaused(paused) {
    this.#paused = paused;
    if (!paused) this.#missed = 0;
    this.#schedule();
  }

  /** `filter`: {text, kind}, either may be absent; `kind` is `all`, `in`, `out` or `quiet` (no acks, no heartbeats). */
  setFilter(filter) {
    this.#filter = { ...this.#filter, ...filter, text: (filter.text ?? this.#filter.text).toLowerCase() };
    this.#shown = 0;
    for (const row of this.#list.children) {
      row.hidden = !this.#accepts(row.entry);
      if (!row.hidden) this.#shown += 1;
    }
    if (this.#follow) this.jumpToLatest();
    this.#report();
  }

  jumpToLatest() {
    this.#follow = true;
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#report();
  }

  #add(entry) {
    entry.cut = entry.text.length > kMostText;
    if (entry.cut) entry.text = entry.text.slice(0, kMostText);
    if (entry.sealed) entry.sealed = entry.sealed.slice(0, kMostText);
    this.#pending.push(entry);
    if (this.#pending.length > 2 * kLimit) this.#pending.splice(0, this.#pending.length - kLimit);
    if (this.#paused) this.#missed += 1;
    this.#schedule();
  }

  #schedule() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      if (!this.#paused) this.#draw();
      this.#report();
    });
  }

  #draw() {
    const entries = this.#pending.slice(-kLimit);
    this.#pending = [];
    const surplus = this.#list.children.length + entries.length - kLimit;
    for (let removed = 0; removed < surplus; removed += 1) {
      if (!this.#list.firstChild.hidden) this.#shown -= 1;
      this.#list.firstChild.remove();
    }
    const rows = document.createDocumentFragment();
    for (const entry of entries) rows.append(this.#row(entry));
    this.#list.append(rows);
    if (this.#follow) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #row(entry) {
    const row = element('li', `row ${entry.kind}`);
    row.entry = entry;
    row.hidden = !this.#accepts(entry);
    if (!row.hidden) this.#shown += 1;
    row.append(entry.kind === 'note' ? noteLine(entry) : frameLine(entry));
    return row;
  }

  #accepts({ kind, text, envelope }) {
    const { text: wanted, kind: show } = this.#filter;
    if (wanted !== '' && !text.toLowerCase().includes(wanted)) return false;
    if (kind === 'note' || show === 'all') return true;
    return show === 'quiet' ? !kHousekeeping.has(envelope?.event) : kind === show;
  }

  #toggle(line) {
    if (!line) return;
    const row = line.parentElement;
    const open = line.getAttribute('aria-expanded') !== 'true';
    line.setAttribute('aria-expanded', String(open));
    if (open) {
      row.append(details(row.entry));
      row.scrollIntoView({ block: 'nearest' });
    } else {
      row.lastChild.remove();
    }
  }

  /** Arrow keys walk through the lines, so that the list is one stop of the tab key and not a thousand. */
  #onKey(event) {
    const lines = [...this.#list.querySelectorAll('.row:not([hidden]) > .line')];
    const here = lines.indexOf(document.activeElement);
    const target = {
      ArrowDown: here < 0 ? lines.length - 1 : Math.min(here + 1, lines.length - 1),
      ArrowUp: here < 0 ? lines.length - 1 : Math.max(here - 1, 0),
      Home: 0,
      End: lines.length - 1,
    }[event.key];
    if (target === undefined || lines.length === 0) return;
    event.preventDefault();
    lines[target].focus();
  }

  #onScroll() {
    const { scrollTop, clientHeight, scrollHeight } = this.#list;
    const atEnd = scrollHeight - scrollTop - clientHeight < 24;
    if (atEnd === this.#follow) return;
    this.#follow = atEnd;
    this.#report();
  }

  #report() {
    this.#onChange({
      kept: this.#list.children.length,
      shown: this.#shown,
      paused: this.#paused,
      missed: this.#missed,
      following: this.#follow,
    });
  }
}

function noteLine({ at, text }) {
  const line = element('p', 'note-line');
  line.append(element('time', 'time', clockTime(at)), element('span', 'note-text', text));
  return line;
}

function frameLine(entry) {
  const { from, data } = summarise(entry);
  const line = element('button', 'line');
  line.type = 'button';
  line.tabIndex = -1;
  line.setAttribute('aria-expanded', 'false');
  const received = entry.kind === 'in';
  const arrow = element('span', 'arrow', received ? '↓' : '↑');
  arrow.setAttribute('aria-hidden', 'true');
  line.append(
    element('time', 'time', clockTime(entry.at)),
    arrow,
    element('span', 'visually-hidden', received ? 'received' : 'sent'),
    element('span', 'event', entry.envelope?.event ?? (entry.binary ? 'binary' : 'text')),
  );
  const words = element('span', 'data');
  if (entry.sealed) words.append(element('span', 'sealed', 'encrypted'));
  if (from) words.append(element('span', 'from', from));
  words.append(data);
  line.append(words, element('span', 'size', describeBytes(entry.bytes)));
  return line;
}

function details({ text, bytes, envelope, binary, cut, sealed }) {
  const block = element('pre', 'details', envelope && !cut ? indented(text) : text);
  if (cut) block.append(element('span', 'cut', `\n… the rest of ${describeBytes(bytes)} is not kept`));
  if (binary) block.append(element('span', 'cut', '\n(a binary message)'));
  if (sealed) block.append(element('span', 'cut', '\n\nOn the wire:\n'), sealed);
  return block;
}
