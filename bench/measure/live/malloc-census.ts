import { type MallocCensus, takeMallocCensus } from '../../../machine/malloc/census.js';
import { ProcessMemory } from '../../../machine/malloc/process-memory.js';
import type { MemoryMapping } from '../../../machine/procfs/memory-map.js';
import { isGoneOrForbidden, readMemoryMap } from '../../../machine/procfs/read-procfs.js';

/** The most that the heaps of all processes may add up to, in bytes: about a second of reading. */
const budgetBytes = 4 * 1024 * 1024 * 1024;

/** Share of malloc that has to be walked for its figures to stand for the whole. */
const leastShare = 0.95;

/**
 * Counts what glibc's malloc holds in the processes of a target, all together. Undefined where that can't be known: another
 * allocator, another libc, processes that may not be read, heaps that change or are too large.
 */
export function takeTargetCensus(pids: readonly number[]): MallocCensus | undefined {
  const parts: MallocCensus[] = [];
  let leftBytes = budgetBytes;
  for (const pid of pids) {
    const mappings = readMemoryMap(pid);
    if (mappings === undefined || !usesGlibcMalloc(mappings)) return undefined;
    const part = takeCensusOf(pid, mappings, leftBytes);
    if (part === undefined) return undefined;
    leftBytes -= part.totalBytes;
    parts.push(part);
  }
  const sum = addCensuses(parts);
  return sum.totalBytes > 0 && sum.walkedBytes >= leastShare * sum.totalBytes ? sum : undefined;
}

/** Another malloc is a separate library, and musl's files have other names. */
function usesGlibcMalloc(mappings: readonly MemoryMapping[]): boolean {
  const has = (name: RegExp): boolean => mappings.some(({ path }) => name.test(path));
  return has(/\/libc(-2[.\d]*)?\.so/) && !has(/jemalloc|mimalloc|tcmalloc|ld-musl/);
}

function takeCensusOf(
  pid: number,
  mappings: readonly MemoryMapping[],
  bytes: number,
): MallocCensus | undefined {
  let memory: ProcessMemory;
  try {
    memory = new ProcessMemory(pid);
  } catch (error) {
    if (isGoneOrForbidden(error)) return undefined;
    throw error;
  }
  try {
    return takeMallocCensus(memory, mappings, bytes);
  } finally {
    memory.close();
  }
}

function addCensuses(parts: readonly MallocCensus[]): MallocCensus {
  const sum = (pick: (part: MallocCensus) => number): number =>
    parts.reduce((total, part) => total + pick(part), 0);
  const blocks = new Map<number, number>();
  for (const part of parts) {
    for (const [size, count] of part.blocks) blocks.set(size, (blocks.get(size) ?? 0) + count);
  }
  return {
    blocks,
    usedBytes: sum((part) => part.usedBytes),
    freePagesBytes: sum((part) => part.freePagesBytes),
    freePiecesBytes: sum((part) => part.freePiecesBytes),
    topBytes: sum((part) => part.topBytes),
    totalBytes: sum((part) => part.totalBytes),
    walkedBytes: sum((part) => part.walkedBytes),
  };
}
