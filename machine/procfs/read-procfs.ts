import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { pageBytes } from '../machine-limits.js';
import { errorCodeOf } from '../../program/failure.js';
import {
  type KernelSocketMemory,
  parseSocketSlabBytes,
  parseTcpBuffersBytes,
} from './kernel-memory.js';
import { hasOnlyListeners, parseListeningInodes } from './listening-sockets.js';
import { type MemoryMapping, parseMemoryMap } from './memory-map.js';
import { findRuntime, type Runtime } from './runtime.js';
import { parseParentPid, parseProcessState } from './process-stat.js';

/*
 * All reads are synchronous: the kernel makes these texts while they are read, so there is nothing to wait for, and going
 * through Node's thread pool costs more than the work itself (smaps of a Node process: 1.9 instead of 4.7 ms of CPU). And all go
 * through one buffer: `readFileSync()` takes 64 KiB anew for each file whose size it does not know, however small that is, which has
 * V8 collect its garbage every few seconds.
 */

/** Reads the memory map of a process; undefined if it has ended or is not ours to read, or there is no procfs. */
export function readMemoryMap(pid: number): MemoryMapping[] | undefined {
  const smaps = readOrUndefined(`/proc/${pid}/smaps`);
  // A zombie process has an empty file.
  return smaps === undefined || smaps === '' ? undefined : parseMemoryMap(smaps);
}

/** Tells which runtime a process is, from where its files and memory lie, which costs no walk through its pages; undefined as {@link findRuntime}. */
export function readRuntime(pid: number): Runtime | undefined {
  return findRuntime(parseMemoryMap(readOrUndefined(`/proc/${pid}/maps`) ?? ''));
}

/** Reads what the kernel spends on sockets; undefined without procfs. */
export function readKernelSocketMemory(): KernelSocketMemory | undefined {
  const sockstat = readOrUndefined('/proc/net/sockstat');
  const slabinfo = readOrUndefined('/proc/slabinfo');
  const tcpBuffersBytes = parseTcpBuffersBytes(sockstat ?? '', pageBytes);
  if (tcpBuffersBytes === undefined) return undefined;
  return { tcpBuffersBytes, socketsBytes: parseSocketSlabBytes(slabinfo ?? '') };
}

/** Lists the processes that are running, as far as this pid namespace shows them. Throws without procfs. */
export function listPids(): number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/**
 * Lists the processes of a tree: the roots that are alive, each followed by its descendants.
 * Uses `/proc/<pid>/task/<tid>/children`; without procfs the tree is the roots.
 */
export function readProcessTree(roots: readonly number[]): number[] {
  const found: number[] = [];
  for (const pid of roots) {
    const children = readChildren(pid);
    if (children !== undefined) found.push(pid, ...readProcessTree(children));
    else if (process.platform !== 'linux') found.push(pid);
  }
  return found;
}

/** Lists the processes that have started a process: its parent, the parent of that, and so on, as far as this pid namespace shows them. */
export function readAncestors(pid: number): number[] {
  const ancestors: number[] = [];
  let parent = parseParentPid(readOrUndefined(`/proc/${pid}/stat`) ?? '');
  while (parent !== undefined && parent !== 0) {
    ancestors.push(parent);
    parent = parseParentPid(readOrUndefined(`/proc/${parent}/stat`) ?? '');
  }
  return ancestors;
}

/** Counts the open files of processes, sockets included; undefined if those of any of them are not ours to see. */
export function countDescriptors(pids: readonly number[]): number | undefined {
  let count = 0;
  for (const pid of pids) {
    const descriptors = unlessGone(() => readdirSync(`/proc/${pid}/fd`));
    if (descriptors === undefined) return undefined;
    count += descriptors.length;
  }
  return pids.length === 0 ? undefined : count;
}

function readChildren(pid: number): number[] | undefined {
  return unlessGone(() => {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.flatMap((thread) =>
      readWhole(`/proc/${pid}/task/${thread}/children`)
        .split(' ')
        .filter((text) => text !== '')
        .map(Number),
    );
  });
}

function readOrUndefined(path: string): string | undefined {
  return unlessGone(() => readWhole(path));
}

/** Returns what is read; undefined if the process has ended, or is not ours to read. */
function unlessGone<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isGoneOrForbidden(error)) return undefined;
    throw error;
  }
}

/** The memory map of a Node process takes some 100 KB, that of a JVM some MB. */
let scratch = Buffer.allocUnsafeSlow(128 * 1024);

/** Reads up to the end of a file, which the kernel may give in pieces of any size. */
function readWhole(path: string): string {
  return readOpen(path, (file) => {
    for (let length = 0; ;) {
      const more = readSync(file, scratch, length, scratch.length - length, null);
      length += more;
      if (more === 0) return scratch.toString('latin1', 0, length);
      if (length === scratch.length) scratch = Buffer.concat([scratch], 2 * length);
    }
  });
}

function readOpen(path: string, read: (file: number) => string): string {
  const file = openSync(path, 'r');
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}

/** Tells whether a procfs file could not be read because its process ended or because this user may not. */
export function isGoneOrForbidden(error: unknown): boolean {
  return ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCodeOf(error) ?? '');
}

/** Reads the state of a process, such as `S` or `T`; undefined if it has ended, or without procfs. */
export function readProcessState(pid: number): string | undefined {
  return parseProcessState(readOrUndefined(`/proc/${pid}/stat`) ?? '');
}

/** The kernel's lists of TCP sockets, by version of IP. */
export const socketLists = ['tcp', 'tcp6'] as const;

/** One of {@link socketLists}. */
export type SocketList = (typeof socketLists)[number];

/**
 * Returns the list that has a socket which listens on a port, in the network namespace of a process; undefined if neither can be
 * read. Looks into the list named first, and into the other one only if need be.
 *
 * Only the beginning of a list is read: the kernel puts those that listen first (`tcp_get_idx`, net/ipv4/tcp_ipv4.c), and there may be
 * a million others. To come to an end it has to pass by all connections of the other version of IP, which took 13 % of two cores
 * at 400,000 and one look a second.
 */
export function findListenerList(
  pid: number,
  port: number,
  first: SocketList = 'tcp',
): SocketList | 'none' | undefined {
  let isRead = false;
  for (const list of [first, ...socketLists.filter((each) => each !== first)]) {
    const text = unlessGone(() => readBeginning(`/proc/${pid}/net/${list}`));
    isRead ||= text !== undefined;
    if (text !== undefined && parseListeningInodes(text, port).length > 0) return list;
  }
  return isRead ? 'none' : undefined;
}

/** Reads a list of sockets up to the first that does not listen. */
function readBeginning(path: string): string {
  return readOpen(path, (file) => {
    let text = '';
    for (;;) {
      const length = readSync(file, scratch, 0, listChunkBytes, null);
      text += scratch.toString('latin1', 0, length);
      if (length === 0 || !hasOnlyListeners(text)) return text;
    }
  });
}

/** The kernel gives a page at a time. */
const listChunkBytes = 4096;
