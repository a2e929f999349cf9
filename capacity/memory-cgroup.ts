import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the kernel says of the control group whose memory limit holds for a process. */
export interface MemoryCgroup {
  /** Bytes charged to the group: of all its processes, page cache and sockets included. */
  readonly usedBytes: number | undefined;
  /** The smallest limit of the group and those above it; undefined if there is none. */
  readonly limitBytes: number | undefined;
  /** Processes of the group that the kernel has killed for want of memory. */
  readonly oomKills: number | undefined;
}

/** Where the files of a process's memory control group are. */
export interface MemoryCgroupFolder {
  readonly version: 1 | 2;
  /** Folder of the group itself. */
  readonly path: string;
  /** Folder up to which groups lie above it: the root of the file system that can be seen. */
  readonly top: string;
}

/**
 * Finds the memory control group of a process from the texts of `/proc/<pid>/cgroup` (cgroups(7)) and
 * `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)). Both name the group as the reader sees it; the part below the root of
 * the mount is the same for the process itself, so its own mount, seen through `root`, leads there from another container
 * too. Undefined if there is none.
 */
export function findMemoryCgroup(
  cgroup: string,
  mountinfo: string,
  root: string,
): MemoryCgroupFolder | undefined {
  for (const version of [1, 2] as const) {
    const group = findGroup(cgroup, version);
    const mount = findMount(mountinfo, version);
    if (group === undefined || mount === undefined) continue;
    const below = group.startsWith(mount.root) ? group.slice(mount.root.length) : '';
    const top = join(root, mount.point);
    return { version, path: join(top, below), top };
  }
  return undefined;
}

/** Names of the files; version 1 writes "no limit" as a number near 2^63, version 2 as `max`. */
const files = {
  1: {
    used: 'memory.usage_in_bytes',
    limit: 'memory.limit_in_bytes',
    events: 'memory.oom_control',
  },
  2: { used: 'memory.current', limit: 'memory.max', events: 'memory.events' },
} as const;

/** Limits from here on mean none: version 1 writes the largest multiple of the page size below 2^63. */
const noLimitBytes = 2 ** 62;

/** Reads the figures of a group; `read` returns undefined for a file that can't be read. */
export function readMemoryCgroup(
  { version, path, top }: MemoryCgroupFolder,
  read: (path: string) => string | undefined,
): MemoryCgroup {
  const names = files[version];
  const used = read(join(path, names.used));
  const limits = foldersUpTo(path, top).flatMap((folder) => {
    const limit = Number(read(join(folder, names.limit)) ?? 'max');
    return limit < noLimitBytes ? [limit] : [];
  });
  const kills = /^oom_kill (\d+)$/m.exec(read(join(path, names.events)) ?? '')?.[1];
  return {
    usedBytes: used === undefined ? undefined : Number(used),
    limitBytes: limits.length === 0 ? undefined : Math.min(...limits),
    oomKills: kills === undefined ? undefined : Number(kills),
  };
}

/** Finds the memory control group of a running process; undefined if it has none that can be read. */
export function locateMemoryCgroup(pid: number | 'self'): MemoryCgroupFolder | undefined {
  const cgroup = readIfThere(`/proc/${pid}/cgroup`);
  const mountinfo = readIfThere(`/proc/${pid}/mountinfo`);
  if (cgroup === undefined || mountinfo === undefined) return undefined;
  return findMemoryCgroup(cgroup, mountinfo, pid === 'self' ? '/' : `/proc/${pid}/root`);
}

/** Returns the path of the group: `8:memory:/docker/1f…` in version 1, `0::/user.slice` in version 2. */
function findGroup(cgroup: string, version: 1 | 2): string | undefined {
  for (const line of cgroup.split('\n')) {
    const [hierarchy, controllers = '', ...path] = line.split(':');
    const isIt =
      version === 1
        ? controllers.split(',').includes('memory')
        : hierarchy === '0' && controllers === '';
    if (isIt) return path.join(':');
  }
  return undefined;
}

function findMount(
  mountinfo: string,
  version: 1 | 2,
): { readonly root: string; readonly point: string } | undefined {
  for (const line of mountinfo.split('\n')) {
    const [mount = '', fileSystem = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = mount.split(' ');
    const [type, , options = ''] = fileSystem.split(' ');
    const isIt =
      version === 1
        ? type === 'cgroup' && options.split(',').includes('memory')
        : type === 'cgroup2';
    if (isIt) return { root: root === '/' ? '' : root, point };
  }
  return undefined;
}

function foldersUpTo(path: string, top: string): string[] {
  const folders = [path];
  for (let folder = path; folder.length > top.length && folder.startsWith(top);) {
    folder = join(folder, '..');
    folders.push(folder);
  }
  return folders;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // No such controller, or not ours to read, or the group is gone with its last process.
    return undefined;
  }
}
