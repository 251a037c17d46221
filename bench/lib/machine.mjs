/** The machine that the figures are of. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** By the names that the page gives them. */
export function describeMachine() {
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const virtual = /^flags\s*:.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  const count = cpus().length;
  const cores = `${count} ${count === 1 ? 'core' : 'cores'}${virtual ? ' of a virtual machine' : ''}`;
  return {
    Processor: `${cpus()[0].model.trim()}, ${cores}`,
    Memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    System: `${system}, Linux ${release()}`,
    'Load before the run': loadavg()[0].toFixed(2),
  };
}
