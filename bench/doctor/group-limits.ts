import { join } from 'node:path';
import {
  type ControlGroupFolder,
  foldersOf,
  memoryFiles,
  parseLimit,
  type ReadFile,
} from '../../machine/control-group.js';
import type { GroupLimit } from './checks/machine-facts.js';

/** Files of a limit and of what is used of it, in both versions of control groups. */
interface LimitFiles {
  readonly limit: string;
  readonly used: string;
}

/** The same in both versions (`cgroup-v1/pids.rst`). */
const pidsFiles: LimitFiles = { limit: 'pids.max', used: 'pids.current' };

/** Returns the memory limit that leaves the least room, of the group and those above it; undefined if there is none. */
export function findMemoryLimit(
  folder: ControlGroupFolder | undefined,
  read: ReadFile,
): GroupLimit | undefined {
  return folder === undefined ? undefined : findTightest(folder, memoryFiles[folder.version], read);
}

/** Returns the limit on processes and threads that leaves the least room; undefined if there is none. */
export function findPidsLimit(
  folder: ControlGroupFolder | undefined,
  read: ReadFile,
): GroupLimit | undefined {
  return folder === undefined ? undefined : findTightest(folder, pidsFiles, read);
}

/** Returns the cores' worth of CPU time that the group may use, by the smallest quota; undefined if there is none. */
export function findCpuQuota(
  folder: ControlGroupFolder | undefined,
  read: ReadFile,
): number | undefined {
  if (folder === undefined) return undefined;
  const quotas = foldersOf(folder).flatMap((each) => {
    const text =
      folder.version === 2
        ? (read(join(each, 'cpu.max')) ?? '')
        : [read(join(each, 'cpu.cfs_quota_us')), read(join(each, 'cpu.cfs_period_us'))].join(' ');
    const [quota = NaN, period = NaN] = text.split(' ').map(Number);
    // No limit is `max` in version 2 and −1 in version 1.
    return quota > 0 && period > 0 ? [quota / period] : [];
  });
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}

function findTightest(
  folder: ControlGroupFolder,
  files: LimitFiles,
  read: ReadFile,
): GroupLimit | undefined {
  const limits = foldersOf(folder).flatMap((each): GroupLimit[] => {
    const file = join(each, files.limit);
    const limit = parseLimit(read(file));
    const used = Number(read(join(each, files.used)) ?? NaN);
    return limit === undefined
      ? []
      : [{ limit, used: Number.isNaN(used) ? undefined : used, file }];
  });
  const roomOf = ({ limit, used }: GroupLimit): number => limit - (used ?? 0);
  return limits.sort((a, b) => roomOf(a) - roomOf(b))[0];
}
