import { addKind, type CountedKind } from '../../results/live-memory.js';
import type { NativeMemory } from '../../results/summary.js';

/** Addresses that a JVM has reserved for its heap. */
export interface HeapRange {
  readonly start: number;
  /** The address after the last. */
  readonly end: number;
}

/**
 * Takes the addresses of the Java heap from what `jcmd <pid> GC.heap_info` prints: each space is followed by
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

/**
 * Parses what `jcmd <pid> VM.native_memory summary scale=b` prints: the total, and each category's committed bytes.
 * Undefined if the JVM does not track it (it needs `-XX:NativeMemoryTracking=summary`). It covers only what the JVM
 * itself allocates: libraries such as zlib use malloc without its knowledge.
 */
export function parseNativeMemory(summary: string): NativeMemory | undefined {
  const total = /^Total: reserved=\d+, committed=(\d+)/m.exec(summary)?.[1];
  if (total === undefined) return undefined;
  const found: Record<string, number> = { total: Number(total) };
  const category = /^-\s+(.+?) \(reserved=\d+, committed=(\d+)/gm;
  for (const [, name = '', committed] of summary.matchAll(category)) {
    found[name.toLowerCase().replaceAll(' ', '_')] = Number(committed);
  }
  return found;
}

/**
 * Parses what `jcmd <pid> GC.class_histogram` prints after a full collection: for each class how many objects are alive, and
 * their bytes, without what they refer to. Undefined if the text is something else.
 */
export function parseClassHistogram(
  histogram: string,
): ReadonlyMap<string, CountedKind> | undefined {
  if (!/^Total\s+\d+\s+\d+\s*$/m.test(histogram)) return undefined;
  const classes = new Map<string, CountedKind>();
  // A module may follow the name: "[B (java.base@17.0.15)".
  const line = /^\s*\d+:\s+(\d+)\s+(\d+)\s+(\S+)/gm;
  for (const [, count, bytes, name = ''] of histogram.matchAll(line)) {
    addKind(classes, name, { count: Number(count), bytes: Number(bytes) });
  }
  return classes;
}
