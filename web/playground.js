import { Guide } from './guide.js';
import { FrameLog } from './log.js';
import { kCanEncrypt, PageClient } from './page-client.js';
import { kPoints, Plot, Series } from './plots.js';
import { PresenceList } from './presence.js';
import { describeClose, describeMilliseconds, isToken, listRooms, suggestName } from './shared/words.js';

const kDefaultRoom = 'lobby';
const kBurst = 100;
const kPublishHint = 'Enter publishes, Shift+Enter breaks the line.';
const kMemory = 'hearth-playground';
const kReserved = new Set(['authenticate', 'connected', 'heartbeat', 'join', 'leave', 'publish', 'error', 'ack',
  'encrypted', 'disconnect']);

const byId = (id) => document.getElementById(id);
const setText = (id, text) => {
  const node = byId(id);
  if (node.textContent !== text) node.textContent = text;
};

const connection = new PageClient();
const log = new FrameLog(byId('log'), drawLogState);
const guide = new Guide({
  root: byId('guide'),
  steps: byId('steps'),
  title: byId('guide-title'),
  text: byId('guide-text'),
  button: byId('guide-action'),
  link: byId('guide-tab'),
  hide: byId('guide-hide'),
}, (action) => kActions[action]());

const present = new PresenceList(byId('presence'));

const kActions = {
  connect: () => connection.connect(),
  authenticate: () => byId('auth-form').requestSubmit(),
  join: () => joinRoom(byId('join-room').value.trim() || kDefaultRoom),
  hello: () => {
    connection.publish({ room: talkingRoom(), event: 'message', data: { text: `Hello from ${connection.userId}` } });
  },
};

let saidHello = false;
let openedTab = false;
/** Why the server refused the last message, until the next try; empty when it did not. */
let refusedPublish = '';

/** The room that the guide and the second tab speak of. */
function talkingRoom() {
  return [...connection.rooms][0] ?? [...connection.wantedRooms][0] ?? kDefaultRoom;
}

// What the server says about itself, and the address to connect to.

async function serverFacts() {
  const fallback = document.querySelector('meta[name="hearth-path"]').content;
  try {
    const answer = await fetch('/hearth.json');
    const facts = answer.ok ? await answer.json() : {};
    const { path = fallback, version = '', encryption = 'off', presence = false } = facts;
    return { path, version, encryption, presence };
  } catch {
    return { path: fallback, version: '', encryption: 'off', presence: false };
  }
}

function webSocketUrl(path) {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`;
}

/** Sets the switch: what the server (`off`, `optional`, `required`) and the browser allow, and what was chosen before. */
function offerEncryption(server, chosen) {
  const possible = server !== 'off' && kCanEncrypt;
  const box = byId('auth-encrypt');
  box.checked = possible && (chosen || server === 'required');
  box.disabled = !possible || server === 'required';
  setText('encrypt-hint', server === 'off' ? 'This server does not encrypt.'
    : !kCanEncrypt ? 'Browsers encrypt on https:// and localhost alone.'
      : server === 'required' ? 'This server asks for it.' : '');
  connection.wantsEncryption = box.checked;
}

// What this tab remembers over a reload, and what another tab told it to do (`#join=lobby`).

function remember() {
  const memory = {
    user: connection.wantedUser,
    rooms: [...connection.wantedRooms],
    encrypt: connection.wantsEncryption,
  };
  try {
    sessionStorage.setItem(kMemory, JSON.stringify(memory));
  } catch {
    // Without storage the page starts anew after a reload, which is all that is lost.
  }
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(kMemory)) ?? {};
  } catch {
    return {};
  }
}

function takeInvitation() {
  const value = new URLSearchParams(location.hash.slice(1)).get('join') ?? '';
  history.replaceState(null, '', location.pathname);
  return value.split(',').map((room) => room.trim()).filter(Boolean);
}

// Actions.

function joinRoom(room) {
  showProblem('');
  connection.join([room]);
}

