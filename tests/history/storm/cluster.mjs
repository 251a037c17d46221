/** The `hearth` processes of a storm. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

class Node {
  #process;
  #times = 0;
  isUp = false;

  constructor({ command, port, redis, index, records }) {
    Object.assign(this, { command, port, redis, index, records });
  }

  async start() {
    this.#times += 1;
    // What it was told before it was killed, it does not know any more.
    this.name = `node ${this.index}.${this.#times}`;
    const { name } = this;
    this.#process = spawn(this.command, ['serve', '--dev', '--listen', `127.0.0.1:${this.port}`, '--threads', '2',
      '--history', '1000,10m', '--log-level', 'warning', '--redis',
      `redis://127.0.0.1:${this.redis}?dead_peer_timeout=1500&resubscribe_time=0`], { stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: this.#process.stderr }).on('line', (line) => {
      const lost = /has lost what was confirmed room=(\S+) epoch=(\S+) from=(\d+) to=(\d+)/.exec(line);
      if (!lost) return;
      const [, room, epoch, from, to] = lost;
      this.records.add('rolled_back', { who: name, room, epoch, offset: Number(from), top: Number(to) });
      this.ontold?.({ node: name, room, epoch, from: Number(from), to: Number(to) });
    });
    const lines = createInterface({ input: this.#process.stdout });
    await new Promise((resolve, reject) => {
      lines.on('line', (line) => line.startsWith('listening on') && resolve());
      this.#process.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it listened`)));
    });
    this.isUp = true;
  }

  signal(name) {
    this.#process.kill(name);
  }

  async kill() {
    this.isUp = false;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
    this.records.add('node_gone', { who: this.name });
  }
}

export class Cluster {
  constructor(options) {
    this.nodes = options.ports.map((port, index) => new Node({ ...options, port, index }));
  }

  start() {
    return Promise.all(this.nodes.map((node) => node.start()));
  }

  /** One that is up; or any, which will not answer. */
  pick(random) {
    const up = this.nodes.filter(({ isUp }) => isUp);
    const among = up.length > 0 ? up : this.nodes;
    return among[Math.floor(random() * among.length)];
  }

  async kill() {
    for (const node of this.nodes) {
      node.signal('SIGCONT');
      await node.kill();
    }
  }
}
