import { HearthClient } from '../../web/hearth-client.js';

/** Who is typing is told at most so often, and believed for a little longer. */
const kTypingEveryMs = 2000;
const kTypingForMs = 3500;

const $ = (id) => document.getElementById(id);
const server = new URLSearchParams(location.search).get('server') ?? `ws://${location.hostname}:8080/ws`;

/** {messages: [{who, text, at, own, state}], unread, typing: Map of names to timers} of each room, by its name. */
const rooms = new Map();
let name = localStorage.getItem('chat-name');
let current = 'lobby';

const client = new HearthClient(server, { auth: () => ({ userId: name }) });

// What comes. The room is part of the data, so that this works with every server.

client.on('said', ({ room, text }, { from }) => {
  stopTyping(room, from.userId);
  add(room, { who: from.userId, text, own: from.id === client.id });
});
client.on('typing', ({ room }, { from }) => {
  const { typing } = rooms.get(room) ?? {};
  if (!typing) return;
  clearTimeout(typing.get(from.userId));
  typing.set(from.userId, setTimeout(() => stopTyping(room, from.userId), kTypingForMs));
  drawTyping();
});

function stopTyping(room, who) {
  const { typing } = rooms.get(room) ?? {};
  clearTimeout(typing?.get(who));
  typing?.delete(who);
  drawTyping();
}

// What becomes of the connection. Coming back, with all rooms, is the client's work; here it is only told.

client.connection.on('state', (state) => {
  if (state === 'ready') $('connection').textContent = '';
  if (state === 'connecting') $('connection').textContent = 'Connecting…';
});
client.connection.on('waiting', ({ delay }) => {
  $('connection').textContent = `The connection is gone; trying again in ${Math.ceil(delay / 1000)} s`;
});
client.connection.on('closed', ({ message }) => {
  $('connection').textContent = `Closed: ${message}`;
});

// Rooms.

function enter(room) {
  if (!rooms.has(room)) {
    rooms.set(room, { messages: [], unread: 0, typing: new Map() });
    const { membership } = client.room(room);
    let before = false;
    membership.on('in', ({ recovered }) => {
      // A room that keeps no history has not kept what was said meanwhile.
      if (before && recovered !== true) add(room, { note: 'You are back. What was said meanwhile is not shown here.' });
      before = true;
    });
    membership.on('refused', ({ message }) => add(room, { note: `You cannot be here: ${message}` }));
    client.room(room).join();
  }
  current = room;
  rooms.get(room).unread = 0;
  localStorage.setItem('chat-rooms', JSON.stringify([...rooms.keys()]));
  draw();
}

// What is said. It waits when there is no connection, and is shown as waiting.

async function say(text) {
  const room = current;
  const message = { who: name, text, own: true, state: 'pending' };
  add(room, message);
  try {
    await client.room(room).publish('said', { room, text }, { echo: false, timeout: 60_000 });
    message.state = '';
  } catch (error) {
    message.state = error.sent ? 'perhaps not sent' : 'not sent';
  }
  draw();
}

let toldAt = 0;
function tellTyping() {
  if (client.state !== 'ready' || Date.now() - toldAt < kTypingEveryMs) return;
  toldAt = Date.now();
  client.room(current).publish('typing', { room: current }, { echo: false }).catch(() => {});
}

// Drawing. Text of others gets into the page as text alone.

function add(room, message) {
  const known = rooms.get(room);
  if (!known) return;
  known.messages.push({ at: new Date(), ...message, message });
  if (room !== current) known.unread += 1;
  draw();
}

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function draw() {
  $('rooms').replaceChildren(...[...rooms].map(([room, { unread }]) => {
    const button = element('button', { type: 'button', onclick: () => enter(room) }, unread > 0 ? `${room} (${unread})` : room);
    button.setAttribute('aria-current', String(room === current));
    return element('li', {}, button);
  }));
  $('messages').replaceChildren(...rooms.get(current).messages.map(line));
  $('messages').scrollTop = $('messages').scrollHeight;
  $('name').textContent = name;
  $('say-label').textContent = `Message to ${current}`;
  document.title = `${current} · Chat`;
  drawTyping();
}

function line({ who, text, note, own, at, message }) {
  if (note) return element('li', { className: 'note' }, note);
  const { state } = message;
  const head = `${own ? 'You' : who}, ${at.toLocaleTimeString()}${state && state !== 'pending' ? ` · ${state}` : ''}`;
  return element('li', { className: `${own ? 'own' : ''} ${state ?? ''}` }, element('small', {}, head), text);
}

function drawTyping() {
  const names = [...rooms.get(current)?.typing.keys() ?? []];
  $('typing').textContent = names.length === 0 ? '' : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} typing…`;
}

// The page.

$('say').addEventListener('submit', (event) => {
  event.preventDefault();
  say($('text').value);
  $('text').value = '';
});
$('text').addEventListener('input', tellTyping);
$('join').addEventListener('submit', (event) => {
  event.preventDefault();
  enter($('room').value.trim());
  $('room').value = '';
  $('text').focus();
});
$('name').addEventListener('click', askName);
$('hello').addEventListener('close', () => {
  name = $('who').value.trim() || name || `guest-${Math.floor(Math.random() * 1000)}`;
  localStorage.setItem('chat-name', name);
  start();
});

function askName() {
  $('who').value = name ?? '';
  $('hello').showModal();
}

function start() {
  // Who changes the name comes back under the new one.
  if (client.state === 'idle') client.connect();
  else client.reconnect();
  for (const room of JSON.parse(localStorage.getItem('chat-rooms') ?? '[]')) enter(room);
  enter(rooms.has(current) ? current : 'lobby');
  $('text').focus();
}

if (name) start();
else askName();