/** The data field as JSON; text that is no JSON is sent as a string, an empty field as no data at all. */
function readData() {
  const text = byId('publish-data').value.trim();
  if (text === '') return { data: undefined, hint: 'Without any data.' };
  try {
    return { data: JSON.parse(text), hint: '' };
  } catch {
    return { data: text, hint: 'Not JSON: it will be sent as a string.' };
  }
}

function readMessage() {
  const event = byId('publish-event').value.trim();
  const room = byId('publish-room').value.trim();
  const { data, hint } = readData();
  const problem = kReserved.has(event) ? `“${event}” is the protocol's own; choose another event.`
    : event === '' ? 'The event needs a name.'
      : room === '' ? 'Say which room.' : '';
  return { message: { room, event, data, echo: byId('publish-echo').checked }, problem, hint };
}

function publishTyped(times) {
  const { message, problem } = readMessage();
  refusedPublish = '';
  drawHint();
  if (problem) return;
  for (let sent = 0; sent < times; sent += 1) connection.publish(message);
}

// Drawing: everything below reads the connection and writes the page.

const kStates = {
  idle: ['Starting', 'wait'],
  connecting: ['Connecting', 'wait'],
  open: ['Connected, not authenticated', 'half'],
  authenticating: ['Authenticating', 'wait'],
  authenticated: ['Authenticated', 'good'],
  waiting: ['Reconnecting', 'bad'],
  closed: ['Disconnected', 'bad'],
};

function draw() {
  const { state, userId } = connection;
  const [words, tone] = kStates[state];
  byId('pill').dataset.tone = tone;
  setText('pill-text', userId ? `${words} as ${userId}` : words);
  setText('fact-user', userId ?? (state === 'waiting' && connection.wantedUser
    ? `${nameOf(connection.wantedUser)} again, soon` : 'nobody yet'));
  setText('fact-client', connection.clientId ?? 'none yet');
  setText('fact-url', connection.url);
  setText('fact-encryption', connection.isEncrypted ? 'AES-256-GCM' : 'none');
  document.title = userId ? `${userId} · Hearth playground` : 'Hearth playground';
  drawConnection();
  drawRooms();
  drawHint();
  guide.draw({
    state,
    url: connection.url,
    closedCode: connection.closed?.code,
    name: nameOf(byId('auth-name').value),
    room: connection.rooms.size > 0 ? talkingRoom() : byId('join-room').value.trim() || kDefaultRoom,
    inRooms: connection.rooms.size > 0,
    saidHello,
    openedTab,
  });
}

/** A token is nothing to show. */
function nameOf(name) {
  return isToken(name) ? 'whom the token names' : name;
}

function drawConnection() {
  const { state, closed } = connection;
  const live = connection.isOpen || state === 'connecting';
  setText('connect-toggle', live ? 'Disconnect' : state === 'waiting' ? 'Try now' : 'Connect');
  setText('auth-send', state === 'authenticated' ? 'Change' : 'Authenticate');
  byId('closed').hidden = !closed;
  if (closed) setText('closed', `Closed with ${describeClose(closed.code, closed.reason)}`);
  byId('retry').hidden = state !== 'waiting';
  drawCountdown();
  const ready = state === 'authenticated';
  for (const id of ['join-send', 'publish-send', 'publish-burst']) byId(id).disabled = !ready;
  byId('raw-send').disabled = !connection.isOpen;
}

function drawCountdown() {
  if (connection.state !== 'waiting') return;
  const seconds = Math.max(0, (connection.retryAt - performance.now()) / 1000);
  setText('retry', `Trying again in ${seconds.toFixed(1)} s (attempt ${connection.attempt}).`);
}

