import { encryption, HearthClient } from './hearth-client.js';
import { isToken } from './shared/words.js';

const kFirstDelayMs = 500;
const kLongestDelayMs = 10_000;
/** A raw frame may never be answered: what waits for an answer is bounded. */
const kMostPending = 5_000;

const kEncoder = new TextEncoder();
const kStates = { ready: 'authenticated' };

/** Browsers do cryptography on pages that came over TLS or from this computer, and on no others. */
export const kCanEncrypt = globalThis.crypto?.subtle !== undefined;

/**
 * A socket for the client that says it is open only once somebody is to be authenticated: until then the page shows what
 * a connection is that nobody has authenticated on.
 */
class Door {
  #socket;
  #mayPass;

  /** `tell` hears of the socket's own `open`; `mayPass` says whether the client should hear of it, too. */
  constructor(url, tell, mayPass) {
    this.#mayPass = mayPass;
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => {
      tell();
      this.pass();
    };
    this.#socket.onmessage = (event) => this.onmessage(event);
    this.#socket.onerror = (event) => this.onerror(event);
    this.#socket.onclose = (event) => this.onclose(event);
  }

  /** Lets the client hear that it is open. */
  pass() {
    if (!this.isOpen || !this.#mayPass()) return;
    this.#mayPass = () => false;
    this.onopen();
  }

  get isOpen() {
    return this.readyState === WebSocket.OPEN;
  }

  get readyState() {
    return this.#socket.readyState;
  }

  send(payload) {
    this.#socket.send(payload);
  }

  close(code, reason) {
    this.#socket.close(code, reason);
  }
}

/**
 * What the page knows of its client, and what of the wire the client keeps to itself: frames, as they come and go.
 *
 * States: those of the client, but `authenticated` for `ready`, and `open` for a connection nobody has authenticated on.
 *
 * Events:
 * - `change`: anything of the readable state
 * - `frame`: {direction, text, bytes, binary, envelope, sealed}, sent (`out`) or received (`in`); `sealed` is what went
 *   over the wire in place of `text` where that was encrypted
 * - `message`: a message of the application's
 * - `latency`: milliseconds from a request to its answer
 * - `refused`: {event, message, rooms}
 * - `closed`: {code, reason, opened}; `opened` is false for an attempt that came to nothing
 * - `note`: words for people
 */
export class PageClient extends EventTarget {
  #client = null;
  #door = null;
  #opened = false;
  #cameBack = false;
  #pending = new Map();
  /** Rooms of this client whose membership is listened to. */
  #watched = new Set();

  url = '';
  /** The user id or token to authenticate with, now and after a loss; null until somebody chose one. */
  wantedUser = null;
  wantsEncryption = false;
  /** Rooms to be in, now and after a loss. */
  wantedRooms = new Set();
  /** Rooms the server put this client into by itself. */
  serverRooms = new Set();
  /** Whether this server has rooms that tell who is in them. */
  hasPresence = false;
  /** What it last said of who is in a room, by the room's name. */
  presences = new Map();
  /** Whether what is sent and received is encrypted. */
  isEncrypted = false;
  /** {code, reason} of the last connection's close, or of the first attempt; null while connected. */
  closed = null;
  /** When the next attempt is due, as `performance.now()`. */
  retryAt = 0;
  attempt = 0;

  get state() {
    const state = this.#client?.state ?? 'idle';
    if (state === 'connecting' && this.isOpen) return 'open';
    return kStates[state] ?? state;
  }

  get clientId() {
    return this.#client?.id ?? null;
  }

  get userId() {
    return this.#client?.userId ?? null;
  }

  get isOpen() {
    return this.#door?.isOpen ?? false;
  }

