/** What the page says in words: close codes, names to suggest, amounts. */

const kCloseWords = new Map([
  [1000, 'the connection was closed as agreed'],
  [1001, 'the server is going away'],
  [1002, 'one side broke the WebSocket protocol'],
  [1003, 'the server does not take this kind of data'],
  [1005, 'the other side gave no reason'],
  [1006, 'the connection broke without a goodbye, or the server is not there'],
  [1007, 'a text message was not valid UTF-8'],
  [1008, 'the server refused on principle'],
  [1009, 'a message was too big for the server'],
  [1011, 'the server ran into an error'],
  [1012, 'the server is restarting'],
  [1013, 'this page did not read fast enough, or the server is too busy'],
  [4001, 'the server got no authenticate in time'],
  [4002, 'the server heard nothing from this page for too long'],
  [4003, 'the server did not accept the authentication'],
  [4004, 'the server takes encrypted clients only'],
  [4005, 'the key was used often enough; the next connection has another'],
  [4006, 'the token has expired'],
  [4007, 'the user or the token was blocked'],
  [4008, 'this page sent more than it may'],
  [4009, 'this user has too many connections'],
  [4010, 'the operator of the server closed it'],
]);

/** A close code and its reason as one sentence, for example `4001 Authentication timeout: the server got …`. */
export function describeClose(code, reason) {
  const words = kCloseWords.get(code) ?? 'the server gave a code of its own';
  return `${code}${reason ? ` ${reason}` : ''}: ${words}.`;
}

const kFirst = ['amber', 'brave', 'bright', 'calm', 'clever', 'cosy', 'gentle', 'glad', 'kind', 'lively', 'merry',
  'mild', 'quick', 'quiet', 'snug', 'sunny', 'swift', 'warm', 'wise', 'witty'];
const kSecond = ['badger', 'beaver', 'cricket', 'dormouse', 'ember', 'finch', 'fox', 'hare', 'hedgehog', 'heron',
  'kettle', 'lantern', 'lynx', 'marten', 'otter', 'owl', 'robin', 'sparrow', 'teapot', 'wren'];

const pick = (list) => list[Math.floor(Math.random() * list.length)];

/** A friendly name such as `amber-otter-42`; the number keeps two tabs apart. */
export function suggestName() {
  return `${pick(kFirst)}-${pick(kSecond)}-${10 + Math.floor(Math.random() * 90)}`;
}

export function describeBytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

export function describeMilliseconds(value) {
  if (value < 10) return `${value.toFixed(1)} ms`;
  if (value < 1000) return `${Math.round(value)} ms`;
  return `${(value / 1000).toFixed(1)} s`;
}

/** Whether somebody gave a JSON Web Token for a name: three parts in base64url, the first of which begins with `{"`. */
export function isToken(name) {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(name ?? '');
}

/** `lobby`, `lobby and news`, `lobby, news and 3 more`. */
export function listRooms(rooms) {
  if (rooms.length < 2) return rooms.join('');
  if (rooms.length === 2) return `${rooms[0]} and ${rooms[1]}`;
  return `${rooms[0]}, ${rooms[1]} and ${rooms.length - 2} more`;
}
