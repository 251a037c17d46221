/** Connections to a Redis or a Sentinel. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Replies out of bytes (RESP2); an error is an Error. */
class Replies {
  #bytes = Buffer.alloc(0);

  add(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const found = [];
    for (;;) {
      const at = { next: 0 };
      const reply = this.#read(at);
      if (reply === undefined) return found;
      this.#bytes = this.#bytes.subarray(at.next);
      found.push(reply);
    }
  }

  /** undefined if it is not whole. */
  #read(at) {
    const end = this.#bytes.indexOf('\r\n', at.next);
    if (end < 0) return undefined;
    const kind = String.fromCharCode(this.#bytes[at.next]);
    const text = this.#bytes.toString('utf8', at.next + 1, end);
    at.next = end + 2;
    if (kind === '+') return text;
    if (kind === '-') return new Error(text);
    if (kind === ':') return Number(text);
    const length = Number(text);
    if (length < 0) return null;
    if (kind === '$') {
      if (this.#bytes.length < at.next + length + 2) return undefined;
      const value = this.#bytes.toString('utf8', at.next, at.next + length);
      at.next += length + 2;
      return value;
    }
    const list = [];
    for (let i = 0; i < length; i += 1) {
      const element = this.#read(at);
      if (element === undefined) return undefined;
      list.push(element);
    }
    return list;
  }
}

/** One connection, which does not come back. */
export class Connection {
  #socket;
  #waiting = [];
  #replies = new Replies();
  /** Gets what nobody has asked for. */
  onpush = () => {};

  /** Is called when it has ended. */
  onend = () => {};

  /** To a Unix socket. */
  static async open(path) {
    const connection = new Connection();
    const socket = connect({ path });
    connection.#socket = socket;
    await once(socket, 'connect');
    socket.on('data', (bytes) => {
      for (const reply of connection.#replies.add(bytes)) connection.#take(reply);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const { reject } of connection.#waiting.splice(0)) reject(new Error('Redis hung up'));
      connection.onend();
    });
    return connection;
  }

  get isOver() {
    return this.#socket.destroyed;
  }

  #take(reply) {
    const isPush = Array.isArray(reply) && /^(p?message|p?subscribe|pong)$/.test(reply[0]);
    if (isPush) this.onpush(reply);
    if (isPush && reply[0] !== 'pong' && !/subscribe/.test(reply[0])) return;
    const { resolve, reject } = this.#waiting.shift();
    if (reply instanceof Error) reject(reply);
    else resolve(reply);
  }

  ask(...words) {
    const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('Redis hung up'));
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`*${words.length}\r\n${parts.join('')}`);
    });
  }

  close() {
    this.#socket.destroy();
  }
}
