import { pageBytes } from '../machine-limits.js';
import type { MemoryMapping } from '../procfs/memory-map.js';
import { type ArenaLayout, arenaLayouts } from './free-lists.js';
import type { WordReader } from './process-memory.js';
import { isChunk, isMapped, walkHeap } from './walk-heap.js';

/** Heaps of arenas other than the main one are aligned to this, their largest size (HEAP_MAX_SIZE in malloc/arena.c). */
export const arenaHeapBytes = 64 * 1024 * 1024;
const wordBytes = 8;

/** From `next` to `system_mem` in `struct malloc_state`, in bytes. */
const systemBytesAfterNext = 24;

/** A region of memory that malloc divides into chunks. */
export interface Heap {
  readonly first: number;
  readonly end: number;
  /** Address of the arena that it belongs to; undefined for the main one, whose place is not known at first. */
  readonly arena: number | undefined;
}

/** All heaps of a process, and how its arenas are laid out. */
export interface FoundHeaps {
  readonly heaps: readonly Heap[];
  readonly layout: ArenaLayout | undefined;
  /** Address of the main arena; undefined if no other arena leads to it. */
  readonly mainArena: number | undefined;
  /** Bytes that the main arena has beyond the heaps that were found. */
  readonly missingBytes: number;
}

/**
 * Finds all heaps of a process.
 * @param lists for words that are far apart
 * @param chunks for words that are close together
 * @param mappings all mappings of the process
 */
export function findHeaps(
  lists: WordReader,
  chunks: WordReader,
  mappings: readonly MemoryMapping[],
): FoundHeaps {
  const { heaps: others, layout } = findArenaHeaps(lists, chunks, mappings);
  const brk = mappings.filter(({ path }) => path === '[heap]');
  const [first, last] = [brk[0], brk.at(-1)];
  const main: Heap[] =
    first === undefined || last === undefined
      ? []
      : [{ first: first.start, end: last.end, arena: undefined }];
  const arenas = others.map(({ arena }) => arena);
  const mainArena = layout && findInRing(lists, mappings, arenas, layout);
  const top = layout && mainArena !== undefined ? lists.word(mainArena + layout.top) : undefined;
  const isInPlace = main.some((heap) => top !== undefined && top >= heap.first && top < heap.end);
  if (layout === undefined || mainArena === undefined || top === undefined || isInPlace) {
    return { heaps: [...main, ...others], layout, mainArena, missingBytes: 0 };
  }
  const pieces = findPieces(lists, chunks, mappings, top);
  const foundBytes = pieces.reduce((sum, piece) => sum + piece.end - piece.first, 0);
  const systemBytes = lists.word(mainArena + layout.next + systemBytesAfterNext) ?? 0;
  return {
    heaps: [...pieces, ...others],
    layout,
    mainArena,
    missingBytes: Math.max(0, systemBytes - foundBytes),
  };
}

/**
 * Finds the heaps of arenas other than the main one, each with a `heap_info` at its beginning; and how arenas are laid out, by
 * trying which layout leads from the first chunk of one to the end of its heap.
 */
function findArenaHeaps(
  lists: WordReader,
  chunks: WordReader,
  mappings: readonly MemoryMapping[],
): {
  readonly heaps: readonly (Heap & { readonly arena: number })[];
  readonly layout: ArenaLayout | undefined;
} {
  const aligned = mappings.flatMap(heapPlaces);
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
  if (own === undefined) return { heaps: [], layout: undefined };
  const firstOf = (begin: number): number => Math.ceil(begin / 16) * 16;
  const layout = arenaLayouts.find(
    ({ size }) => walkHeap(chunks, firstOf(own.arena + size), own.end).end === own.end,
  );
  const arenaBytes = layout?.size ?? 0;
  const infoBytes = own.arena - own.start;
  const heaps = infos.map(({ start, end, arena }) => {
    const begin = arena === start + infoBytes ? arena + arenaBytes : start + infoBytes;
    return { first: firstOf(begin), end, arena };
  });
  return { heaps, layout };
}

/**
 * Lists where heaps of arenas may lie in a mapping: the kernel joins a heap with what lies before it, and with the next one if it
 * is full.
 */
function heapPlaces({
  start,
  end,
  path,
  permissions,
}: MemoryMapping): readonly { readonly start: number; readonly end: number }[] {
  if (path !== '' || permissions !== 'rw-p') return [];
  const first = Math.ceil(start / arenaHeapBytes);
  const places = Math.max(0, Math.ceil(end / arenaHeapBytes) - first);
  return Array.from({ length: places }, (_, index) => {
    const place = (first + index) * arenaHeapBytes;
    return { start: place, end: Math.min(end, place + arenaHeapBytes) };
  });
}

