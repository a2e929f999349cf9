import type { HeapRange } from './jvm/parse-jcmd.js';
import { arenaHeapBytes } from '../../machine/malloc/find-heaps.js';
import type { MemoryMapping } from '../../machine/procfs/memory-map.js';
import { findRuntime, isGoHeap } from '../../machine/procfs/runtime.js';

/** Resident memory of one process, or of several added up, by owner. All in bytes. */
export interface MemoryByOwner {
  readonly rssBytes: number;
  readonly pssBytes: number;
  /** Part of the resident bytes that the kernel may take back at any time (MADV_FREE). */
  readonly lazyFreeBytes: number;
  /** Resident JavaScript heap; undefined if the process does not report it. */
  readonly jsHeapBytes: number | undefined;
  /** Resident heap of the JVM or of Go; undefined if the process is neither, or does not report where it is. */
  readonly managedHeapBytes: number | undefined;
  /** True if there is a heap that can't be told from other anonymous memory, and counts as such. */
  readonly isHeapUnknown: boolean;
  /** malloc: the brk heap and the arenas of other threads. */
  readonly mallocBytes: number;
  /** Stacks of all threads. */
  readonly stacksBytes: number;
  /** Binaries and libraries, with their data segments. */
  readonly fileBytes: number;
  /** Anonymous memory that belongs to none of the above. */
  readonly otherBytes: number;
  /** What is left: negative if the heap claims more than the anonymous memory there is. */
  readonly unattributedBytes: number;
}

/** A guard below a thread's stack is one page in glibc and musl, up to four in the JVM (64 KiB pages aside). */
const largestGuardBytes = 64 * 1024;

/**
 * V8 asks for its memory, except its code, at random addresses below this one (`GetRandomMmapAddr()` in
 * `src/base/platform/platform-posix.cc`); the kernel gives out what lies above it to requests without an address.
 */
const endOfV8Hints = 2 ** 46;

/** What is known about the heap of a process, besides its memory map. */
export interface HeapKnowledge {
  /** Resident JS heap, as V8 reports it. */
  readonly jsHeapResidentBytes?: number | undefined;
  /** Where the Java heap is. */
  readonly jvmHeap?: HeapRange | undefined;
}

type Owner = 'malloc' | 'managed' | 'stacks' | 'file' | 'anonymous';

/**
 * Splits the resident memory of a process by owner.
 *
 * V8's pages have no name in the memory map, so the heap's resident size is what V8 itself reports
 * (`total_physical_size` of `v8.getHeapStatistics()`) and is taken from the anonymous memory. The heaps of the JVM and
 * of Go lie in their own address ranges, so their sizes are exact. malloc maps blocks of over 128 KiB, or over the size that
 * it last freed up to 32 MiB (M_MMAP_THRESHOLD, mallopt(3)), separately: they count as other anonymous memory. Where V8's
 * code lies right behind the brk heap, malloc grows elsewhere: then they count as malloc's, as the two can't be told apart.
 */
export function attributeMemory(
  mappings: readonly MemoryMapping[],
  { jsHeapResidentBytes, jvmHeap }: HeapKnowledge,
): MemoryByOwner {
  const rss: Record<Owner, number> = { malloc: 0, managed: 0, stacks: 0, file: 0, anonymous: 0 };
  const runtime = findRuntime(mappings);
  const isInHeap = (mapping: MemoryMapping): boolean =>
    runtime === 'go'
      ? isGoHeap(mapping)
      : jvmHeap !== undefined && mapping.start >= jvmHeap.start && mapping.end <= jvmHeap.end;
  const movedMallocStart = runtime === 'v8' && isHeapBlocked(mappings) ? endOfV8Hints : Infinity;
  let pssBytes = 0;
  let lazyFreeBytes = 0;
  for (const [index, mapping] of mappings.entries()) {
    const found = isInHeap(mapping)
      ? 'managed'
      : ownerOf(mapping, mappings[index - 1], mappings[index + 1]);
    const owner = found === 'anonymous' && mapping.start >= movedMallocStart ? 'malloc' : found;
    rss[owner] += mapping.rssBytes;
    pssBytes += mapping.pssBytes;
    lazyFreeBytes += mapping.lazyFreeBytes;
  }
  const jsHeap = jsHeapResidentBytes ?? 0;
  return {
    rssBytes: rss.malloc + rss.managed + rss.stacks + rss.file + rss.anonymous,
    pssBytes,
    lazyFreeBytes,
    jsHeapBytes: jsHeapResidentBytes,
    managedHeapBytes: runtime === 'go' || jvmHeap !== undefined ? rss.managed : undefined,
    isHeapUnknown:
      (runtime === 'v8' && jsHeapResidentBytes === undefined) ||
      (runtime === 'jvm' && jvmHeap === undefined),
    mallocBytes: rss.malloc,
    stacksBytes: rss.stacks,
    fileBytes: rss.file,
    otherBytes: Math.max(0, rss.anonymous - jsHeap),
    unattributedBytes: Math.min(0, rss.anonymous - jsHeap),
  };
}

