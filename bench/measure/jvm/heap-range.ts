/** Addresses that a JVM has reserved for its heap. */
export interface HeapRange {
  readonly start: number;
  /** The address after the last. */
  readonly end: number;
}

/**
 * Takes the addresses of the Java heap out of what `jcmd <pid> GC.heap_info` prints: each space is followed by
 * `[first, …, end)`. Undefined for collectors that print none (ZGC, Shenandoah).
 */
export function parseHeapRange(heapInfo: string): HeapRange | undefined {
  let range: HeapRange | undefined;
  for (const [, inside = ''] of heapInfo.matchAll(/\[(0x[0-9a-f]+(?:, ?0x[0-9a-f]+)+)\)/g)) {
    const addresses = inside.split(',').map((text) => Number.parseInt(text.trim(), 16));
    const start = Math.min(range?.start ?? Infinity, ...addresses);
    const end = Math.max(range?.end ?? 0, ...addresses);
    range = { start, end };
  }
  return range;
}
