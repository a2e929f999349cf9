import { type ProcessTime, ticksPerSecond } from '../../machine/procfs/process-stat.js';
import type { BusyProcess, OtherWork } from './checks/machine-facts.js';

/** CPU time of a machine at one moment, in clock ticks. */
export interface CpuTime {
  /** Of all cores together, idle time left out; undefined if it can't be read. */
  readonly busyTicks: number | undefined;
  readonly processes: readonly ProcessTime[];
}

/** Processes that take less than this are not named, in per cent of a core. */
const leastNamedPercent = 5;

/** More names than this nobody reads. */
const mostNamed = 5;

/** Tells how much others have used between two moments, `seconds` apart, and who; `ownPids` are ours. */
export function findOtherWork(
  before: CpuTime,
  after: CpuTime,
  seconds: number,
  ownPids: readonly number[],
): OtherWork | undefined {
  if (before.busyTicks === undefined || after.busyTicks === undefined) return undefined;
  const percent = (ticks: number): number => (100 * ticks) / ticksPerSecond / seconds;
  const ticksBefore = new Map(before.processes.map(({ pid, ticks }) => [pid, ticks]));
  const used = after.processes.map(({ pid, name, ticks }) => ({
    pid,
    name,
    cpuPercent: percent(ticks - (ticksBefore.get(pid) ?? ticks)),
  }));
  const ours = used.filter(({ pid }) => ownPids.includes(pid));
  const others = used.filter(({ pid }) => !ownPids.includes(pid));
  const own = ours.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  return {
    cpuPercent: Math.max(0, percent(after.busyTicks - before.busyTicks) - own),
    processes: others
      .filter(({ cpuPercent }) => cpuPercent >= leastNamedPercent)
      .sort(byCpu)
      .slice(0, mostNamed),
  };
}

/** Takes the busy time of all cores out of the text of `/proc/stat` (proc_stat(5)): all but idle and waiting for a disk. */
export function parseBusyTicks(stat: string): number | undefined {
  const fields = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number);
  if (fields === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = fields;
  return user + nice + system + irq + softIrq + steal;
}

function byCpu(a: BusyProcess, b: BusyProcess): number {
  return b.cpuPercent - a.cpuPercent;
}