  /** Rooms the server confirmed. */
  get rooms() {
    const wanted = [...this.wantedRooms].filter((room) => !this.#isServerRoom(room));
    return new Set(wanted.filter((room) => this.#client?.room(room).state === 'in'));
  }

  /** Connects to `url`, or again to the last one, now. Does nothing while a connection is there or on its way. */
  connect(url = this.url) {
    this.url = url;
    if (!this.#client) this.#begin();
    else if (this.state === 'waiting') this.#client.reconnect();
    else this.#client.connect();
  }

  /** Closes for good: no attempt follows until `connect` is called. */
  disconnect() {
    this.#client?.close(1000, 'Closed by the user');
  }

  /** Authenticates as `userId`, or by that token. Connects first where needed; who has another name comes back under this one. */
  authenticate(userId) {
    this.wantedUser = userId;
    if (this.state === 'open') this.#door.pass();
    else if (this.state !== 'connecting') this.#client?.reconnect();
    this.#emit('change');
  }

  /** Encrypts everything after `authenticate`, or does not. A connection does so from its start or not at all. */
  encrypt(wanted) {
    if (this.wantsEncryption === wanted) return;
    this.wantsEncryption = wanted;
    if (this.#client && this.state !== 'closed') this.#begin();
  }

  join(rooms) {
    for (const room of rooms) {
      this.wantedRooms.add(room);
      if (this.#client) this.#watch(room);
      this.#client?.room(room, { presence: this.hasPresence }).join().catch((error) => this.#refusedRoom(room, error));
    }
  }

  leave(rooms) {
    for (const room of rooms) {
      this.wantedRooms.delete(room);
      this.serverRooms.delete(room);
      this.#client?.room(room).leave();
    }
  }

  /** `data` is undefined for none; without `echo` the sender does not get it back. */
  publish({ room, event, data, echo = true }) {
    this.#client.room(room).publish(event, data, { echo }).catch((error) => {
      this.#emit('refused', { event: 'publish', message: error.message, rooms: error.rooms ?? [] });
    });
  }

  /** Sends `text` as it stands, and so never encrypted. Where it is an envelope with an id, its answer is taken into account. */
  sendRaw(text, binary = false) {
    if (!this.isOpen) return;
    const bytes = kEncoder.encode(text);
    this.#door.send(binary ? bytes : text);
    this.#frame('out', text, undefined, binary);
  }

  /** Another client: for another kind of connection. */
  #begin() {
    this.#client?.close(1000, 'Changing the encryption');
    const page = this;
    const client = new HearthClient(this.url, {
      // Read when it is sent.
      auth: {
        get userId() { return isToken(page.wantedUser) ? undefined : page.wantedUser; },
        get token() { return isToken(page.wantedUser) ? page.wantedUser : undefined; },
      },
      encryption: this.wantsEncryption ? encryption({ optional: true }) : undefined,
      backoff: { min: kFirstDelayMs, max: kLongestDelayMs },
      WebSocket: function ConnectToDoor(url) {
        return page.#enterBy(url);
      },
      // Who has no name yet is let go by the server, and stays away until there is one.
      shouldReconnect: ({ code }) => code !== 4001 || page.wantedUser !== null,
      trace: (direction, text, sealed) => page.#frame(direction, text, sealed, false),
    });
    this.#client = client;
    const own = (handler) => (value) => {
      if (client === this.#client) handler(value);
    };
    client.on('*', (_, message) => this.#emit('message', message));
    client.connection.on('state', own((state) => this.#entered(state)));
    client.connection.on('waiting', own((waiting) => this.#waits(waiting)));
    client.connection.on('closed', own(({ close, message }) => this.#ended(close ?? { code: 1006, reason: message })));
    client.connection.on('error', own(({ message }) => this.#emit('refused', { event: null, message, rooms: [] })));
    client.connection.on('ready', own(() => this.#isBack()));
    client.connect();
    const rooms = [...this.wantedRooms];
    this.#watched.clear();
    this.presences.clear();
    this.join(rooms);
  }

  /** Says what a room that remembers says of what was missed. */
  #watch(room) {
    if (this.#watched.has(room)) return;
    this.#watched.add(room);
    const client = this.#client;
    const { membership, presence } = client.room(room);
    presence.on('change', (present) => {
      if (client !== this.#client) return;
      this.presences.set(room, present);
      this.#emit('change');
    });
    membership.on('out', () => {
      if (client === this.#client) this.presences.delete(room);
    });
    membership.on('in', ({ recovered, reason }) => {
      if (client !== this.#client) return;
      if (recovered === true) this.#emit('note', `${room}: recovered, nothing is missed`);
      if (recovered === false) this.#emit('note', `${room}: not recovered (${reason})`);
      this.#emit('change');
    });
    membership.on('gap', ({ reason, skipped }) => {
      if (client !== this.#client) return;
      this.#emit('note', `${room}: something is missed (${reason}${skipped ? `, ${skipped} skipped` : ''})`);
    });
  }

  #enterBy(url) {
    this.#door = new Door(url, () => {
      this.#opened = true;
      this.closed = null;
      this.#emit('note', `Connected to ${this.url}`);
      this.#emit('change');
    }, () => this.wantedUser !== null);
    return this.#door;
  }

  #entered(state) {
    if (state === 'ready' && this.wantsEncryption && !this.isEncrypted) this.#emit('note', 'This server does not encrypt');
    if (state === 'waiting' || state === 'closed') {
      this.isEncrypted = false;
      this.serverRooms.clear();
      this.#pending.clear();
      return;
    }
    this.#emit('change');
  }

  #waits({ delay, cause, attempt }) {
    this.retryAt = performance.now() + delay;
    this.attempt = attempt;
    this.#cameBack ||= this.#opened && this.wantedUser !== null && cause.close.code !== 1000;
    this.#ended(cause.close);
  }

  #ended({ code, reason }) {
    const opened = this.#opened;
    this.#opened = false;
    if (this.state === 'closed') this.#cameBack = false;
    // An attempt that came to nothing does not hide how the connection before it ended.
    if (opened || !this.closed) this.closed = { code, reason: opened ? reason : '' };
    this.#emit('closed', { code, reason, opened });
    this.#emit('change');
  }

  #isBack() {
    this.#emit('change');
    if (!this.#cameBack) return;
    this.#cameBack = false;
    const { rooms } = this;
    this.#emit('note', `Back again as ${this.userId}${rooms.size > 0 ? `, in ${[...rooms].join(', ')} again` : ''}`);
  }

  #refusedRoom(room, { kind, message }) {
    if (kind === 'closed' || kind === 'timeout') return;
    this.wantedRooms.delete(room);
    this.#client.room(room).leave();
    this.#emit('refused', { event: 'join', message, rooms: [room] });
    this.#emit('change');
  }

  #isServerRoom(room) {
    return room === this.clientId || this.serverRooms.has(room);
  }

  #frame(direction, text, sealed, binary) {
    const envelope = parseEnvelope(text);
    const bytes = kEncoder.encode(sealed ?? text).length;
    this.#emit('frame', { direction, text, bytes, binary, envelope, sealed });
    if (!envelope) return;
    if (direction === 'out') this.#expect(envelope);
    else this.#answered(envelope);
  }

  #expect({ id, event, data }) {
    if (typeof id !== 'string') return;
    if (this.#pending.size >= kMostPending) this.#pending.delete(this.#pending.keys().next().value);
    this.#pending.set(id, { event, data, sentAt: performance.now() });
  }

  #answered({ id, event, data }) {
    if (event === 'connected') this.isEncrypted = this.wantsEncryption && typeof data?.serverPublicKey === 'string';
    const request = this.#pending.get(id);
    if (!request) return;
    this.#pending.delete(id);
    this.#emit('latency', performance.now() - request.sentAt);
    const rooms = stringsOf(data?.rooms);
    if (request.event === 'authenticate') this.serverRooms = new Set(rooms);
    // A raw frame may have done it, and the client should know.
    if (event === 'ack' && request.event === 'join') this.join(rooms.filter((room) => !this.#isServerRoom(room)));
    if (event === 'ack' && request.event === 'leave') this.leave(rooms);
    // After the client has heard it as well.
    setTimeout(() => this.#emit('change'));
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function parseEnvelope(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' && typeof value.event === 'string' ? value : null;
  } catch {
    return null;
  }
}

function stringsOf(value) {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
