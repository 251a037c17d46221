import { Agreement } from './encryption.js';

const kHeartbeatMs = 30_000;
const kFirstDelayMs = 500;
const kLongestDelayMs = 10_000;
const kLeastDelayMs = 200;
/** A connection that lasted this long counts as good: the next attempt starts from the shortest delay again. */
const kStableMs = 5_000;
/** An answer may stay away (the server is free to drop a message): what waits for one is bounded. */
const kMostPending = 5_000;
/** Close codes after which trying again would only bring the same answer. */
const kFinalCodes = new Set([4003, 4004]);

const kEncoder = new TextEncoder();
const kDecoder = new TextDecoder();

/**
 * One connection to Hearth that comes back by itself: it authenticates again and joins its rooms again after a loss.
 *
 * States: `idle`, `connecting`, `open` (not authenticated), `authenticating`, `authenticated`, `waiting` (for the next
 * attempt) and `closed` (until somebody asks).
 *
 * Events:
 * - `change`: anything of the readable state
 * - `frame`: {direction, text, bytes, binary, envelope, sealed}, sent (`out`) or received (`in`); `sealed` is what went
 *   over the wire in place of `text` where that was encrypted
 * - `message`: a received envelope that is not the protocol's own
 * - `latency`: milliseconds from a request to its answer
 * - `refused`: {event, message, rooms}, an `error` of the server
 * - `closed`: {code, reason, opened}; `opened` is false for an attempt that came to nothing
 * - `note`: words for people
 */
export class Connection extends EventTarget {
  #socket = null;
  #openedAt = 0;
  #attempt = 0;
  #retryTimer = 0;
  #heartbeatTimer = 0;
  #pending = new Map();
  #nextId = 0;
  #reopen = false;
  #stopping = false;
  #cameBack = false;
  #agreement = null;
  /** Encrypting and opening take their time; each direction keeps its order. */
  #sealing = Promise.resolve();
  #opening = Promise.resolve();

  state = 'idle';
  url = '';
  clientId = null;
  userId = null;
  /** The user id to authenticate with, now and after a loss; null until somebody chose one. */
  wantedUser = null;
  /** Whether to have everything after `authenticate` encrypted, from the next time on. */
  wantsEncryption = false;
  /** Rooms to be in, now and after a loss. */
  wantedRooms = new Set();
  /** Rooms the server confirmed. */
  rooms = new Set();
  /** Rooms the server put this client into by itself. */
  serverRooms = new Set();
  /** {code, reason} of the last connection's close, or of the first attempt; null while connected. */
  closed = null;
  /** When the next attempt is due, as `performance.now()`. */
  retryAt = 0;

  get attempt() {
    return this.#attempt;
  }

