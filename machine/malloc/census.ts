import { pageBytes } from '../machine-limits.js';
import type { MemoryMapping } from '../procfs/memory-map.js';
import {
  type ArenaLayout,
  arenaLayouts,
  type FreeChunks,
  mayBeThreadCache,
  readFastBins,
  readThreadCache,
} from './free-lists.js';
import { type Memory, WordReader } from './process-memory.js';
import { isMapped, walkHeap } from './walk-heap.js';

/** What the malloc of glibc holds in one process. Bytes are those of whole chunks, headers included. */
export interface MallocCensus {
  /** Blocks that the program has and has not freed, by size in bytes. */
  readonly blocks: ReadonlyMap<number, number>;
  /** What they come to. */
  readonly usedBytes: number;
  /** Free between them in whole pages, which could be given back one by one (malloc_trim(3)). */
  readonly freePagesBytes: number;
  /** Free between them in pieces, which share their pages with blocks in use: thread caches and fast bins included. */
  readonly freePiecesBytes: number;
  /** Free at the end of the heaps, which the allocator may give back, or shrink at any time. */
  readonly topBytes: number;
  /** All heaps, and blocks with mappings of their own. */
  readonly totalBytes: number;
  /** Part of it whose chunks could be followed to the end; the figures above are of this part alone. */
  readonly walkedBytes: number;
}

/** Chunk headers are close together, so that most of them come with one call. */
const walkWindowBytes = 1024 * 1024;
/** Lists lead all over the heap. */
const listWindowBytes = 64;

/** Heaps of arenas other than the main one are aligned to this, their largest size (HEAP_MAX_SIZE in malloc/arena.c). */
const arenaHeapBytes = 64 * 1024 * 1024;
const wordBytes = 8;

/** Chunks of the size of a thread's cache that are looked at: there are as many caches as threads. */
const mostCandidates = 4096;

/** A stretch of memory that malloc divides into chunks. */
interface Heap {
  readonly first: number;
  readonly end: number;
  /** Of the arena that it belongs to; undefined for the main one, whose place is not known at first. */
  readonly arena: number | undefined;
}

/**
 * Counts the blocks that a process has from glibc's malloc (2.32 to 2.43, 64-bit, little-endian), by reading its memory from
 * outside. The process should be quiet: of a heap that changes meanwhile the chain of chunks breaks, and it is left out.
 * @param memory that of the process
 * @param mappings all mappings of the process
 * @param budgetBytes the most that its heaps may come to; with more, nothing is read
 * @returns undefined if there is no such heap, or they are too large
 */
