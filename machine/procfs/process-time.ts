/** CPU time that a process has used, in clock ticks. */
export interface ProcessTime {
  readonly pid: number;
  readonly name: string;
  readonly ticks: number;
}

/** Ticks per second in which the kernel reports (`USER_HZ`; 100 on all architectures that Node supports). */
export const ticksPerSecond = 100;

/**
 * Takes name and CPU time out of the text of `/proc/<pid>/stat` (proc_pid_stat(5)); undefined if it is none. The name stands
 * in brackets and may hold any character.
 */
export function parseProcessTime(pid: number, stat: string): ProcessTime | undefined {
  const nameEnd = stat.lastIndexOf(')');
  if (nameEnd < 0) return undefined;
  const fields = stat.slice(nameEnd + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) return undefined;
  return { pid, name: stat.slice(stat.indexOf('(') + 1, nameEnd), ticks };
}