function drawRooms() {
  const rooms = [...connection.rooms];
  const list = byId('rooms');
  if (list.dataset.rooms !== JSON.stringify(rooms)) {
    list.dataset.rooms = JSON.stringify(rooms);
    list.replaceChildren(...rooms.map(roomChip));
    byId('joined-rooms').replaceChildren(...rooms.map((room) => new Option(room)));
  }
  byId('rooms-empty').hidden = rooms.length > 0;
  const later = connection.state === 'authenticated' ? [] : [...connection.wantedRooms];
  setText('rooms-empty', later.length > 0 ? `Joins ${listRooms(later)} once you are authenticated.`
    : 'You are in no room yet.');
  const given = [...connection.serverRooms].filter((room) => room !== connection.clientId);
  byId('server-rooms').hidden = given.length === 0;
  setText('server-rooms', `Given by the server: ${given.join(', ')} and the room of your client id.`);
  present.draw(rooms.flatMap((room) => {
    const presence = connection.presences.get(room);
    return presence ? [[room, presence]] : [];
  }), connection.clientId);
  const invitation = `/#join=${encodeURIComponent(rooms.length > 0 ? rooms.join(',') : kDefaultRoom)}`;
  for (const id of ['second-tab', 'guide-tab']) byId(id).setAttribute('href', invitation);
}

function roomChip(room) {
  const chip = document.createElement('li');
  chip.className = 'chip';
  const name = document.createElement('span');
  name.textContent = room;
  const leave = document.createElement('button');
  leave.type = 'button';
  leave.textContent = '×';
  leave.title = `Leave ${room}`;
  leave.setAttribute('aria-label', `Leave ${room}`);
  leave.addEventListener('click', () => {
    connection.leave([room]);
    byId('join-room').focus();
  });
  chip.append(name, leave);
  return chip;
}

function drawHint() {
  const { message, problem, hint } = readMessage();
  const outside = connection.state === 'authenticated' && !connection.rooms.has(message.room);
  const bad = problem || refusedPublish;
  const words = bad || hint || (outside ? `You are not in ${message.room}.` : kPublishHint);
  byId('publish-hint').classList.toggle('problem', bad !== '');
  setText('publish-hint', words);
}

function drawLogState({ kept, shown, paused, missed, following }) {
  setText('log-count', shown === kept ? `${kept} kept` : `${shown} of ${kept}`);
  byId('log-empty').hidden = shown > 0;
  setText('log-empty', kept > 0 ? 'No frame passes the filter.' : 'Every frame to and from the server shows up here.');
  byId('log-pause').setAttribute('aria-pressed', String(paused));
  setText('log-pause', paused ? `Resume${missed > 0 ? ` (${missed} new)` : ''}` : 'Pause');
  byId('log-latest').hidden = following || kept === 0;
}

function showProblem(text) {
  byId('join-problem').hidden = text === '';
  setText('join-problem', text);
}

/** Says it in the log and to screen readers. */
function announce(text) {
  log.addNote(text);
  setText('status', text);
}

// Plots.

const latency = new Series();
const received = new Series();
const sent = new Series();
for (let second = 0; second < kPoints; second += 1) {
  received.push(0);
  sent.push(0);
}
const latencyPlot = new Plot(byId('plot-latency'), 'Latency');
const receivedPlot = new Plot(byId('plot-in'), 'Received');
const sentPlot = new Plot(byId('plot-out'), 'Sent');
const counted = { in: 0, out: 0 };

function drawPlots() {
  received.push(counted.in);
  sent.push(counted.out);
  counted.in = 0;
  counted.out = 0;
  receivedPlot.draw(received.values, `${received.last}/s`, `peak ${received.highest}`);
  sentPlot.draw(sent.values, `${sent.last}/s`, `peak ${sent.highest}`);
  if (latency.values.length === 0) {
    latencyPlot.draw([0], '–', 'request to ack');
  } else {
    const median = `median ${describeMilliseconds(latency.median)}`;
    latencyPlot.draw(latency.values, describeMilliseconds(latency.last), median);
  }
}

// Wiring.

