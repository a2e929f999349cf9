import type { CountedKind, Holdings } from '../results/live-memory.js';

/** So many objects, and their bytes, by kind. */
export function holdings(
  kinds: Readonly<Record<string, readonly [count: number, bytes: number]>>,
): Holdings {
  const entries = Object.entries(kinds).map(
    ([name, [count, bytes]]): readonly [string, CountedKind] => [name, { count, bytes }],
  );
  const bytes = entries.reduce((sum, [, kind]) => sum + kind.bytes, 0);
  return { bytes, outsideMallocBytes: bytes, processes: 1, kinds: new Map(entries) };
}

/** So many blocks by size. */
export function blocks(counts: Readonly<Record<number, number>>): Holdings {
  return holdings(
    Object.fromEntries(
      Object.entries(counts).map(([size, count]) => [size, [count, Number(size) * count] as const]),
    ),
  );
}
