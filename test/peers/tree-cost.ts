import { parseProcessTime, ticksPerSecond } from '../../machine/procfs/process-stat.js';
import { readProcessTree } from '../../machine/procfs/read-procfs.js';
import { readTextIfThere } from '../../machine/read-text.js';

/** What a process and its descendants have used so far. */
export interface TreeCost {
  /** CPU time of those that run now. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly pssBytes: number;
  /** Resident bytes that no other process shares, without those that the kernel may take back at any time (MADV_FREE). */
  readonly privateBytes: number;
}

/** Reads what a process and its descendants have used; what has ended since does not count. */
export function readTreeCost(pid: number): TreeCost {
  let ticks = 0;
  let rssBytes = 0;
  let pssBytes = 0;
  let privateBytes = 0;
  for (const each of readProcessTree([pid])) {
    ticks += parseProcessTime(each, readTextIfThere(`/proc/${each}/stat`) ?? '')?.ticks ?? 0;
    const rollup = readTextIfThere(`/proc/${each}/smaps_rollup`) ?? '';
    rssBytes += kilobytesOf(rollup, 'Rss') * 1024;
    pssBytes += kilobytesOf(rollup, 'Pss') * 1024;
    const ownKilobytes =
      kilobytesOf(rollup, 'Private_Clean') +
      kilobytesOf(rollup, 'Private_Dirty') -
      kilobytesOf(rollup, 'LazyFree');
    privateBytes += ownKilobytes * 1024;
  }
  return { cpuSeconds: ticks / ticksPerSecond, rssBytes, pssBytes, privateBytes };
}

/** Takes a field in kB out of the text of a file such as `/proc/<pid>/smaps_rollup` or `/proc/meminfo`; 0 if it is not there. */
export function kilobytesOf(text: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
}
