import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { type ControlGroupFolder, locateControlGroup } from '../capacity/control-group.js';
import { type MemoryCgroup, readMemoryCgroup } from '../capacity/memory-cgroup.js';
import { formatBytes } from '../options/quantities.js';

/** That the kernel has killed processes of the target for want of memory. */
export interface OomKill {
  /** Processes killed; undefined if only the machine's count is known, which others may have raised. */
  readonly kills?: number;
  /** The limit that was reached; undefined if the whole machine ran out of memory, or it could not be read. */
  readonly limit_bytes?: number;
  /** What was charged to the control group at the last sample. */
  readonly used_bytes?: number;
}

/** Watches the memory limit that the target runs under, and whether the kernel enforces it. */
export class MemoryLimitWatch {
  readonly #pid: number;
  readonly #folder: ControlGroupFolder | undefined;
  readonly #killsBefore: number;
  readonly #machineKillsBefore: number;
  /**
   * Kept open: the way to a container's files leads through the target's process, but the files last as long as the
   * group, so they tell of the kill after the target is gone.
   */
  readonly #files = new Map<string, number>();
  #last: MemoryCgroup | undefined;

  /** `pid` is a process of the target, which has to be alive. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#folder = locateControlGroup('memory', pid);
    this.#killsBefore = this.read()?.oomKills ?? 0;
    this.#machineKillsBefore = readMachineOomKills();
  }

  /** Tells whether a process is in the group that is watched. */
  isOf(pid: number): boolean {
    return pid === this.#pid && locateControlGroup('memory', pid)?.path === this.#folder?.path;
  }

  /** Reads the figures of the target's control group; undefined if it has none, or is gone. */
  read(): MemoryCgroup | undefined {
    if (this.#folder === undefined) return undefined;
    const now = readMemoryCgroup(this.#folder, (path) => this.#readKept(path));
    // A container that has ended takes its group with it; what was known last stays.
    if (now.usedBytes === undefined) return undefined;
    this.#last = now;
    return now;
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #readKept(path: string): string | undefined {
    try {
      const file = this.#files.get(path) ?? openSync(path, 'r');
      this.#files.set(path, file);
      const buffer = Buffer.alloc(1024);
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)).trim();
    } catch {
      // No such controller, or not ours to read, or the group is gone (ENODEV).
      return undefined;
    }
  }

  /** Returns the kill, if there was one since this watch began. To be asked after the target has ended, or at the end. */
  findKill(): OomKill | undefined {
    const last = this.#last;
    const isThere = this.read() !== undefined;
    const kills = (this.#last?.oomKills ?? 0) - this.#killsBefore;
    const machineKills = readMachineOomKills() - this.#machineKillsBefore;
    // While the group is there, its own count decides: the machine's counts the kills of everybody.
    if (kills <= 0 && (isThere || machineKills <= 0)) return undefined;
    return {
      ...(kills > 0 ? { kills } : {}),
      ...(last?.limitBytes === undefined ? {} : { limit_bytes: last.limitBytes }),
      ...(last?.usedBytes === undefined ? {} : { used_bytes: last.usedBytes }),
    };
  }
}

/** Says what a kill means, and what to do about it. `held` is what the target held at the last sample. */
export function describeOomKill(
  kill: OomKill,
  held: { readonly connections: number; readonly rssBytes: number | undefined },
): string {
  const { limit_bytes: limit, used_bytes: used } = kill;
  const why =
    limit === undefined ? 'the machine ran out of memory' : `its limit is ${formatBytes(limit)}`;
  const figures = [
    `${held.connections} connections`,
    ...(held.rssBytes === undefined ? [] : [`RSS ${formatBytes(held.rssBytes)}`]),
    ...(used === undefined ? [] : [`${formatBytes(used)} charged to its control group`]),
  ];
  return `killed by the kernel for want of memory: ${why}; at the last sample it held ${figures.join(', ')}; raise the limit or open fewer connections`;
}

/** Kills of the whole machine since it started: `oom_kill` in `/proc/vmstat` (`mm/oom_kill.c`); 0 if not known. */
function readMachineOomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    // Not Linux.
    return 0;
  }
}
