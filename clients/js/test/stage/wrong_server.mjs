/**
 * A WebSocket server that does what it is told, right or wrong. It tells of connections, messages and closes; what it
 * answers by itself is chosen for each server:
 *   connect: 'hearth' (`connected` and an ack), 'ignis' (`connected` alone), 'none'
 *   requests: whether join, leave, publish and heartbeats are acknowledged
 *   echoes: publications go to all connections
 *   log: a room of this name keeps history (rooms: join with `since` is answered with a position, and replayed)
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';

export class WrongServer {
  #server;
  #tell;
  #connections = new Map();
  #next = 1;
  #refuseAfter = Infinity;
  script;

  /** `tell` gets {type, connection, ...}. */
  static async start(script, tell) {
    const wrong = new WrongServer();
    wrong.script = { connect: 'hearth', requests: true, ...script };
    wrong.#tell = tell;
    await wrong.#listen(0);
    return wrong;
  }

  async #listen(port) {
    this.#server = new WebSocketServer({ host: '127.0.0.1', port, maxPayload: 64 * 1024 * 1024 });
    this.#server.on('connection', (socket) => this.#accept(socket));
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
  }

  /** What it answers by itself from now on. */
  set(script) {
    Object.assign(this.script, script);
  }

  nothing() {}

  // A connection is given by its number; 0 is the newest.

  #find(connection) {
    return this.#connections.get(connection || this.#next - 1);
  }

  send(connection, text) {
    this.#find(connection)?.send(text);
  }

  close(connection, code, reason) {
    const socket = this.#find(connection);
    // `ws` refuses to send codes that it does not know.
    if (socket && code && !legal(code)) closeAsItStands(socket, code);
    else socket?.close(code ?? undefined, reason ?? undefined);
  }

  terminate(connection) {
    this.#find(connection)?.terminate();
  }

  /** Stops listening, or listens again where it did. */
  async away() {
    for (const socket of this.#connections.values()) socket.terminate();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  async back() {
    await this.#listen(this.port);
  }

  #accept(socket) {
    const connection = this.#next;
    this.#next += 1;
    this.#connections.set(connection, socket);
    socket.on('error', () => {});
    socket.on('message', (bytes) => {
      const text = String(bytes);
      this.#tell({ type: 'message', connection, text });
      this.#answer(socket, text);
    });
    socket.on('close', (code) => {
      this.#connections.delete(connection);
      this.#tell({ type: 'close', connection, code });
    });
    this.#tell({ type: 'open', connection });
  }

  #answer(socket, text) {
    const { connect, requests, welcome } = this.script;
    let envelope;
    try {
      envelope = JSON.parse(text);
    } catch {
      return;
    }
    const { event, data, id } = envelope;
    const reply = (name, content) => socket.send(JSON.stringify({ event: name, data: content, id }));
    if (event === 'authenticate' && !socket.known) {
      if (connect === 'none') return;
      socket.known = randomUUID();
      socket.send(JSON.stringify({ event: 'connected', data: { id: socket.known, userId: data?.userId, ...welcome } }));
      if (connect === 'hearth') reply('ack', { rooms: [socket.known] });
    } else if (requests) {
      if (event === 'join') this.#join(socket, data, reply);
      if (event === 'leave') reply('ack', { rooms: data.rooms });
      if (event === 'heartbeat' && connect === 'hearth') reply('ack', {});
      if (event === 'publish') this.#publish(data, reply);
    }
  }

  // Rooms that remember, as docs say of them; for as many connections as there are.

  /** {room: {epoch, kept: [{offset, text}], keys: {key: offset}}} */
  logs = new Map();

  log(room) {
    if (!this.logs.has(room)) this.logs.set(room, { epoch: 'k3fZ81Qa', top: 0, kept: [], keys: new Map(), members: new Set() });
    return this.logs.get(room);
  }

  #join(socket, { rooms, since }, reply) {
    const { log } = this.script;
    if (!log) return reply('ack', { rooms });
    const positions = {};
    const replays = [];
    for (const room of rooms) {
      if (!room.startsWith(log)) {
        positions[room] = null;
        continue;
      }
      const { epoch, top, kept, members } = this.log(room);
      const place = since?.[room];
      members.add(socket);
      socket.on('close', () => members.delete(socket));
      const first = kept[0]?.offset ?? top + 1;
      const known = place?.epoch === epoch && place.offset + 1 >= first && place.offset <= top;
      if (place?.epoch === undefined) positions[room] = { epoch, offset: top, top };
      else if (known) positions[room] = { recovered: true, epoch, offset: place.offset, top };
      else positions[room] = { recovered: false, reason: place.epoch === epoch ? 'trimmed' : 'epoch', epoch, offset: top, top };
      if (known) replays.push(...kept.filter(({ offset }) => offset > place.offset));
    }
    reply('ack', { rooms, positions });
    for (const { text } of replays) socket.send(text);
    return undefined;
  }

  /** Appends and delivers. */
  append(room, event, data, keep = 100_000) {
    const log = this.log(room);
    log.top += 1;
    const text = JSON.stringify({ event, data, room, offset: log.top });
    log.kept.push({ offset: log.top, text });
    if (log.kept.length > keep) log.kept.splice(0, log.kept.length - keep);
    for (const member of log.members) member.send(text);
    return log.top;
  }

  #publish({ room, event, data, idempotencyKey }, reply) {
    const { log: prefix, echoes } = this.script;
    if (echoes) for (const socket of this.#connections.values()) socket.send(JSON.stringify({ event, data }));
    if (!prefix || !room.startsWith(prefix)) return reply('ack', { rooms: [room] });
    const log = this.log(room);
    const known = idempotencyKey && log.keys.get(idempotencyKey);
    const offset = known || this.append(room, event, data);
    if (idempotencyKey) log.keys.set(idempotencyKey, offset);
    return reply('ack', { rooms: [room], epoch: log.epoch, offset, duplicate: known ? true : undefined });
  }

  /** Publishes numbers and cuts all connections at some of them, going on while they are away, for a while. */
  async numbered(room, count, cuts) {
    const { members } = this.log(room);
    let patience = Infinity;
    for (let n = 1; n <= count; n += 1) {
      this.append(room, 'n', n);
      if (n % 20 === 0) await new Promise((resolve) => { setImmediate(resolve); });
      if (cuts.includes(n)) {
        for (const socket of this.#connections.values()) socket.terminate();
        patience = n + Math.floor(Math.random() * 30);
      }
      while (n >= patience && members.size === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
    }
  }
}

const legal = (code) => code === 1000 || (code > 1000 && code < 1015 && ![1004, 1005, 1006].includes(code))
  || (code > 2999 && code < 5000);

function closeAsItStands(socket, code) {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  socket._socket?.end(Buffer.concat([Buffer.from([0x88, 2]), payload]));
}
