import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { errorCodeOf } from '../../program/failure.js';

/**
 * Has a process that was just started, and all that it will start, give way to others: `niceness` is 1 to 19.
 *
 * Where the kernel groups processes by session (`sched_autogroup_enabled`, sched(7), "The autogroup feature"), a nice
 * value counts within a session only, so that of the group is set too. A process that has ended already is left alone.
 */
export function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch (error) {
    // No autogroups here (macOS, a kernel without them), or the process is gone: nothing more to do.
    if (errorCodeOf(error) !== 'ENOENT' && !isNoSuchProcess(error)) throw error;
  }
}

/** `os.setPriority()` tells the reason by number only: its code is ERR_SYSTEM_ERROR whatever went wrong. */
function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === -constants.errno.ESRCH;
}