connection.addEventListener('change', () => {
  remember();
  draw();
});
connection.addEventListener('frame', ({ detail }) => {
  counted[detail.direction] += 1;
  log.addFrame(detail);
});
connection.addEventListener('latency', ({ detail }) => latency.push(detail));
connection.addEventListener('note', ({ detail }) => announce(detail));
connection.addEventListener('closed', ({ detail }) => {
  announce(detail.opened ? `Closed with ${describeClose(detail.code, detail.reason)}` : 'The server does not answer');
});
connection.addEventListener('message', ({ detail }) => {
  const own = detail.from?.id === connection.clientId;
  if (!detail.from || (own ? saidHello : openedTab)) return;
  if (own) saidHello = true;
  else openedTab = true;
  draw();
});
connection.addEventListener('refused', ({ detail: { event, message, rooms } }) => {
  const what = rooms.length > 0 ? ` (${listRooms(rooms)})` : '';
  announce(`Refused${event ? ` to ${event}` : ''}: ${message}${what}`);
  if (event === 'join') showProblem(`${message}${what}`);
  if (event === 'publish') {
    refusedPublish = `${message}${what}`;
    drawHint();
  }
});

byId('connect-toggle').addEventListener('click', () => {
  if (connection.isOpen || connection.state === 'connecting') connection.disconnect();
  else connection.connect();
});
byId('auth-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = byId('auth-name').value.trim();
  if (name !== '') connection.authenticate(name);
});
byId('auth-encrypt').addEventListener('change', ({ target }) => {
  connection.encrypt(target.checked);
  remember();
});
byId('auth-name').addEventListener('input', draw);
byId('auth-shuffle').addEventListener('click', () => {
  byId('auth-name').value = suggestName();
  draw();
});
byId('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const room = byId('join-room').value.trim();
  if (room === '') return;
  joinRoom(room);
  byId('publish-room').value = room;
  draw();
});
byId('join-room').addEventListener('input', draw);
byId('publish-form').addEventListener('input', () => {
  refusedPublish = '';
  drawHint();
});
byId('publish-form').addEventListener('submit', (event) => {
  event.preventDefault();
  publishTyped(1);
});
byId('publish-data').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('publish-form').requestSubmit(byId('publish-send'));
});
byId('publish-burst').addEventListener('click', () => publishTyped(kBurst));
byId('raw-form').addEventListener('submit', (event) => {
  event.preventDefault();
  connection.sendRaw(byId('raw-text').value, byId('raw-binary').checked);
});
for (const id of ['second-tab', 'guide-tab']) {
  byId(id).addEventListener('click', () => {
    openedTab = true;
    // Only after the browser has followed the link: a link that hides itself while it is clicked leads nowhere.
    setTimeout(draw);
  });
}

byId('filter-text').addEventListener('input', (event) => log.setFilter({ text: event.target.value }));
byId('filter-kind').addEventListener('change', (event) => log.setFilter({ kind: event.target.value }));
byId('log-pause').addEventListener('click', (event) => {
  log.setPaused(event.currentTarget.getAttribute('aria-pressed') !== 'true');
});
byId('log-clear').addEventListener('click', () => log.clear());
byId('log-latest').addEventListener('click', () => log.jumpToLatest());

setInterval(drawCountdown, 100);
setInterval(drawPlots, 1000);

async function start() {
  const memory = recall();
  const invited = takeInvitation();
  byId('auth-name').value = memory.user ?? suggestName();
  for (const room of [...invited, ...(memory.rooms ?? [])]) connection.wantedRooms.add(room);
  if (memory.user || invited.length > 0) connection.wantedUser = byId('auth-name').value;
  byId('join-room').value = invited[0] ?? memory.rooms?.[0] ?? kDefaultRoom;
  byId('publish-room').value = byId('join-room').value;
  drawPlots();
  draw();
  const { path, version, encryption, presence } = await serverFacts();
  setText('version', version);
  connection.hasPresence = presence;
  offerEncryption(encryption, memory.encrypt === true);
  connection.connect(webSocketUrl(path));
}

start();