/**
 * Finds the pieces of a main heap that could not grow because something lies behind it: V8 has its code there in about one of
 * 140 starts of Node 20. malloc then maps separate pieces, of 132 KiB to 1 MiB or more, wherever there is room
 * (sysmalloc_mmap_fallback() in malloc/malloc.c), and fences off the end of the one before. The kernel joins them with
 * neighbouring mappings.
 */
function findPieces(
  lists: WordReader,
  chunks: WordReader,
  mappings: readonly MemoryMapping[],
  top: number,
): Heap[] {
  const pieces: Heap[] = [];
  for (const mapping of mappings) {
    if (mapping.path !== '[heap]' && !mayHoldBlocks(mapping)) continue;
    for (let at = mapping.start; at < mapping.end;) {
      const block = mappedBlockAt(lists, at, mapping.end);
      const walk =
        block === undefined && isChunk(lists.word(at + wordBytes))
          ? walkHeap(chunks, at, mapping.end, { knownTop: top })
          : undefined;
      const isPiece = walk?.end !== undefined && (walk.topBytes === 0 || walk.topAddress === top);
      if (isPiece) pieces.push({ first: at, end: walk.end, arena: undefined });
      at = isPiece ? walk.end : at + (block ?? pageBytes);
    }
  }
  return pieces;
}

/** Anonymous memory that is not a heap of an arena may be malloc blocks with their own mappings. */
function mayHoldBlocks({ start, path, permissions }: MemoryMapping): boolean {
  return path === '' && permissions === 'rw-p' && start % arenaHeapBytes !== 0;
}

/** Returns the size of the separately mapped block that begins at an address; undefined if there is none. */
function mappedBlockAt(reader: WordReader, at: number, end: number): number | undefined {
  const [before, header] = [reader.word(at), reader.word(at + wordBytes)];
  if (before !== 0 || header === undefined || header % 8 !== isMapped) return undefined;
  // From 2.43 on the size leaves out the two words of the header.
  const size = Math.ceil((header - isMapped) / pageBytes) * pageBytes;
  const rest = size - (header - isMapped);
  const isBlock = size > 0 && (rest === 0 || rest === 2 * wordBytes) && at + size <= end;
  return isBlock ? size : undefined;
}

/** Lists the sizes of separately mapped blocks, which the kernel may have joined with each other and with heaps. */
export function findMappedBlocks(
  reader: WordReader,
  mappings: readonly MemoryMapping[],
  heaps: readonly Heap[],
): number[] {
  const found: number[] = [];
  const endOfHeapAt = new Map(heaps.map(({ first, end }) => [first, end]));
  for (const mapping of mappings.filter(mayHoldBlocks)) {
    for (let at = mapping.start; at < mapping.end;) {
      const heapEnd = endOfHeapAt.get(at);
      if (heapEnd !== undefined) {
        at = heapEnd;
        continue;
      }
      const size = mappedBlockAt(reader, at, mapping.end);
      if (size === undefined) break;
      found.push(size);
      at += size;
    }
  }
  return found;
}

/** Finds the main arena, a variable of libc, in the ring that all arenas form; undefined if no other arena leads to it. */
function findInRing(
  reader: WordReader,
  mappings: readonly MemoryMapping[],
  others: readonly number[],
  { next }: ArenaLayout,
): number | undefined {
  const data = mappings.filter(isDataOfLibc);
  for (const arena of others) {
    const following = reader.word(arena + next);
    if (following === undefined) continue;
    if (data.some(({ start, end }) => following >= start && following < end)) return following;
  }
  return undefined;
}

function isDataOfLibc({ permissions, path }: MemoryMapping): boolean {
  return permissions === 'rw-p' && /\/libc[.-].*so/.test(path);
}

/** Finds the main arena where no other arena leads to it: by the top of its heap, whose address is in the data of libc. */
export function findArenaByTop(
  reader: WordReader,
  mappings: readonly MemoryMapping[],
  known: ArenaLayout | undefined,
  top: number,
): { readonly arena: number; readonly layout: ArenaLayout } | undefined {
  for (const { start, end } of mappings.filter(isDataOfLibc)) {
    for (let at = start; at < end; at += 8) {
      if (reader.word(at) !== top) continue;
      // The only arena points to itself as the next one.
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
