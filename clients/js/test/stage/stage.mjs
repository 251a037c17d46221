/**
 * What the behaviours play on: it starts and stops servers for them, wherever they run. They ask over a WebSocket with
 * {id, kind, name, op, args}; it answers {id, value} or {id, error}, and tells {name, told} of what happens meanwhile.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { Cut } from './cut.mjs';
import { Hearth, Ignis, Remembering } from './programs.mjs';
import { WrongServer } from './wrong_server.mjs';

/** A plain HTTP server that answers every request, upgrades too, in this way. */
class Http {
  static async start({ status = 200, body = '<!doctype html><p>Welcome to the hotel' } = {}) {
    const http = new Http();
    http.asked = 0;
    const text = (code) => `HTTP/1.1 ${code} X\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    http.server = createServer((_, response) => response.writeHead(status).end(body));
    http.server.on('upgrade', (_, socket) => {
      http.asked += 1;
      socket.on('error', () => {});
      socket.end(text(status));
    });
    http.server.listen(0, '127.0.0.1');
    await once(http.server, 'listening');
    http.port = http.server.address().port;
    return http;
  }

  count() {
    return this.asked;
  }

  end() {
    this.server.close();
  }
}

const kKinds = {
  wrong: ({ script }, tell) => WrongServer.start(script, tell),
  cut: ({ port }) => Cut.start(port),
  hearth: (options) => Hearth.start(options),
  remembering: (options) => Remembering.start(options),
  ignis: ({ flags }) => Ignis.start(flags),
  http: (options) => Http.start(options),
};

export class Stage {
  #server;
  #things = new Map();
  #next = 1;

  /** `report` gets what the behaviours say of themselves. `pages` answers HTTP requests. */
  static async start(report, pages = (_, response) => response.writeHead(404).end()) {
    const stage = new Stage();
    stage.http = createServer(pages);
    stage.#server = new WebSocketServer({ server: stage.http });
    stage.#server.on('connection', (socket) => {
      socket.on('message', (bytes) => stage.#obey(socket, JSON.parse(bytes), report));
    });
    stage.http.listen(0, '127.0.0.1');
    await once(stage.http, 'listening');
    stage.port = stage.http.address().port;
    stage.url = `ws://127.0.0.1:${stage.port}/`;
    return stage;
  }

  async stop() {
    for (const thing of this.#things.values()) await (thing.end ?? thing.stop ?? thing.away).call(thing);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    this.http.close();
    this.http.closeAllConnections();
  }

  async #obey(socket, { id, kind, name, op, args = [] }, report) {
    const answer = (message) => socket.send(JSON.stringify({ id, ...message }));
    try {
      if (op === 'report') {
        await report(args[0]);
        return id && answer({});
      }
      if (op === 'start') return answer({ value: await this.#start(socket, kind, args[0] ?? {}) });
      const thing = this.#things.get(name);
      const value = op === 'end' ? await this.#end(name) : await thing[op](...args);
      return answer({ value: typeof value === 'object' ? undefined : value });
    } catch (error) {
      return answer({ error: `${error.stack}` });
    }
  }

  async #start(socket, kind, options) {
    const name = this.#next;
    this.#next += 1;
    const thing = await kKinds[kind](options, (told) => {
      if (socket.readyState === 1) socket.send(JSON.stringify({ name, told }));
    });
    this.#things.set(name, thing);
    return { name, port: thing.port };
  }

  async #end(name) {
    const thing = this.#things.get(name);
    this.#things.delete(name);
    await (thing?.end ?? thing?.stop ?? thing?.away)?.call(thing);
  }
}
