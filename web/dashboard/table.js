import { h, setText } from './dom.js';

function fill(cell, content) {
  if (content instanceof Node) {
    if (!cell.firstChild?.isEqualNode?.(content)) cell.replaceChildren(content);
  } else if (cell.firstElementChild) {
    cell.replaceChildren(content);
  } else {
    setText(cell, content);
  }
}

const kCompare = new Intl.Collator('en', { numeric: true }).compare;

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === null ? -1 : 1;
  return kCompare(String(a), String(b));
}

/**
 * A table with a caption, whose rows keep their elements while what is in them changes, so that neither the focus nor a
 * selection is lost.
 *
 * - `caption`: what is in it, always there for screen readers
 * - `columns`: `{ name, cell(row) }`, which gives a text or a node; `sort(row)`, a number or text, makes the column
 *   sortable; `numeric` sets it to the right; `whole` keeps it on one line; `hidden` leaves its name to screen readers
 * - `key(row)`: what tells rows apart
 * - `empty`: what it says without rows
 * - `order`: `{ column, down }` that the rows come in
 * - `stacks`: whether a row becomes a block on a small screen
 */
export class Table {
  element;
  #columns;
  #key;
  #order;
  #rows = [];
  #lines = new Map();
  #body = h('tbody', { role: 'rowgroup' });
  #headers;
  #empty;
  #caption;

  constructor({ caption, columns, key, empty, order = null, stacks = columns.length > 3 }) {
    this.#columns = columns;
    this.#key = key;
    this.#order = order && { column: columns.find(({ name }) => name === order.column), down: order.down };
    this.#headers = columns.map((column) => this.#header(column));
    this.#empty = h('p', { class: 'hint empty' }, empty);
    this.#caption = h('caption', { class: 'visually-hidden' }, caption);
    // The roles are what a table has anyway, but not where a small screen shows its rows as blocks.
    this.element = h(
      'div',
      { class: stacks ? 'table-frame stacks' : 'table-frame' },
      h(
        'table',
        { role: 'table' },
        this.#caption,
        h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...this.#headers)),
        this.#body,
      ),
      this.#empty,
    );
    this.#markOrder();
    this.#empty.hidden = true;
  }

  setCaption(caption) {
    setText(this.#caption, caption);
  }

  show(rows) {
    this.#rows = rows;
    this.#draw();
  }

  #header(column) {
    const attributes = { role: 'columnheader', scope: 'col', class: column.numeric ? 'numeric' : null };
    if (column.hidden) return h('th', attributes, h('span', { class: 'visually-hidden' }, column.name));
    if (!column.sort) return h('th', attributes, column.name);
    return h(
      'th',
      { ...attributes, 'data-sortable': true },
      h(
        'button',
        { type: 'button', class: 'sort', onclick: () => this.#sortBy(column) },
        column.name,
        h('span', { class: 'arrow', 'aria-hidden': 'true' }),
      ),
    );
  }

  #sortBy(column) {
    const down = this.#order?.column === column ? !this.#order.down : column.numeric === true;
    this.#order = { column, down };
    this.#markOrder();
    this.#draw();
  }

  #markOrder() {
    this.#columns.forEach((column, i) => {
      if (this.#order?.column === column)
        this.#headers[i].setAttribute('aria-sort', this.#order.down ? 'descending' : 'ascending');
      else this.#headers[i].removeAttribute('aria-sort');
    });
  }

  #ordered() {
    const { column, down } = this.#order ?? {};
    if (!column?.sort) return this.#rows;
    return this.#rows.toSorted((a, b) => (down ? -1 : 1) * compare(column.sort(a), column.sort(b)));
  }

  #draw() {
    const rows = this.#ordered();
    const present = new Set(rows.map(this.#key));
    for (const [key, line] of this.#lines) {
      if (present.has(key)) continue;
      line.remove();
      this.#lines.delete(key);
    }
    rows.forEach((row, i) => {
      const line = this.#line(row);
      if (this.#body.children[i] !== line) this.#body.insertBefore(line, this.#body.children[i] ?? null);
    });
    this.#empty.hidden = rows.length > 0;
  }

  #line(row) {
    const key = this.#key(row);
    let line = this.#lines.get(key);
    if (!line) {
      line = h(
        'tr',
        { role: 'row' },
        ...this.#columns.map((column) =>
          h('td', {
            role: 'cell',
            class: column.numeric ? 'numeric' : column.whole ? 'whole' : null,
            'data-label': column.hidden ? null : column.name,
          }),
        ),
      );
      this.#lines.set(key, line);
    }
    this.#columns.forEach((column, i) => fill(line.children[i], column.cell(row)));
    return line;
  }
}

const kPage = 100;
const kMost = 1_000;

/**
 * A list that comes page by page: as far as it was asked for, and a button for more. `load(after, limit)` resolves to
 * `{ rows, next }`, `show` gets all rows.
 */
export class Pages {
  element;
  #more = h('button', { type: 'button', class: 'button small', onclick: () => this.#further() }, 'Show more');
  #load;
  #show;
  #rows = [];
  #next = null;
  /** Changes when more is asked for and when it has come: what was loaded anew meanwhile is of fewer rows. */
  #turn = 0;

  constructor({ load, show }) {
    this.#load = load;
    this.#show = show;
    this.element = h('p', { class: 'more', hidden: true }, this.#more);
  }

  /** Loads anew what is shown, as far as one request goes; what lies behind that stays as it was loaded. */
  refresh = async (signal) => {
    const turn = this.#turn;
    return { ...(await this.#load('', Math.min(kMost, Math.max(kPage, this.#rows.length)), signal)), turn };
  };

  /** Shows what refresh has loaded. */
  take = ({ rows, next, turn }) => {
    if (turn !== this.#turn) return;
    const behind = this.#rows.length > kMost ? this.#rows.slice(kMost) : [];
    this.#rows = [...rows, ...behind];
    if (behind.length === 0) this.#next = next ?? null;
    this.#tell();
  };

  async #further() {
    this.#more.disabled = true;
    this.#turn += 1;
    try {
      const { rows, next } = await this.#load(this.#next, kPage);
      this.#rows.push(...rows);
      this.#next = next ?? null;
      setText(this.#more, 'Show more');
    } catch (error) {
      setText(this.#more, `${error.message}. Try again`);
    }
    this.#more.disabled = false;
    this.#turn += 1;
    this.#tell();
  }

  #tell() {
    this.element.hidden = this.#next === null;
    this.#show(this.#rows);
  }
}
