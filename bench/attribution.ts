import type { MemoryMapping } from './procfs/memory-map.js';

/** Resident memory of one process, or of several added up, by owner. All in bytes. */
export interface MemoryByOwner {
  readonly rssBytes: number;
  readonly pssBytes: number;
  /** Part of the resident bytes that the kernel may take back at any time (MADV_FREE). */
  readonly lazyFreeBytes: number;
  /** Resident JavaScript heap; undefined if the process does not tell. */
  readonly jsHeapBytes: number | undefined;
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

/** glibc reserves each further malloc arena as one block of this size, aligned to it (HEAP_MAX_SIZE, malloc/arena.c). */
const arenaBytes = 64 * 1024 * 1024;

/** A guard below a thread's stack is one page in glibc and musl, up to four in the JVM (64 KiB pages aside). */
const largestGuardBytes = 64 * 1024;

type Owner = 'malloc' | 'stacks' | 'file' | 'anonymous';

/**
 * Splits the resident memory of a process by owner.
 *
 * V8's pages have no name in the memory map, so the heap's resident size is what V8 itself reports
 * (`total_physical_size` of `v8.getHeapStatistics()`) and is taken from the anonymous memory.
 */
export function attributeMemory(
  mappings: readonly MemoryMapping[],
  jsHeapResidentBytes: number | undefined,
): MemoryByOwner {
  const rss: Record<Owner, number> = { malloc: 0, stacks: 0, file: 0, anonymous: 0 };
  let pssBytes = 0;
  let lazyFreeBytes = 0;
  for (const [index, mapping] of mappings.entries()) {
    rss[ownerOf(mapping, mappings[index - 1], mappings[index + 1])] += mapping.rssBytes;
    pssBytes += mapping.pssBytes;
    lazyFreeBytes += mapping.lazyFreeBytes;
  }
  const jsHeap = jsHeapResidentBytes ?? 0;
  return {
    rssBytes: rss.malloc + rss.stacks + rss.file + rss.anonymous,
    pssBytes,
    lazyFreeBytes,
    jsHeapBytes: jsHeapResidentBytes,
    mallocBytes: rss.malloc,
    stacksBytes: rss.stacks,
    fileBytes: rss.file,
    otherBytes: Math.max(0, rss.anonymous - jsHeap),
    unattributedBytes: Math.min(0, rss.anonymous - jsHeap),
  };
}

/** Adds up the memory of several processes. The JS heap is undefined only if none of them tells. */
export function addMemory(parts: readonly MemoryByOwner[]): MemoryByOwner {
  const sum = (pick: (part: MemoryByOwner) => number): number =>
    parts.reduce((total, part) => total + pick(part), 0);
  const isJsHeapKnown = parts.some((part) => part.jsHeapBytes !== undefined);
  return {
    rssBytes: sum((part) => part.rssBytes),
    pssBytes: sum((part) => part.pssBytes),
    lazyFreeBytes: sum((part) => part.lazyFreeBytes),
    jsHeapBytes: isJsHeapKnown ? sum((part) => part.jsHeapBytes ?? 0) : undefined,
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

/** An arena begins on its alignment; what is not in use yet follows as one inaccessible mapping up to its end. */
function isArena(mapping: MemoryMapping, after: MemoryMapping | undefined): boolean {
  if (mapping.permissions !== 'rw-p' || mapping.start % arenaBytes !== 0) return false;
  const end = mapping.start + arenaBytes;
  if (mapping.end === end) return true;
  return after?.start === mapping.end && after.end === end && after.permissions === '---p';
}

/** A thread's stack lies directly above its guard, a small inaccessible mapping (pthread_attr_setguardsize(3)). */
function isThreadStack(mapping: MemoryMapping, before: MemoryMapping | undefined): boolean {
  if (mapping.permissions !== 'rw-p' || before?.permissions !== '---p') return false;
  return before.end === mapping.start && before.end - before.start <= largestGuardBytes;
}
