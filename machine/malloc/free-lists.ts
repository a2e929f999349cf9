import type { WordReader } from './process-memory.js';

/*
 * Free chunks that look used: those that a thread keeps (tcache), and those in an arena's fast bins. Both are lists whose
 * pointers are mangled: each is XORed with its own address, shifted by 12 (PROTECT_PTR in malloc/malloc.c, since 2.32).
 */

/** Offsets in `struct malloc_state` (malloc/malloc.c), in bytes. */
export interface ArenaLayout {
  /** Undefined where there are no fast bins. */
  readonly fastBins: number | undefined;
  readonly top: number;
  readonly next: number;
  readonly size: number;
}

/** The known layouts: that of glibc 2.27 to 2.42, and that of 2.43, which has no fast bins (read from Debian's 2.43-7). */
export const arenaLayouts: readonly ArenaLayout[] = [
  { fastBins: 0x10, top: 0x60, next: 0x870, size: 0x898 },
  { fastBins: undefined, top: 0x08, next: 0x818, size: 0x840 },
];
const fastBinCount = 10;

/** Anything longer than this is not a list. */
const longestList = 65_536;

/** Header of a chunk, before the part that the program gets. */
const headerBytes = 16;

/** Sizes of the chunk that holds `struct tcache_perthread_struct`, and how it is laid out. */
const threadCaches = [
  // 64 counters of 2 bytes, 64 lists (glibc 2.30 to 2.41).
  { chunk: 0x290, lists: 0x80, smallBins: 64, bins: 64 },
  // 76 counters and lists, the last twelve for large chunks (2.42 and 2.43).
  { chunk: 0x300, lists: 0x98, smallBins: 64, bins: 76 },
] as const;

/** Free chunks by size. */
export type FreeChunks = Map<number, number>;

/** A remainder of 16 bytes is too small for a chunk, so a chunk may be larger by that. */
function layoutOf(size: number): (typeof threadCaches)[number] | undefined {
  return threadCaches.find(({ chunk }) => size === chunk || size === chunk + 16);
}

/** Tells whether a chunk of this size may hold the cache of a thread. */
export function mayBeThreadCache(size: number): boolean {
  return layoutOf(size) !== undefined;
}

/**
 * Returns what a thread keeps, if the chunk holds its cache: each of its lists is empty, or leads from one chunk of the
 * right size to the next. Undefined otherwise. For lists that are not empty, chance can be ruled out.
 * @param reader for words that are far apart
 * @param chunk address of the chunk, its header included
 * @param size of the chunk in bytes
 * @param isHeap tells whether an address lies in a heap that was walked
 */
export function readThreadCache(
  reader: WordReader,
  chunk: number,
  size: number,
  isHeap: (address: number) => boolean,
): FreeChunks | undefined {
  const layout = layoutOf(size);
  if (layout === undefined) return undefined;
  const lists = chunk + headerBytes + layout.lists;
  const heads: number[] = [];
  for (let bin = 0; bin < layout.bins; bin++) {
    const head = reader.word(lists + 8 * bin);
    if (head === undefined || (head !== 0 && (head % 16 !== 0 || !isHeap(head)))) return undefined;
    heads.push(head);
  }
  const found: FreeChunks = new Map();
  for (const [bin, head] of heads.entries()) {
    const wanted = bin < layout.smallBins ? 32 + 16 * bin : undefined;
    if (!followList(reader, head, headerBytes, wanted, isHeap, found)) return undefined;
  }
  return found;
}

/** Returns what is in the fast bins of an arena; undefined if they can't be followed. */
export function readFastBins(
  reader: WordReader,
  arena: number,
  { fastBins }: ArenaLayout,
  isHeap: (address: number) => boolean,
): FreeChunks | undefined {
  const found: FreeChunks = new Map();
  if (fastBins === undefined) return found;
  for (let bin = 0; bin < fastBinCount; bin++) {
    const head = reader.word(arena + fastBins + 8 * bin);
    if (head === undefined) return undefined;
    // These point to the chunk itself, and its link follows the header.
    if (!followList(reader, head, 0, undefined, isHeap, found)) return undefined;
  }
  return found;
}

/** Follows a list and counts its chunks; false if it is not a list. `offset` is from the chunk to what the list points at. */
function followList(
  reader: WordReader,
  head: number,
  offset: number,
  wantedSize: number | undefined,
  isHeap: (address: number) => boolean,
  found: FreeChunks,
): boolean {
  let at = head;
  for (let length = 0; at !== 0; length++) {
    if (length > longestList || at % 16 !== 0 || !isHeap(at)) return false;
    const chunk = at - offset;
    const header = reader.word(chunk + 8);
    const link = reader.word(chunk + headerBytes);
    if (header === undefined || link === undefined) return false;
    const size = header - (header % 8);
    if (size < 32 || (wantedSize !== undefined && size !== wantedSize)) return false;
    found.set(size, (found.get(size) ?? 0) + 1);
    at = demangle(link, chunk + headerBytes);
  }
  return true;
}

/** Undoes PROTECT_PTR; both numbers have more than 32 bits. */
function demangle(link: number, address: number): number {
  return Number(BigInt(link) ^ (BigInt(address) >> 12n));
}
