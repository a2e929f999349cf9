import { join } from 'node:path';
import { type ControlGroupFolder, foldersOf, parseLimit, type ReadFile } from './control-group.js';

/** What the kernel says of the control group whose memory limit holds for a process. */
export interface MemoryCgroup {
  /** Bytes charged to the group: of all its processes, page cache and sockets included. */
  readonly usedBytes: number | undefined;
  /** The smallest limit of the group and those above it; undefined if there is none. */
  readonly limitBytes: number | undefined;
  /** Processes of the group that the kernel has killed because memory ran out. */
  readonly oomKills: number | undefined;
}

/** Names of the files (`Documentation/admin-guide/cgroup-v1/memory.rst`, `cgroup-v2.rst`), by version. */
export const memoryFiles = {
  1: {
    used: 'memory.usage_in_bytes',
    limit: 'memory.limit_in_bytes',
    events: 'memory.oom_control',
  },
  2: { used: 'memory.current', limit: 'memory.max', events: 'memory.events' },
} as const;

/** Reads the figures of a group; `read` returns undefined for a file that can't be read. */
export function readMemoryCgroup(folder: ControlGroupFolder, read: ReadFile): MemoryCgroup {
  const { version, path } = folder;
  const names = memoryFiles[version];
  const used = read(join(path, names.used));
  const limits = foldersOf(folder).flatMap(
    (each) => parseLimit(read(join(each, names.limit))) ?? [],
  );
  const kills = /^oom_kill (\d+)$/m.exec(read(join(path, names.events)) ?? '')?.[1];
  return {
    usedBytes: used === undefined ? undefined : Number(used),
    limitBytes: limits.length === 0 ? undefined : Math.min(...limits),
    oomKills: kills === undefined ? undefined : Number(kills),
  };
}
