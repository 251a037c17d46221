/**
 * An element with its children. What is a string becomes text, never markup. Properties that begin with `on` are
 * listeners, `true` is an attribute without value, `null`, `undefined` and `false` are none.
 */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'value') node.value = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Sets text only where it is another: what is selected or read aloud stays as it is. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const kUnseen = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function shownCharacter(character) {
  const code = character.codePointAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** A name from outside as a person can tell it from others: what has no shape, or turns text around, is shown. */
export function visible(text) {
  return text === '' ? '(empty)' : text.replace(kUnseen, shownCharacter);
}

/** A name from outside, kept from turning the text around it. */
export function named(text) {
  return h('bdi', { class: 'name' }, visible(text));
}

let made = 0;

/** An id that nothing else on the page has. */
export function freshId(what) {
  made += 1;
  return `${what}-${made}`;
}

/** A label above its control. */
export function field(label, control, ...more) {
  control.id ||= freshId('field');
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, ...more);
}

/** A card with a heading; `tools` stand beside it. */
export function card(title, ...content) {
  return cardWith(title, [], ...content);
}

export function cardWith(title, tools, ...content) {
  const id = freshId('card');
  return h(
    'section',
    { class: 'card', 'aria-labelledby': id },
    h('div', { class: 'card-head' }, h('h2', { id }, title), h('div', { class: 'tools' }, ...tools)),
    ...content,
  );
}

/** Terms and what they are: pairs of a text and a text or node. */
export function facts(pairs) {
  return h(
    'dl',
    { class: 'facts' },
    ...pairs
      .filter((pair) => pair !== null && pair[1] !== null)
      .map(([term, what]) => h('div', {}, h('dt', {}, term), h('dd', {}, what))),
  );
}
