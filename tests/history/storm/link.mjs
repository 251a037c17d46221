/** TCP links of the storm's, which can be held up, slowed down and broken, in one direction or both. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export const kWays = ['to', 'from']; // the target

/** One direction of a connection. What is held up stays where it is: with the kernel, which takes no more in the end. */
class Way {
  #queue = [];
  #timer;

  constructor(from, to, state, change) {
    Object.assign(this, { from, to, state });
    from.on('data', (bytes) => this.#take(change(bytes)));
    from.on('end', () => this.#take(null));
    to.on('drain', () => this.pump());
  }

  #take(bytes) {
    this.#queue.push({ due: Date.now() + this.state().delay, bytes });
    this.pump();
  }

  pump() {
    clearTimeout(this.#timer);
    if (this.to.destroyed) return;
    if (this.state().isHeld) {
      this.from.pause();
      return;
    }
    while (this.#queue.length > 0) {
      const wait = this.#queue[0].due - Date.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), wait);
        return;
      }
      const { bytes } = this.#queue.shift();
      if (bytes === null) {
        this.to.end();
      } else if (!this.to.write(bytes)) {
        this.from.pause();
        return;
      }
    }
    this.from.resume();
  }
}

const open = () => Object.fromEntries(kWays.map((way) => [way, { isHeld: false, delay: 0 }]));

/**
 * Listens on a port of its own and connects everybody to `target`, a port or the path of a Unix socket, which may change:
 * those who are connected stay where they are. Replicas of Redis can be held up apart from all others.
 */
export class Link {
  #server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  #pairs = new Set();
  #states = { ordinary: open(), replication: open() };

  constructor(target, { change = (bytes) => bytes } = {}) {
    this.target = target;
    this.change = change;
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    return this;
  }

  #accept(client) {
    const server = connect({
      allowHalfOpen: true, ...(typeof this.target === 'string' ? { path: this.target } : { port: this.target, host: '127.0.0.1' }),
    });
    const pair = { kind: 'ordinary', sockets: [client, server] };
    const stateOf = (way) => () => this.#states[pair.kind][way];
    pair.ways = {
      to: new Way(client, server, stateOf('to'), (bytes) => {
        if (pair.kind === 'ordinary' && bytes.includes('PSYNC')) pair.kind = 'replication';
        return bytes;
      }),
      from: new Way(server, client, stateOf('from'), this.change),
    };
    this.#pairs.add(pair);
    const broken = () => {
      this.#pairs.delete(pair);
      for (const socket of pair.sockets) socket.destroy();
    };
    for (const socket of pair.sockets) {
      socket.setNoDelay(true);
      socket.on('error', broken);
    }
    // What has come is passed on before the end is, be it held up.
    client.on('close', () => this.#pairs.delete(pair));
    server.on('close', () => { if (!server.readableEnded) broken(); });
  }

  #set(ways, kind, change) {
    for (const way of ways) Object.assign(this.#states[kind][way], change);
    for (const pair of this.#pairs) {
      if (pair.kind === kind) for (const way of ways) pair.ways[way].pump();
    }
  }

  hold(ways = kWays, kind = 'ordinary') {
    this.#set(ways, kind, { isHeld: true });
  }

  release(ways = kWays, kind = 'ordinary') {
    this.#set(ways, kind, { isHeld: false });
  }

  delay(ms, ways = kWays, kind = 'ordinary') {
    this.#set(ways, kind, { delay: ms });
  }

  /** Ends the connections, and with them what is held up. */
  break(kind = 'ordinary') {
    for (const pair of [...this.#pairs]) {
      if (pair.kind !== kind) continue;
      const [client, server] = pair.sockets;
      client.resetAndDestroy();
      server.destroy();
      this.#pairs.delete(pair);
    }
  }

  close() {
    for (const kind of ['ordinary', 'replication']) this.break(kind);
    this.#server.close();
  }
}

/** To a Sentinel, whose answers name other ports: those of the links that are for whoever asks here. */
export function sentinelLink(target, ports) {
  const named = () => new RegExp(`\\b(${[...ports.keys()].join('|')})\\b`, 'g');
  return new Link(target, {
    change: (bytes) => Buffer.from(bytes.toString('latin1').replace(named(), (port) => ports.get(port)), 'latin1'),
  });
}
