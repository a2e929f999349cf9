import type { MemoryMapping } from '../procfs/memory-map.js';
import { findArenaByTop, findHeaps, findMappedBlocks, type Heap } from './find-heaps.js';
import { type FreeChunks, mayBeThreadCache, readFastBins, readThreadCache } from './free-lists.js';
import { type Memory, WordReader } from './process-memory.js';
import { walkHeap } from './walk-heap.js';

/** What glibc's malloc holds in one process. Bytes are those of whole chunks, headers included. */
export interface MallocCensus {
  /** Number of blocks that the program has allocated and not freed, by size in bytes. */
  readonly blocks: ReadonlyMap<number, number>;
  /** Total size of these blocks. */
  readonly usedBytes: number;
  /** Free between the blocks in whole pages, which could be given back one by one (malloc_trim(3)). */
  readonly freePagesBytes: number;
  /** Free between the blocks in pieces that share their pages with blocks in use, thread caches and fast bins included. */
  readonly freePiecesBytes: number;
  /** Free at the end of the heaps, which the allocator may give back, or shrink at any time. */
  readonly topBytes: number;
  /** All heaps, and blocks with their own mappings. */
  readonly totalBytes: number;
  /** Part of it whose chunks could be followed to the end; the figures above are of this part alone. */
  readonly walkedBytes: number;
}

/** Chunk headers are close together, so that one call reads most of them. */
const walkWindowBytes = 1024 * 1024;
/** Lists lead all over the heap. */
const listWindowBytes = 64;

/** Most chunks of the size of a thread's cache that are looked at: there are as many caches as threads. */
const mostCandidates = 4096;

/**
 * Counts the blocks that a process has from glibc's malloc (2.32 to 2.43, 64-bit, little-endian), by reading its memory from
 * outside. The process should be quiet: if a heap changes meanwhile, its chain of chunks breaks, and it is left out.
 * @param memory memory of the process
 * @param mappings all mappings of the process
 * @param budgetBytes the most that its heaps may add up to; if they exceed it, nothing is read
 * @returns undefined if there is no such heap, or the heaps are too large
 */
export function takeMallocCensus(
  memory: Memory,
  mappings: readonly MemoryMapping[],
  budgetBytes: number,
): MallocCensus | undefined {
  const lists = new WordReader(memory, listWindowBytes);
  const reader = new WordReader(memory, walkWindowBytes);
  const { heaps, layout, mainArena, missingBytes } = findHeaps(lists, reader, mappings);
  const heapBytes = heaps.reduce((sum, { first, end }) => sum + end - first, missingBytes);
  if (heaps.length === 0 || heapBytes > budgetBytes) return undefined;

  const blocks = new Map<number, number>();
  const candidates: [address: number, size: number][] = [];
  const walked: Heap[] = [];
  let [usedBytes, freePagesBytes, freePiecesBytes, topBytes, walkedBytes] = [0, 0, 0, 0, 0];
  let mainTop: number | undefined;
  for (const heap of heaps) {
    const walk = walkHeap(reader, heap.first, heap.end, {
      onUsed: (address, size) => {
        if (mayBeThreadCache(size) && candidates.length < mostCandidates) {
          candidates.push([address, size]);
        }
      },
    });
    if (walk.end !== heap.end) continue;
    walked.push(heap);
    if (heap.arena === undefined && walk.topBytes > 0) mainTop = walk.topAddress;
    usedBytes += walk.usedBytes;
    freePagesBytes += walk.freePagesBytes;
    freePiecesBytes += walk.freeBytes - walk.freePagesBytes;
    topBytes += walk.topBytes;
    walkedBytes += heap.end - heap.first;
    for (const [size, count] of walk.used) blocks.set(size, (blocks.get(size) ?? 0) + count);
  }

  const isHeap = (address: number): boolean =>
    walked.some(({ first, end }) => address >= first && address < end);
  const arenas = new Map(
    walked.flatMap(({ arena }) =>
      arena === undefined || layout === undefined ? [] : [[arena, layout] as const],
    ),
  );
  if (mainArena !== undefined && layout !== undefined) {
    arenas.set(mainArena, layout);
  } else if (mainTop !== undefined) {
    const main = findArenaByTop(lists, mappings, layout, mainTop);
    if (main !== undefined) arenas.set(main.arena, main.layout);
  }
  const cached = [
    ...candidates.map(([address, size]) => readThreadCache(lists, address, size, isHeap)),
    ...[...arenas].map(([arena, own]) => readFastBins(lists, arena, own, isHeap)),
  ];
  for (const chunks of cached) {
    const bytes = takeOut(blocks, chunks ?? new Map<number, number>());
    usedBytes -= bytes;
    freePiecesBytes += bytes;
  }

  const mapped = findMappedBlocks(lists, mappings, walked);
  const mappedBytes = mapped.reduce((sum, size) => sum + size, 0);
  for (const size of mapped) blocks.set(size, (blocks.get(size) ?? 0) + 1);
  return {
    blocks,
    usedBytes: usedBytes + mappedBytes,
    freePagesBytes,
    freePiecesBytes,
    topBytes,
    totalBytes: heapBytes + mappedBytes,
    walkedBytes: walkedBytes + mappedBytes,
  };
}

/** Takes free chunks out of those that looked used, and returns their total size. */
function takeOut(blocks: Map<number, number>, free: FreeChunks): number {
  let bytes = 0;
  for (const [size, count] of free) {
    const left = (blocks.get(size) ?? 0) - count;
    if (left < 0) continue;
    if (left === 0) blocks.delete(size);
    else blocks.set(size, left);
    bytes += size * count;
  }
  return bytes;
}
