/** An Ignis server on Bun, in one cluster with the nodes. */
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { start } from './child.mjs';

const interop = (name) => fileURLToPath(new URL(`../../interop/${name}`, import.meta.url));
const kBun = ['x64', 'aarch64'].map((machine) => interop(`node_modules/@oven/bun-linux-${machine}/bin/bun`)).find(existsSync);

export class Ignis {
  #process;
  #gone;

  /** Ignis writes its log into `directory`. */
  async start(flags, directory) {
    if (!kBun) throw new Error('Bun is missing; script/bootstrap installs it');
    this.#process = start(kBun, [interop('ignis_app.mjs'), ...flags], { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr.pipe(createWriteStream(join(directory, 'ignis.log')));
    this.#gone = once(this.#process, 'exit');
    const lines = createInterface({ input: this.#process.stdout });
    this.port = await Promise.race([
      new Promise((resolve) => {
        lines.on('line', (line) => {
          const [, port] = /^listening on \S*:(\d+)$/.exec(line) ?? [];
          if (port) resolve(Number(port));
        });
      }),
      this.#gone.then(([code]) => { throw new Error(`Ignis ended with ${code} before it listened`); }),
    ]);
  }

  // As Cluster has them.

  has() {
    return true;
  }

  pick() {
    return { port: this.port, name: 'Ignis' };
  }

  async kill() {
    if (!this.#process) return;
    this.#process.kill('SIGKILL');
    await this.#gone;
  }
}