export function takeMallocCensus(
  memory: Memory,
  mappings: readonly MemoryMapping[],
  budgetBytes: number,
): MallocCensus | undefined {
  const lists = new WordReader(memory, listWindowBytes);
  const reader = new WordReader(memory, walkWindowBytes);
  const { heaps, layout } = findHeaps(lists, reader, mappings);
  const heapBytes = heaps.reduce((sum, { first, end }) => sum + end - first, 0);
  if (heaps.length === 0 || heapBytes > budgetBytes) return undefined;

  const blocks = new Map<number, number>();
  const candidates: [address: number, size: number][] = [];
  const walked: Heap[] = [];
  let [usedBytes, freePagesBytes, freePiecesBytes, topBytes, walkedBytes] = [0, 0, 0, 0, 0];
  let mainTop: number | undefined;
  for (const heap of heaps) {
    const walk = walkHeap(reader, heap.first, heap.end, (address, size) => {
      if (mayBeThreadCache(size) && candidates.length < mostCandidates) {
        candidates.push([address, size]);
      }
    });
    if (!walk.isWhole) continue;
    walked.push(heap);
    if (heap.arena === undefined) mainTop = walk.topAddress;
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
  const main =
    mainTop === undefined
      ? undefined
      : findMainArena(lists, mappings, [...arenas.keys()], layout, mainTop);
  if (main !== undefined) arenas.set(main.arena, main.layout);
  const cached = [
    ...candidates.map(([address, size]) => readThreadCache(lists, address, size, isHeap)),
    ...[...arenas].map(([arena, own]) => readFastBins(lists, arena, own, isHeap)),
  ];
  for (const chunks of cached) {
    const bytes = takeOut(blocks, chunks ?? new Map<number, number>());
    usedBytes -= bytes;
    freePiecesBytes += bytes;
  }

  const mapped = findMappedBlocks(lists, mappings);
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

/** Takes free chunks out of those that looked used, and returns what they come to. */
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

/**
 * Finds the main heap, which brk(2) makes, and those of the other arenas, each with a `heap_info` at its beginning; and how
 * arenas are laid out, by which of the layouts leads from the first chunk of one to the end of its heap.
 * @param lists for words that are far apart
 * @param chunks for words that are close together
 * @param mappings all mappings of the process
 */
function findHeaps(
  lists: WordReader,
  chunks: WordReader,
  mappings: readonly MemoryMapping[],
): { readonly heaps: readonly Heap[]; readonly layout: ArenaLayout | undefined } {
  const main = mappings.filter(({ path }) => path === '[heap]');
  const heaps: Heap[] = [];
  const [first, last] = [main[0], main.at(-1)];
  if (first !== undefined && last !== undefined) {
    heaps.push({ first: first.start, end: last.end, arena: undefined });
  }
  const aligned = mappings.filter(
    ({ start, path, permissions }) =>
      path === '' && permissions === 'rw-p' && start % arenaHeapBytes === 0,
  );
  const infos = aligned.flatMap(({ start, end }) => {
    const [arena, size] = [lists.word(start), lists.word(start + 16)];
    const isInfo =
      arena !== undefined &&
      size !== undefined &&
      size >= pageBytes &&
      size % pageBytes === 0 &&
      size <= end - start &&
      aligned.some((each) => arena > each.start && arena < each.start + arenaHeapBytes);
    return isInfo ? [{ start, end: start + size, arena }] : [];
  });
  // The first heap of an arena has the arena right behind its `heap_info`, whose size differs between versions.
  const own = infos.find(({ start, arena }) => arena > start && arena - start < 0x100);
  if (own === undefined) return { heaps, layout: undefined };
  const firstOf = (begin: number): number => Math.ceil(begin / 16) * 16;
  const layout = arenaLayouts.find(
    ({ size }) => walkHeap(chunks, firstOf(own.arena + size), own.end, () => undefined).isWhole,
  );
  const arenaBytes = layout?.size ?? 0;
  const infoBytes = own.arena - own.start;
  for (const { start, end, arena } of infos) {
    const begin = arena === start + infoBytes ? arena + arenaBytes : start + infoBytes;
    heaps.push({ first: firstOf(begin), end, arena });
  }
  return { heaps, layout };
}

/** Lists the sizes of blocks that are a mapping of their own, several of which the kernel may have joined. */
function findMappedBlocks(reader: WordReader, mappings: readonly MemoryMapping[]): number[] {
  const found: number[] = [];
  for (const { start, end, path, permissions } of mappings) {
    if (path !== '' || permissions !== 'rw-p' || start % arenaHeapBytes === 0) continue;
    for (let at = start; at < end;) {
      const [before, header] = [reader.word(at), reader.word(at + 8)];
      if (before !== 0 || header === undefined || header % 8 !== isMapped) break;
      // From 2.43 on the size leaves out the two words of the header.
      const size = Math.ceil((header - isMapped) / pageBytes) * pageBytes;
      const rest = size - (header - isMapped);
      if (size === 0 || (rest !== 0 && rest !== 2 * wordBytes) || at + size > end) break;
      found.push(size);
      at += size;
    }
  }
  return found;
}

/**
 * Finds the main arena, which is a variable of libc: all arenas form a ring, and it is the one whose top is that of the main
 * heap. Where there is no other arena, the data of libc is searched for that address.
 */
function findMainArena(
  reader: WordReader,
  mappings: readonly MemoryMapping[],
  others: readonly number[],
  known: ArenaLayout | undefined,
  top: number,
): { readonly arena: number; readonly layout: ArenaLayout } | undefined {
  if (known !== undefined) {
    for (const arena of others) {
      const next = reader.word(arena + known.next);
      if (next !== undefined && reader.word(next + known.top) === top) {
        return { arena: next, layout: known };
      }
    }
  }
  for (const { start, end, path, permissions } of mappings) {
    if (permissions !== 'rw-p' || !/\/libc[.-].*so/.test(path)) continue;
    for (let at = start; at < end; at += 8) {
      if (reader.word(at) !== top) continue;
      // The only arena is its own next one.
      const layout =
        known ??
        arenaLayouts.find(
          ({ top: offset, next }) => reader.word(at - offset + next) === at - offset,
        );
      if (layout !== undefined) return { arena: at - layout.top, layout };
    }
  }
  return undefined;
}
