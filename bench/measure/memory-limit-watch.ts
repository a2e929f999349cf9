import type { OomKill } from '../results/summary.js';
import { release } from 'node:os';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import {
  type ControlGroupFolder,
  countIn,
  locateControlGroup,
  type MemoryCgroup,
  readGroupPids,
  readKernelBytes,
  readMemoryCgroup,
} from '../../machine/control-group.js';
import { compareVersions } from '../../program/compare-versions.js';
import { formatBytes } from '../../program/quantities.js';
import { readAncestors, readProcessTree } from '../../machine/procfs/read-procfs.js';

/** How often the group of a process is looked up: whatever started it may move it to another one, but does so soon. */
const looksPerProcess = 20;

/**
 * Whether the kernel charges a TCP socket to the group that accepts it. Before Linux 6.13 nobody was charged for it, because it comes into
 * being when a packet arrives (`inet_csk_accept()` in net/ipv4/inet_connection_sock.c).
 */
export const chargesAcceptedSockets = compareVersions(release(), '6.13') >= 0;

/** A group that the target runs in. */
export interface TargetCgroup extends MemoryCgroup {
  /** What the kernel keeps for the group; undefined unless all its processes are the target's and their sockets are charged to it. */
  readonly ownKernelBytes: number | undefined;
}

/** Watches the memory limits that the processes of the target run under, and whether the kernel enforces them. */
export class MemoryLimitWatch {
  readonly #groups = new Map<string, GroupWatch>();
  readonly #looks = new Map<number, number>();
  #rootPid = 0;
  #pids: readonly number[] = [];
  readonly #machineKillsBefore = readMachineOomKills();

  /** Watches the groups of a process and its descendants, `pids`, too; those of processes that have gone stay watched. */
  follow(rootPid: number, pids: readonly number[] = readProcessTree([rootPid])): void {
    this.#rootPid = rootPid;
    this.#pids = pids;
    for (const pid of this.#pids) {
      const looks = this.#looks.get(pid) ?? 0;
      if (looks >= looksPerProcess) continue;
      this.#looks.set(pid, looks + 1);
      const folder = locateControlGroup('memory', pid);
      if (folder === undefined || this.#groups.has(folder.path)) continue;
      this.#groups.set(folder.path, new GroupWatch(folder));
    }
  }

  /** Reads the figures of the group that is closest to its limit; undefined if there is no group, or all are gone. */
  read(): TargetCgroup | undefined {
    const readings = [...this.#groups.values()].flatMap((group) => {
      const figures = group.read();
      return figures === undefined ? [] : [{ group, figures }];
    });
    const nearness = ({ usedBytes = 0, limitBytes = Infinity }: MemoryCgroup): number =>
      usedBytes / limitBytes;
    const [closest] = readings.toSorted(
      (one, other) => nearness(other.figures) - nearness(one.figures),
    );
    if (closest === undefined) return undefined;
    return { ...closest.figures, ownKernelBytes: this.#ownKernelBytes(closest.group) };
  }

  /** Undefined unless each process of the group is of the target's tree, or has started it without being the bench. */
  #ownKernelBytes(group: GroupWatch): number | undefined {
    const bytes = chargesAcceptedSockets ? group.readKernelBytes() : undefined;
    if (bytes === undefined) return undefined;
    const pids = group.readPids();
    const others = pids.filter((pid) => !this.#pids.includes(pid));
    if (pids.length === 0 || others.includes(process.pid)) return undefined;
    if (others.length === 0) return bytes;
    const starters = readAncestors(this.#rootPid);
    return others.every((pid) => starters.includes(pid)) ? bytes : undefined;
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
    this.#groups.clear();
  }

  /** Returns the kill, if there was one since this watch began. To be called after the target has ended, or at the end. */
  findKill(): OomKill | undefined {
    const groups = [...this.#groups.values()];
    // While all groups exist, their own counts decide: the machine's count includes kills elsewhere.
    const areAllThere = groups.every((group) => group.read() !== undefined);
    const [killed] = groups.toSorted((one, other) => other.kills - one.kills);
    const kills = killed?.kills ?? 0;
    const machineKills = readMachineOomKills() - this.#machineKillsBefore;
    if (kills <= 0 && (areAllThere || machineKills <= 0)) return undefined;
    return {
      ...(kills > 0 ? { kills } : {}),
      ...(killed?.limitBytes === undefined ? {} : { limit_bytes: killed.limitBytes }),
      ...(killed?.usedBytes === undefined ? {} : { used_bytes: killed.usedBytes }),
    };
  }
}

/** Watches one control group. */
class GroupWatch {
  readonly #folder: ControlGroupFolder;
  readonly #killsBefore: number;
  /**
   * Kept open: the path to a container's files leads through the target's process, but the files last as long as the
   * group, so they report the kill after the target is gone.
   */
  readonly #files = new Map<string, number>();
  /** What was read before the last reading: after a kill, the last one shows almost nothing in use. */
  #before: MemoryCgroup | undefined;
  #last: MemoryCgroup | undefined;

  constructor(folder: ControlGroupFolder) {
    this.#folder = folder;
    this.#killsBefore = this.read()?.oomKills ?? 0;
  }

  /** Processes that the kernel has killed since this watch began. */
  get kills(): number {
    return (this.#last?.oomKills ?? 0) - this.#killsBefore;
  }

  get limitBytes(): number | undefined {
    return this.#last?.limitBytes;
  }

  /** What was charged to the group when it was last read before a kill. */
  get usedBytes(): number | undefined {
    return this.#before?.usedBytes;
  }

  /** Reads its figures; undefined if it is gone. */
  read(): MemoryCgroup | undefined {
    const now = readMemoryCgroup(this.#folder, (path) => this.#readKept(path));
    // A container that has ended takes its group with it; what was known last stays.
    if (now.usedBytes === undefined) return undefined;
    if (this.#last?.oomKills === now.oomKills || this.#before === undefined) {
      this.#before = this.#last ?? now;
    }
    this.#last = now;
    return now;
  }

  readKernelBytes(): number | undefined {
    return readKernelBytes(this.#folder, (path) => this.#readKept(path));
  }

  readPids(): number[] {
    return readGroupPids(this.#folder, (path) => this.#readKept(path));
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
  }

  #readKept(path: string): string | undefined {
    try {
      const file = this.#files.get(path) ?? openSync(path, 'r');
      this.#files.set(path, file);
      // `memory.stat` has some 2,000 bytes.
      const buffer = Buffer.alloc(8192);
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)).trim();
    } catch {
      // No such controller, or not ours to read, or the group is gone (ENODEV).
      return undefined;
    }
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
  return `killed by the kernel because memory ran out: ${why}; at the last sample it held ${figures.join(', ')}; raise the limit or open fewer connections`;
}

/** Kills of the whole machine since it started: `oom_kill` in `/proc/vmstat` (`mm/oom_kill.c`); 0 if not known. */
function readMachineOomKills(): number {
  try {
    return countIn(readFileSync('/proc/vmstat', 'utf8'), 'oom_kill') ?? 0;
  } catch {
    // Not Linux.
    return 0;
  }
}
