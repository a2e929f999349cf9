import { readTextIfThere } from '../../machine/read-text.js';

/** Most memory that a process has had resident, in bytes; 0 once it is gone. See `VmHWM` in proc_pid_status(5). */
export function peakBytesOf(pid: number): number {
  const status = readTextIfThere(`/proc/${pid}/status`) ?? '';
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
