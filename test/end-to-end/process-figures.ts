/** What can be seen of a process from outside, by its id. */
import { readProcessState } from '../../machine/procfs/read-procfs.js';
import { readTextIfThere } from '../../machine/read-text.js';

/** Zombies have only to be waited for by whoever started them. */
const goneStates: ReadonlySet<string | undefined> = new Set([undefined, 'Z', 'X']);

/** Tells whether a process still runs, or could. */
export function isThere(pid: number): boolean {
  return !goneStates.has(readProcessState(pid));
}

/** Most memory that a process has had resident, in bytes; 0 once it is gone. See `VmHWM` in proc_pid_status(5). */
export function peakBytesOf(pid: number): number {
  const status = readTextIfThere(`/proc/${pid}/status`) ?? '';
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
