import { pageBytes } from '../machine-limits.js';
import type { WordReader } from './process-memory.js';

/*
 * How glibc lays out its heaps (malloc/malloc.c, "Chunk representation"): chunks follow each other without a gap. Each has
 * its size in the second word of its header, whose lowest three bits are flags. Whether a chunk is in use is recorded in
 * the header of the next one.
 */

/** The chunk before is in use. */
const previousInUse = 1;
/** The chunk has its own mapping. */
export const isMapped = 2;
const flags = 7;

/** Header of a free chunk, with its links (`struct malloc_chunk`), in bytes. */
const freeHeaderBytes = 48;

/** Smallest chunk on 64-bit systems, and the unit that all sizes are a multiple of, in bytes. */
const leastChunk = 32;
const alignment = 16;

/** Size of the chunks that fence off the end of a heap that is not the last one of its arena. */
const fencepost = 16;

/** Chunks of one heap. Sizes are those of whole chunks: what a program asked for plus 8 bytes, rounded up to 16. */
export interface HeapWalk {
  /** Where the chain of chunks ends, behind its top or its fence; undefined if it breaks: then nothing else can be trusted. */
  readonly end: number | undefined;
  /** How many chunks are in use, by size; chunks that a thread or a fast bin keeps for later look used here. */
  readonly used: Map<number, number>;
  readonly usedBytes: number;
  readonly freeBytes: number;
  /** Part of it in pages that are free as a whole. */
  readonly freePagesBytes: number;
  /** The last chunk, which grows with the heap; 0 if it has none. */
  readonly topBytes: number;
  readonly topAddress: number;
}

/**
 * Walks the chunks of a heap from its first one to its last, which is the top of its arena or comes before a fence.
 * @param reader for words that are close together
 * @param first address of the first chunk
 * @param limit first address behind what may be the heap: a chunk that ends there is the top
 * @param watch what else is known or wanted
 * @param watch.onUsed gets the address and size of each chunk in use
 * @param watch.knownTop address of the top, if it is known
 */
export function walkHeap(
  reader: WordReader,
  first: number,
  limit: number,
  {
    onUsed,
    knownTop,
  }: { readonly onUsed?: (address: number, size: number) => void; readonly knownTop?: number } = {},
): HeapWalk {
  const used = new Map<number, number>();
  let [usedBytes, freeBytes, freePagesBytes, topBytes, topAddress] = [0, 0, 0, 0, 0];
  let end: number | undefined;
  /** The chunk before; the next header says whether it is in use. */
  let [before, beforeSize] = [0, 0];
  for (let at = first; ;) {
    const header = reader.word(at + 8);
    if (header === undefined) break;
    const size = header - (header & flags);
    if (size === 0 && beforeSize === leastChunk && isEnd(at + fencepost, limit)) {
      // In an arena, a top of 48 bytes becomes a fence as a whole, whose first post looks like a chunk of 32 (sysmalloc() in malloc.c).
      end = at + fencepost;
      break;
    }
    if (beforeSize > 0) {
      if ((header & previousInUse) === 0) {
        freeBytes += beforeSize;
        freePagesBytes += wholePagesBytes(before, beforeSize);
      } else {
        usedBytes += beforeSize;
        used.set(beforeSize, (used.get(beforeSize) ?? 0) + 1);
        onUsed?.(before, beforeSize);
      }
    }
    if (size === fencepost) {
      // In a piece of the main heap, a top of 48 bytes leaves 16, too few for a chunk, before its fence: a third post.
      const behind = [2, 3].map((posts) => at + posts * fencepost);
      if (isFence(reader.word(at + fencepost + 8))) {
        end = behind.find((address) => isEnd(address, limit));
      }
      break;
    }
    if (!isChunk(header)) break;
    if (at + size === limit || at === knownTop) {
      [topBytes, topAddress] = [size, at];
      end = at + size;
      break;
    }
    if (at + size > limit) break;
    [before, beforeSize] = [at, size];
    at += size;
  }
  return { end, used, usedBytes, freeBytes, freePagesBytes, topBytes, topAddress };
}

/** Tells whether a header may belong to a chunk of a heap, not to its fence. */
export function isChunk(header: number | undefined): boolean {
  if (header === undefined || (header & isMapped) !== 0) return false;
  const size = header - (header & flags);
  return size >= leastChunk && size % alignment === 0;
}

/** Heaps end with a page. */
function isEnd(address: number, limit: number): boolean {
  return address <= limit && address % pageBytes === 0;
}

/** The second post of a fence has the same size as the first one, or none. */
function isFence(header: number | undefined): boolean {
  return (
    header !== undefined && (header - (header & flags)) % fencepost === 0 && header < leastChunk
  );
}

/** The pages of a free chunk without the one that its header is in: what malloc_trim(3) would give back. */
function wholePagesBytes(address: number, size: number): number {
  const begin = Math.ceil((address + freeHeaderBytes) / pageBytes) * pageBytes;
  const end = Math.floor((address + size) / pageBytes) * pageBytes;
  return Math.max(0, end - begin);
}
