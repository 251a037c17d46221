/** The behaviours' side of the stage: servers as objects, wherever this runs. */
import { until } from './runner.mjs';

export class StageLink {
  #socket;
  #waiting = new Map();
  #listening = new Map();
  #next = 1;

  static async open(url, WebSocket = globalThis.WebSocket) {
    const link = new StageLink();
    link.#socket = new WebSocket(url);
    link.#socket.onmessage = ({ data }) => link.#take(JSON.parse(data));
    await new Promise((resolve, reject) => {
      link.#socket.onopen = resolve;
      link.#socket.onerror = () => reject(new Error(`no stage at ${url}`));
    });
    return link;
  }

  ask(message) {
    const id = this.#next;
    this.#next += 1;
    this.#socket.send(JSON.stringify({ id, ...message }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  tell(message) {
    this.#socket.send(JSON.stringify(message));
  }

  listen(name, handler) {
    this.#listening.set(name, handler);
  }

  close() {
    this.#socket.close();
  }

  #take({ id, value, error, name, told }) {
    if (told) {
      this.#listening.get(name)?.(told);
    } else {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(value);
    }
  }

  async start(kind, options, after) {
    const { name, port } = await this.ask({ kind, op: 'start', args: [options] });
    const actor = kind === 'wrong' ? new Wrong(this, name, port) : new Actor(this, name, port);
    after(() => actor.call('end'));
    return actor;
  }
}

/** Something on the stage. */
export class Actor {
  constructor(link, name, port) {
    Object.assign(this, { link, name, port, url: `ws://127.0.0.1:${port}/ws` });
  }

  call(op, ...args) {
    return this.link.ask({ name: this.name, op, args });
  }
}

/** The wrong server, with all that happened to it. */
export class Wrong extends Actor {
  /** {type: open | message | close, connection, text, code}, with `event`, `data` and `id` of an envelope. */
  seen = [];

  constructor(...words) {
    super(...words);
    this.link.listen(this.name, (told) => {
      let envelope = {};
      try {
        envelope = told.text ? JSON.parse(told.text) : {};
      } catch {
        // It keeps the text.
      }
      this.seen.push({ ...envelope, ...told });
    });
  }

  /** The messages with this event that came, of all connections or one. */
  of(event, connection) {
    return this.seen.filter((one) => one.type === 'message' && one.event === event
      && (connection === undefined || one.connection === connection));
  }

  get opened() {
    return this.seen.filter(({ type }) => type === 'open').length;
  }

  /** How many connections are open. */
  get open() {
    return this.opened - this.seen.filter(({ type }) => type === 'close').length;
  }

  /** The newest connection that it has told of. */
  get connection() {
    return this.seen.findLast(({ type }) => type === 'open').connection;
  }

  /** Returns once `seen` has all that has happened so far; what is told comes before what is answered. */
  noted() {
    return this.call('nothing');
  }

  /** Returns once so many messages with this event have come, with the last of them. */
  async got(event, count = 1) {
    await until(`${count} ${event} came`, () => this.of(event).length >= count);
    return this.of(event)[count - 1];
  }

  send(envelope, connection = 0) {
    return this.call('send', connection, typeof envelope === 'string' ? envelope : JSON.stringify(envelope));
  }

  answer({ id, connection }, data, event = 'ack') {
    return this.send({ event, data, id }, connection);
  }

  close(code, reason) {
    return this.call('close', 0, code, reason);
  }

  /** Cuts the newest connection. */
  cut() {
    return this.call('terminate', 0);
  }
}
