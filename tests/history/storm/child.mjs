/** Processes that end with this one, however that ends. */
import { spawn } from 'node:child_process';

const children = new Map(); // and by which signal they end

export function start(command, words, options, signal = 'SIGKILL') {
  const child = spawn(command, words, options);
  children.set(child, signal);
  child.once('exit', () => children.delete(child));
  return child;
}

process.on('exit', () => {
  for (const [child, signal] of children) child.kill(signal);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
