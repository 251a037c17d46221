/** The `hearth` processes of a storm. */
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { start } from './child.mjs';

/** How often each node says that it lives, in ms. */
export const kHeartbeat = 1000;

class Node {
  #process;
  #gone;
  #times = 0;
  #isToEnd = false;
  #wasCutOff = false;
  isUp = false;
  port = 1; // nobody listens there

  constructor({ command, directory, index, url, links, plan, records, attendance, onfail }) {
    Object.assign(this, { command, index, links, records, attendance, onfail, name: `node ${index}` });
    this.file = join(directory, `node${index}.toml`);
    this.log = createWriteStream(join(directory, `node${index}.log`));
    writeFileSync(this.file, `
[server]
listen = ["127.0.0.1:0"]
threads = 2
name_rooms = false
drain_delay = "0"
drain_time = "300ms"
[api]
listen = []
[broker]
url = "${url}"
[presence]
heartbeat = "${kHeartbeat}ms"
[history]
cache = "${plan.cache}"
position_check = "2s"
catch_up_at = "16KiB"
replay_window = "8KiB"
`);
    this.keep = plan.keep;
  }

  async start() {
    this.#times += 1;
    this.#isToEnd = false;
    // What it was told before it was killed, it does not know any more.
    this.name = `node ${this.index}.${this.#times}`;
    const { name } = this;
    const its = start(this.command, ['serve', '--dev', '--config', this.file, '--history', `${this.keep},10m`,
      '--presence', 'members'],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = its;
    this.#gone = once(its, 'exit');
    this.#gone.then(([code, signal]) => {
      if (its === this.#process && !this.#isToEnd) this.onfail(new Error(`${name} ended by itself: ${signal ?? code}`));
    });
    this.log.write(`--- ${name} at ${this.records.now()}\n`);
    createInterface({ input: its.stderr }).on('line', (line) => this.#logged(name, line));
    const lines = createInterface({ input: its.stdout });
    await Promise.race([
      new Promise((resolve) => {
        lines.on('line', (line) => {
          const [, port] = /^listening on \S*:(\d+)/.exec(line) ?? [];
          if (!port) return;
          this.port = Number(port);
          resolve();
        });
      }),
      this.#gone.then(([code]) => { throw new Error(`${name} ended with ${code} before it listened`); }),
    ]);
    this.isUp = true;
  }

  #logged(name, line) {
    this.log.write(`${line}\n`);
    const link = / (warning broker: Redis: |info broker: Redis: connected)/.exec(line);
    if (link && name === this.name) this.#isCutOff(link[1].startsWith('warning'));
    const lost = /has lost what was confirmed room=(\S+) epoch=(\S+) from=(\d+) to=(\d+)/.exec(line);
    if (!lost) return;
    const [, room, epoch, from, to] = lost;
    this.records.add('rolled_back', { who: name, room, epoch, offset: Number(from), top: Number(to) });
    this.ontold?.({ node: name, room, epoch, from: Number(from), to: Number(to) });
  }

  /** By what it says itself: where the machine is slow, nothing else has to be the cause. */
  #isCutOff(is) {
    if (is === this.#wasCutOff) return;
    this.#wasCutOff = is;
    this.records.add(is ? 'fault' : 'healed', { fault: 'unreachable' });
  }

  signal(name) {
    this.#process?.kill(name);
  }

  /** KiB of memory that it holds. */
  memory() {
    return Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${this.#process.pid}/status`, 'utf8'))[1]);
  }

  async #end(signal) {
    this.isUp = false;
    this.#isToEnd = true;
    this.attendance.ends(this.name);
    this.#process?.kill(signal);
    const [code] = await this.#gone ?? [];
    this.#isCutOff(false);
    this.records.add('node_gone', { who: this.name });
    this.records.add('dead', { who: this.name });
    return code;
  }

  kill() {
    return this.#end('SIGKILL');
  }

  /** It sends its clients away, and ends well. */
  async drain() {
    const code = await this.#end('SIGTERM');
    if (code !== 0) throw new Error(`${this.name} was to drain, and ended with ${code}`);
  }
}

export class Cluster {
  constructor(options) {
    this.nodes = options.access.map((access, index) => new Node({ ...options, ...access, index }));
  }

  start() {
    return Promise.all(this.nodes.map((node) => node.start()));
  }

  /** Whether it is up, and not to end. */
  has(name) {
    return this.nodes.some((node) => node.name === name && node.isUp);
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
      node.log.end();
    }
  }
}
