import type { OomKill } from '../results/summary.js';
import { release } from 'node:os';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import {
  type ControlGroupFolder,
  locateControlGroup,
  type MemoryCgroup,
  readMemoryCgroup,
} from '../../machine/control-group.js';
import { formatBytes } from '../../program/quantities.js';
import { readAncestors, readProcessTree } from '../../machine/procfs/read-procfs.js';

/** How often the group of a process is looked up: whatever started it may move it to another one, but does so soon. */
const looksPerProcess = 20;

/**
 * Whether the kernel charges a TCP socket to the group that accepts it. Before Linux 6.13 nobody was charged for it, because it comes into
 * being when a packet arrives (`inet_csk_accept()` in net/ipv4/inet_connection_sock.c).
 */
export const chargesAcceptedSockets = isAtLeast(release(), 6, 13);

/** A group that the target runs in. */
export interface TargetCgroup extends MemoryCgroup {
  /** What the kernel keeps for the group; undefined unless all its processes are the target's and their sockets are charged to it. */
  readonly ownKernelBytes: number | undefined;
}

/** Watches the memory limits that the processes of the target run under, and whether the kernel enforces them. */
export class MemoryLimitWatch {
  readonly #groups = new Map<string, GroupWatch>();
  readonly #looks = new Map<number, number>();
  #pids: ReadonlySet<number> = new Set();
  #starters: readonly number[] = [];
  readonly #machineKillsBefore = readMachineOomKills();

  /** Watches the groups of a process and its descendants too; those of processes that have gone stay watched. */
  follow(rootPid: number): void {
    const pids = readProcessTree([rootPid]);
    this.#pids = new Set(pids);
    this.#starters = readAncestors(rootPid);
    for (const pid of pids) {
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
    const figures = [...this.#groups.values()].flatMap((group) => group.read() ?? []);
    const nearness = ({ usedBytes = 0, limitBytes = Infinity }: MemoryCgroup): number =>
      usedBytes / limitBytes;
    const [closest] = figures.toSorted((one, other) => nearness(other) - nearness(one));
    if (closest === undefined) return undefined;
    const { kernelBytes, pids } = closest;
    const isOwn = pids.length > 0 && pids.every((pid) => this.#isOwn(pid));
    return {
      ...closest,
      ownKernelBytes: isOwn && chargesAcceptedSockets ? kernelBytes : undefined,
    };
  }

  /** Tells whether a process has no other purpose than the target: it is of its tree, or has started it without being the bench. */
  #isOwn(pid: number): boolean {
    return pid !== process.pid && (this.#pids.has(pid) || this.#starters.includes(pid));
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
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    // Not Linux.
    return 0;
  }
}

/** Tells whether a release of Linux, such as `6.18.3-amd64`, is this one or newer. */
function isAtLeast(text: string, major: number, minor: number): boolean {
  const [ours = 0, itsMinor = 0] = text.split('.').map(Number);
  return ours > major || (ours === major && itsMinor >= minor);
}