  /** Whether what is sent and received is encrypted. */
  get isEncrypted() {
    return this.#agreement?.isDone ?? false;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects to `url`, or again to the last one. Does nothing while a connection is there or on its way. */
  connect(url = this.url) {
    clearTimeout(this.#retryTimer);
    this.#stopping = false;
    if (this.#socket) return;
    this.url = url;
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#onOpen());
    socket.addEventListener('message', ({ data }) => this.#onMessage(socket, data));
    socket.addEventListener('close', (event) => this.#onClose(event));
    this.#socket = socket;
    this.#setState('connecting');
  }

  /** Closes for good: no attempt follows until `connect` is called. */
  disconnect() {
    clearTimeout(this.#retryTimer);
    this.#reopen = false;
    this.#stopping = true;
    if (this.#socket) {
      this.#socket.close(1000, 'Closed by the user');
    } else {
      this.#setState('closed');
    }
  }

  /** Authenticates as `userId`. Connects first where needed; who has another name already comes back under this one. */
  authenticate(userId) {
    this.wantedUser = userId;
    if (this.state === 'open') {
      this.#sendAuthenticate();
    } else if (this.#socket && this.state !== 'connecting') {
      this.#reopen = true;
      this.#socket.close(1000, 'Changing the user id');
    } else {
      this.connect();
    }
  }

  join(rooms) {
    for (const room of rooms) this.wantedRooms.add(room);
    return this.#request('join', { rooms });
  }

  leave(rooms) {
    for (const room of rooms) this.wantedRooms.delete(room);
    return this.#request('leave', { rooms });
  }

  /**
   * Publishes to a room. `data` is the text of a JSON value, which goes out as it stands, or null for none; without
   * `echo` the sender does not get it back.
   */
  publish({ room, event, data, echo = true }) {
    if (!this.isOpen) return false;
    const envelope = { event: 'publish', data: { room, event, echo }, id: this.#takeId() };
    this.#expect(envelope);
    const members = [`"room":${JSON.stringify(room)}`, `"event":${JSON.stringify(event)}`, `"echo":${echo}`];
    if (data !== null) members.splice(2, 0, `"data":${data}`);
    return this.#send(`{"event":"publish","data":{${members.join(',')}},"id":"${envelope.id}"}`, envelope);
  }

  /** Sends `text` as it stands, and so never encrypted. Where it is an envelope with an id, its answer is taken into account. */
  sendRaw(text, binary = false) {
    const envelope = parseEnvelope(text);
    if (envelope && typeof envelope.id === 'string') this.#expect(envelope);
    return this.#sendText(text, envelope, binary);
  }

  async #sendAuthenticate() {
    this.#setState('authenticating');
    const data = { userId: this.wantedUser };
    if (this.wantsEncryption) {
      const socket = this.#socket;
      const agreement = await Agreement.begin();
      if (this.#socket !== socket) return;
      this.#agreement = agreement;
      data.publicKey = agreement.publicKey;
    }
    this.#request('authenticate', data);
  }

  #request(event, data) {
    if (!this.isOpen) return false;
    const envelope = { event, data, id: this.#takeId() };
    this.#expect(envelope);
    return this.#send(JSON.stringify(envelope), envelope);
  }

  #takeId() {
    this.#nextId += 1;
    return `p${this.#nextId}`;
  }

  #expect({ id, event, data }) {
    if (this.#pending.size >= kMostPending) this.#pending.delete(this.#pending.keys().next().value);
    this.#pending.set(id, { event, data, sentAt: performance.now() });
  }

  #send(text, envelope) {
    return this.isEncrypted ? this.#sendSealed(text, envelope) : this.#sendText(text, envelope);
  }

  #sendSealed(text, envelope) {
    if (!this.isOpen) return false;
    const socket = this.#socket;
    const agreement = this.#agreement;
    this.#sealing = this.#sealing.then(async () => {
      const sealed = JSON.stringify({ event: 'encrypted', data: await agreement.seal(text) });
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(sealed);
      this.#emit('frame', { direction: 'out', text, bytes: sealed.length, binary: false, envelope, sealed });
    });
    return true;
  }

  #sendText(text, envelope, binary = false) {
    if (!this.isOpen) return false;
    const bytes = kEncoder.encode(text);
    this.#socket.send(binary ? bytes : text);
    this.#emit('frame', { direction: 'out', text, bytes: bytes.length, binary, envelope });
    return true;
  }

  #onOpen() {
    this.#openedAt = performance.now();
    this.closed = null;
    this.#heartbeatTimer = setInterval(() => this.sendRaw('{"event":"heartbeat"}'), kHeartbeatMs);
    this.#emit('note', `Connected to ${this.url}`);
    this.#setState('open');
    if (this.wantedUser !== null) this.#sendAuthenticate();
  }

