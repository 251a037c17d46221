/** A WebSocket client of the tests, which is no browser. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';

/** A `ws` client whose messages can be waited for. */
export class Client {
  #inbox = [];
  #waiting = null;

  static async connect(url, options) {
    const client = new Client();
    client.socket = new WebSocket(url, options);
    client.socket.on('message', (data, isBinary) => {
      client.#inbox.push({ ...JSON.parse(data), isBinary });
      client.#waiting?.();
    });
    client.closed = once(client.socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
    await once(client.socket, 'open');
    return client;
  }

  static async authenticated(url, userId, rooms, options) {
    const client = await Client.connect(url, options);
    client.send({ event: 'authenticate', data: { userId } });
    client.self = (await client.next('connected')).data;
    client.send({ event: 'join', data: { rooms }, id: 'join' });
    assert.deepEqual((await client.next('ack')).id, 'join');
    return client;
  }

  send(envelope) {
    this.socket.send(JSON.stringify(envelope));
  }

  /** The next message of this event; what comes before it is passed over. */
  async heard(event) {
    for (;;) {
      const message = await this.#take();
      if (message.event === event) return message;
    }
  }

  /** The next message that has not been taken yet, which must be of this event. */
  async next(event) {
    const message = await this.#take();
    assert.equal(message.event, event, JSON.stringify(message));
    return message;
  }

  async close(code, reason) {
    this.socket.close(code, reason);
    return this.closed;
  }

  async #take() {
    while (this.#inbox.length === 0) {
      await new Promise((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#inbox.shift();
  }
}