/** Adds up the memory of several processes. A heap is undefined only if it is known for none of them. */
export function addMemory(parts: readonly MemoryByOwner[]): MemoryByOwner {
  const sum = (pick: (part: MemoryByOwner) => number): number =>
    parts.reduce((total, part) => total + pick(part), 0);
  const sumKnown = (pick: (part: MemoryByOwner) => number | undefined): number | undefined =>
    parts.some((part) => pick(part) !== undefined) ? sum((part) => pick(part) ?? 0) : undefined;
  return {
    rssBytes: sum((part) => part.rssBytes),
    pssBytes: sum((part) => part.pssBytes),
    lazyFreeBytes: sum((part) => part.lazyFreeBytes),
    jsHeapBytes: sumKnown((part) => part.jsHeapBytes),
    managedHeapBytes: sumKnown((part) => part.managedHeapBytes),
    isHeapUnknown: parts.some((part) => part.isHeapUnknown),
    mallocBytes: sum((part) => part.mallocBytes),
    stacksBytes: sum((part) => part.stacksBytes),
    fileBytes: sum((part) => part.fileBytes),
    otherBytes: sum((part) => part.otherBytes),
    unattributedBytes: sum((part) => part.unattributedBytes),
  };
}

function ownerOf(
  mapping: MemoryMapping,
  before: MemoryMapping | undefined,
  after: MemoryMapping | undefined,
): Owner {
  const { path } = mapping;
  if (path === '[heap]') return 'malloc';
  if (path.startsWith('[stack')) return 'stacks';
  if (path.startsWith('/') || path.startsWith('[v')) return 'file';
  if (path !== '') return 'anonymous';
  if (isArena(mapping, after)) return 'malloc';
  if (isThreadStack(mapping, before)) return 'stacks';
  // The zero-initialised data of a binary follows its file mapping without a gap.
  const isBss = before?.end === mapping.start && before.path.startsWith('/');
  return isBss ? 'file' : 'anonymous';
}

/** Tells whether something lies right behind the brk heap, which then can't grow: V8's code, in about 1 of 140 starts of Node 20. */
function isHeapBlocked(mappings: readonly MemoryMapping[]): boolean {
  const last = mappings.findLastIndex(({ path }) => path === '[heap]');
  return last >= 0 && mappings[last]?.end === mappings[last + 1]?.start;
}

/** An arena begins on its alignment; what is not in use yet follows as one inaccessible mapping up to its end. */
function isArena(mapping: MemoryMapping, after: MemoryMapping | undefined): boolean {
  if (mapping.permissions !== 'rw-p' || mapping.start % arenaHeapBytes !== 0) return false;
  const end = mapping.start + arenaHeapBytes;
  if (mapping.end === end) return true;
  return after?.start === mapping.end && after.end === end && after.permissions === '---p';
}

/** A thread's stack lies directly above its guard, a small inaccessible mapping (pthread_attr_setguardsize(3)). */
function isThreadStack(mapping: MemoryMapping, before: MemoryMapping | undefined): boolean {
  if (mapping.permissions !== 'rw-p' || before?.permissions !== '---p') return false;
  return before.end === mapping.start && before.end - before.start <= largestGuardBytes;
}