  #onMessage(socket, payload) {
    const binary = typeof payload !== 'string';
    const text = binary ? kDecoder.decode(payload) : payload;
    const bytes = binary ? payload.byteLength : kEncoder.encode(payload).length;
    const frame = { direction: 'in', text, bytes, binary, envelope: parseEnvelope(text) };
    const agreement = this.#agreement;
    if (!agreement) {
      this.#take(frame);
      return;
    }
    this.#opening = this.#opening.then(async () => {
      const opened = await this.#open(agreement, frame);
      if (this.#socket === socket) this.#take(opened);
    });
  }

  /** The frame with its message opened, if it has an encrypted one. */
  async #open(agreement, frame) {
    const { event, data } = frame.envelope ?? {};
    try {
      if (event === 'connected' && data?.serverPublicKey) await agreement.finish(data);
      if (event !== 'encrypted' || !agreement.isDone) return frame;
      const text = await agreement.open(data);
      return { ...frame, text, envelope: parseEnvelope(text), sealed: frame.text };
    } catch {
      this.#emit('note', 'A message of the server could not be opened');
      return frame;
    }
  }

  #take(frame) {
    const { envelope } = frame;
    this.#emit('frame', frame);
    if (!envelope) return;
    if (envelope.event === 'connected') this.#onConnected(envelope.data ?? {});
    else if (envelope.event === 'ack') this.#onAck(envelope);
    else if (envelope.event === 'error') this.#onError(envelope);
    else this.#emit('message', envelope);
  }

  #onConnected({ id, userId }) {
    this.clientId = id ?? null;
    this.userId = userId ?? null;
    this.wantedUser ??= this.userId;
    const rooms = [...this.wantedRooms];
    this.#setState('authenticated');
    if (this.wantsEncryption && !this.isEncrypted) this.#emit('note', 'This server does not encrypt');
    if (rooms.length > 0) this.join(rooms);
    else this.#sayIfBack();
  }

  #onAck({ id, data }) {
    const request = this.#answered(id);
    if (!request) return;
    const rooms = stringsOf(data?.rooms);
    if (request.event === 'authenticate') this.serverRooms = new Set(rooms);
    if (request.event === 'join') this.#joined(rooms);
    if (request.event === 'leave') this.#left(rooms);
  }

  #onError({ id, data }) {
    const message = typeof data?.message === 'string' ? data.message : 'error';
    const request = this.#answered(id);
    const refused = stringsOf(data?.rooms);
    if (request?.event === 'join') {
      for (const room of refused) this.wantedRooms.delete(room);
      this.#joined(stringsOf(request.data?.rooms).filter((room) => refused.length > 0 && !refused.includes(room)));
    }
    this.#emit('refused', { event: request?.event ?? null, message, rooms: refused });
  }

  #joined(rooms) {
    for (const room of rooms.filter((name) => !this.#isServerRoom(name))) {
      this.rooms.add(room);
      this.wantedRooms.add(room);
    }
    this.#emit('change');
    this.#sayIfBack();
  }

  #left(rooms) {
    for (const room of rooms) {
      this.rooms.delete(room);
      this.wantedRooms.delete(room);
      this.serverRooms.delete(room);
    }
    this.#emit('change');
  }

  #isServerRoom(room) {
    return room === this.clientId || this.serverRooms.has(room);
  }

  #sayIfBack() {
    if (!this.#cameBack) return;
    this.#cameBack = false;
    const where = this.rooms.size > 0 ? `, in ${[...this.rooms].join(', ')} again` : '';
    this.#emit('note', `Back again as ${this.userId}${where}`);
  }

  #answered(id) {
    const request = this.#pending.get(id);
    if (!request) return null;
    this.#pending.delete(id);
    this.#emit('latency', performance.now() - request.sentAt);
    return request;
  }

  #onClose({ code, reason }) {
    const opened = this.state !== 'connecting';
    const wanted = code === 1000 || this.#stopping;
    if (opened && (this.state === 'authenticated' || performance.now() - this.#openedAt > kStableMs)) this.#attempt = 0;
    this.#cameBack ||= this.state === 'authenticated' && !this.#reopen && !wanted;
    this.#forget(opened, { code, reason });
    if (this.#reopen) {
      this.#reopen = false;
      this.connect();
    } else if (wanted || kFinalCodes.has(code) || (code === 4001 && this.wantedUser === null)) {
      this.#cameBack = false;
      this.#setState('closed');
    } else {
      this.#retryLater();
    }
  }

  #forget(opened, closed) {
    clearInterval(this.#heartbeatTimer);
    this.#socket = null;
    this.#agreement = null;
    this.#pending.clear();
    this.rooms.clear();
    this.serverRooms.clear();
    this.clientId = null;
    this.userId = null;
    // An attempt that came to nothing does not hide how the connection before it ended.
    if (opened || !this.closed) this.closed = closed;
    this.#emit('closed', { ...closed, opened });
  }

  /** Full jitter: a whole crowd of pages that lost the same server does not come back at the same moment. */
  #retryLater() {
    const ceiling = Math.min(kLongestDelayMs, kFirstDelayMs * 2 ** this.#attempt);
    const delay = kLeastDelayMs + Math.random() * ceiling;
    this.#attempt += 1;
    this.retryAt = performance.now() + delay;
    this.#retryTimer = setTimeout(() => this.connect(), delay);
    this.#setState('waiting');
  }

  #setState(state) {
    this.state = state;
    this.#emit('change');
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
