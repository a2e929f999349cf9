/*
 * All of these take the text of `/proc/<pid>/stat` (proc_pid_stat(5)), which is empty for a process that has ended.
 */

/** CPU time that a process has used, in clock ticks. */
export interface ProcessTime {
  readonly pid: number;
  readonly name: string;
  readonly ticks: number;
}

/** Ticks per second in which the kernel reports (`USER_HZ`; 100 on all architectures that Node supports). */
export const ticksPerSecond = 100;

/** Takes the name and CPU time of a process; undefined if it is not such a text. */
export function parseProcessTime(pid: number, stat: string): ProcessTime | undefined {
  const { name, fields } = splitStat(stat);
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (name === undefined || !Number.isFinite(ticks)) return undefined;
  return { pid, name, ticks };
}

/** Takes the parent; undefined if the text is empty. */
export function parseParentPid(stat: string): number | undefined {
  const [, parent] = splitStat(stat).fields;
  return parent === undefined ? undefined : Number(parent);
}

/** Takes the state, such as `S` or `T`; undefined if the text is empty. */
export function parseProcessState(stat: string): string | undefined {
  const [state] = splitStat(stat).fields;
  return state;
}

/** The name of the program is in brackets and may contain any character; the state is the first field behind it. */
function splitStat(stat: string): {
  readonly name: string | undefined;
  readonly fields: readonly string[];
} {
  const nameEnd = stat.lastIndexOf(')');
  if (nameEnd < 0) return { name: undefined, fields: [] };
  return {
    name: stat.slice(stat.indexOf('(') + 1, nameEnd),
    fields: stat.slice(nameEnd + 2).split(' '),
  };
}
