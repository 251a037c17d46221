/** What the kernel says of a process: CPU time and memory. */
import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds of CPU time that all threads of a process have used, to the nanosecond (unlike /proc/<pid>/stat). */
export function cpuMicroseconds(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const used = (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  return tasks.reduce((sum, task) => sum + used(task), 0) / 1000;
}

/** Bytes of memory that a process has resident. */
export function residentBytes(pid) {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

/** The processes that a process has started. */
export function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** The cores that this process may run on, e.g. [0, 1]. */
export function allowedCores() {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
