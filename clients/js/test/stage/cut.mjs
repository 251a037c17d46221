/** A TCP proxy that can do to a connection what networks do. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Cut {
  #server;
  #pairs = new Set();
  #frozen = false;
  #delay = 0;
  #halve = false;
  #mute = false;

  static async start(port) {
    const cut = new Cut();
    cut.#server = createServer((client) => cut.#join(client, connect(port, '127.0.0.1')));
    cut.#server.listen(0, '127.0.0.1');
    await once(cut.#server, 'listening');
    cut.port = cut.#server.address().port;
    return cut;
  }

  /** Nothing passes in either direction, and nobody is told. */
  freeze(frozen) {
    this.#frozen = frozen;
    if (!frozen) for (const pair of this.#pairs) pair.release();
  }

  /** What the server says does not come through, and never will. */
  mute(mute) {
    this.#mute = mute;
  }

  /** Nothing is read from the server: what it says waits with it, and what is said to it passes. */
  stall(stalled) {
    for (const pair of this.#pairs) pair.stall(stalled);
  }

  /** Everything comes so many ms later. */
  delay(ms) {
    this.#delay = ms;
  }

  /** Everything comes in pieces of one byte. */
  halve(halve) {
    this.#halve = halve;
  }

  /** Ends all connections with a reset. */
  reset() {
    for (const pair of this.#pairs) pair.reset();
  }

  stop() {
    this.reset();
    this.#server.close();
  }

  #join(client, server) {
    const held = [];
    const pair = {
      release: () => held.splice(0).forEach(([to, bytes]) => to.write(bytes)),
      stall: (stalled) => (stalled ? server.pause() : server.resume()),
      reset: () => [client, server].forEach((socket) => socket.resetAndDestroy()),
    };
    this.#pairs.add(pair);
    for (const [from, to] of [[client, server], [server, client]]) {
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('data', (bytes) => (this.#mute && from === server) || this.#pass(bytes, to, held));
      from.on('close', () => {
        this.#pairs.delete(pair);
        if (!this.#frozen) to.destroy();
      });
    }
  }

  async #pass(bytes, to, held) {
    if (this.#delay > 0) await new Promise((resolve) => { setTimeout(resolve, this.#delay); });
    if (this.#frozen) held.push([to, bytes]);
    else if (this.#halve) for (const byte of bytes) to.write(Buffer.from([byte]));
    else to.write(bytes);
  }
}
