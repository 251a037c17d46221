import { session } from './session.js';

/** A text as one word of a shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that sends the same request from a terminal; `body` is JSON as text, and none of what is deleted. */
export function curlLine(path, body) {
  const key = session.isOpen ? '' : '-H "Authorization: Bearer $HEARTH_API_KEY" ';
  const data = body === undefined ? '-X DELETE' : body === '{}' ? '-X POST' : `-d ${quoted(body)}`;
  return `curl ${key}${data} ${location.origin}${path}`;
}
