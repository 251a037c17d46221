/**
 * Reads and lays out JSON as text, without turning it into values: a number of twenty digits or a repeated key is shown
 * as it came over the wire.
 */

const kToken = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The members of a JSON object: key to the text of its value. Expects valid JSON. */
export function topLevelMembers(text) {
  const members = new Map();
  let depth = 0;
  let key = null;
  let start = 0;
  let expectsKey = true;
  const finish = (end) => {
    if (key !== null) members.set(key, text.slice(start, end).trim());
    key = null;
  };
  for (const match of text.matchAll(kToken)) {
    const token = match[0];
    if (token === '{' || token === '[') {
      depth += 1;
    } else if (token === '}' || token === ']') {
      depth -= 1;
      if (depth === 0) finish(match.index);
    } else if (depth === 1 && token === ',') {
      finish(match.index);
      expectsKey = true;
    } else if (depth === 1 && token === ':' && expectsKey) {
      start = match.index + 1;
      expectsKey = false;
    } else if (depth === 1 && expectsKey) {
      key = JSON.parse(token);
    }
  }
  return members;
}

/** The same JSON with line breaks and two spaces of indent a level; empty objects and arrays stay on one line. */
export function indented(text) {
  const tokens = text.match(kToken) ?? [];
  const parts = [];
  let depth = 0;
  const newLine = () => parts.push('\n', '  '.repeat(depth));
  tokens.forEach((token, index) => {
    if (token === '{' || token === '[') {
      parts.push(token);
      depth += 1;
      if (!isClosing(tokens[index + 1])) newLine();
    } else if (isClosing(token)) {
      depth -= 1;
      if (!isOpening(tokens[index - 1])) newLine();
      parts.push(token);
    } else if (token === ',') {
      parts.push(token);
      newLine();
    } else {
      parts.push(token === ':' ? ': ' : token);
    }
  });
  return parts.join('');
}

const isOpening = (token) => token === '{' || token === '[';
const isClosing = (token) => token === '}' || token === ']';
