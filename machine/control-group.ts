import { readTextIfThere } from './read-text.js';
import { join } from 'node:path';

/** What a control group can limit, by the name of its controller (cgroups(7)). */
export type Controller = 'memory' | 'pids' | 'cpu';

/** Where the files of a process's control group are. */
export interface ControlGroupFolder {
  readonly version: 1 | 2;
  /** Folder of the group itself. */
  readonly path: string;
  /** Folder of the topmost group above it that can be seen: the root of the mounted file system. */
  readonly top: string;
}

/** Limits from here up mean none: version 1 writes the largest multiple of the page size below 2^63, version 2 `max`. */
const noLimit = 2 ** 62;

/** Reads a file, without the white space at its ends; undefined if it can't be read. */
export type ReadFile = (path: string) => string | undefined;

/**
 * Finds the control group of a process from the texts of `/proc/<pid>/cgroup` (cgroups(7)) and
 * `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)). Both name the group as the reader sees it; the part below the root of
 * the mount is the same for the process itself, so its own mount, seen through `root`, leads there from another container
 * too. Undefined if there is none.
 */
export function findControlGroup(
  controller: Controller,
  cgroup: string,
  mountinfo: string,
  root: string,
): ControlGroupFolder | undefined {
  for (const version of [1, 2] as const) {
    const group = findGroup(controller, cgroup, version);
    const mount = findMount(controller, mountinfo, version);
    if (group === undefined || mount === undefined) continue;
    const below = group.startsWith(mount.root) ? group.slice(mount.root.length) : '';
    const top = join(root, mount.point);
    return { version, path: join(top, below), top };
  }
  return undefined;
}

/** Finds the control group of a running process; undefined if it has none that can be read. */
export function locateControlGroup(
  controller: Controller,
  pid: number | 'self',
): ControlGroupFolder | undefined {
  const cgroup = readTextIfThere(`/proc/${pid}/cgroup`);
  const mountinfo = readTextIfThere(`/proc/${pid}/mountinfo`);
  if (cgroup === undefined || mountinfo === undefined) return undefined;
  return findControlGroup(
    controller,
    cgroup,
    mountinfo,
    pid === 'self' ? '/' : `/proc/${pid}/root`,
  );
}

/** Returns the folders of the group and of those above it, whose limits apply to it too. */
export function foldersOf({ path, top }: ControlGroupFolder): string[] {
  const folders = [path];
  for (let folder = path; folder.length > top.length && folder.startsWith(top);) {
    folder = join(folder, '..');
    folders.push(folder);
  }
  return folders;
}

/** Takes a limit from the text of its file; undefined if there is none, or no such file. */
export function parseLimit(text: string | undefined): number | undefined {
  const limit = Number(text ?? 'max');
  return limit < noLimit ? limit : undefined;
}

/** Returns the path of the group: `8:memory:/docker/1f…` in version 1, `0::/user.slice` in version 2. */
function findGroup(controller: Controller, cgroup: string, version: 1 | 2): string | undefined {
  for (const line of cgroup.split('\n')) {
    const [hierarchy, controllers = '', ...path] = line.split(':');
    const isIt =
      version === 1
        ? controllers.split(',').includes(controller)
        : hierarchy === '0' && controllers === '';
    if (isIt) return path.join(':');
  }
  return undefined;
}

function findMount(
  controller: Controller,
  mountinfo: string,
  version: 1 | 2,
): { readonly root: string; readonly point: string } | undefined {
  for (const line of mountinfo.split('\n')) {
    const [mount = '', fileSystem = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = mount.split(' ');
    const [type, , options = ''] = fileSystem.split(' ');
    const isIt =
      version === 1
        ? type === 'cgroup' && options.split(',').includes(controller)
        : type === 'cgroup2';
    if (isIt) return { root: root === '/' ? '' : root, point };
  }
  return undefined;
}

/** What the kernel says about the control group whose memory limit applies to a process. */
export interface MemoryCgroup {
  /** Bytes charged to the group for all its processes, page cache and sockets included. */
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
    kernel: 'memory.kmem.usage_in_bytes',
    buffers: 'memory.kmem.tcp.usage_in_bytes',
    buffersLimit: 'memory.kmem.tcp.limit_in_bytes',
  },
  2: {
    used: 'memory.current',
    limit: 'memory.max',
    events: 'memory.events',
    statistics: 'memory.stat',
  },
} as const;

/** Reads the figures of a group; `read` returns undefined for a file that can't be read. */
export function readMemoryCgroup(folder: ControlGroupFolder, read: ReadFile): MemoryCgroup {
  const { version, path } = folder;
  const names = memoryFiles[version];
  const used = read(join(path, names.used));
  const limits = foldersOf(folder).flatMap(
    (each) => parseLimit(read(join(each, names.limit))) ?? [],
  );
  return {
    usedBytes: used === undefined ? undefined : Number(used),
    limitBytes: limits.length === 0 ? undefined : Math.min(...limits),
    oomKills: countIn(read(join(path, names.events)) ?? '', 'oom_kill'),
  };
}

/** Takes a count from the text of a file that has a name and a number in each line; undefined if it has no such line. */
export function countIn(text: string, name: string): number | undefined {
  const count = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Lists the processes of a group, as the reader's pid namespace names them: 0 for one that it does not show. */
export function readGroupPids({ path }: ControlGroupFolder, read: ReadFile): number[] {
  const pids = read(join(path, 'cgroup.procs')) ?? '';
  return pids.split('\n').filter(Boolean).map(Number);
}

/**
 * Returns what the kernel keeps for a group, in bytes: slabs (of sockets, their files and epoll entries among others) and what waits in
 * sockets. Version 1 tells no slabs by themselves, so there it is all kernel memory, with page tables and the stacks of threads; and it
 * charges sockets only to a group whose TCP buffers have a limit (`mem_cgroup_sk_alloc()` in mm/memcontrol.c), so without one it is
 * undefined: the structure of a TCP socket, the largest part, would be missing.
 */
export function readKernelBytes(
  { version, path }: ControlGroupFolder,
  read: ReadFile,
): number | undefined {
  if (version === 2) {
    const statistics = read(join(path, memoryFiles[2].statistics)) ?? '';
    return addKnown(countIn(statistics, 'slab'), countIn(statistics, 'sock'));
  }
  const names = memoryFiles[1];
  if (parseLimit(read(join(path, names.buffersLimit))) === undefined) return undefined;
  const bytesIn = (name: string): number | undefined => {
    const text = read(join(path, name));
    return text === undefined ? undefined : Number(text);
  };
  return addKnown(bytesIn(names.kernel), bytesIn(names.buffers));
}

function addKnown(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}
