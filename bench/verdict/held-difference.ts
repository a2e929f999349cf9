import type { Holdings, LiveMemory, LiveSource } from '../results/live-memory.js';
import { findKnownStates } from './known-states.js';

/** Things of one kind or from one site. */
export interface Amount {
  /** Undefined where samples tell their bytes alone. */
  readonly count: number | undefined;
  readonly bytes: number;
}

/** What is divided, by the name of each part. */
type Parts = ReadonlyMap<string, Amount>;

/** The two ways to divide what is held; undefined where that was not done. */
const divisions = {
  kind: ({ kinds }: Holdings): Parts => kinds,
  site: ({ sites }: Holdings): Parts | undefined =>
    sites === undefined
      ? undefined
      : new Map(
          [...sites.bytes].map(([name, bytes]) => [
            name,
            { count: sites.counts?.get(name), bytes },
          ]),
        ),
};

/** A way to divide what is held: by class, type or size of block, or by where it was allocated. */
export type Division = keyof typeof divisions;

/**
 * Returns how much more is held of each part than before, per connection. Empty if one of the two was not counted, or there were
 * no connections.
 */
export function heldDifference(
  before: LiveMemory | undefined,
  after: LiveMemory | undefined,
  connections: number,
  source: LiveSource,
  by: Division,
): Parts {
  const [first, last] = [before?.[source], after?.[source]].map((holdings) =>
    holdings === undefined ? undefined : divisions[by](holdings),
  );
  if (first === undefined || last === undefined || connections === 0) return new Map();
  return new Map(
    [...last].map(([name, { count, bytes }]) => {
      const earlier = first.get(name);
      return [
        name,
        {
          count: count === undefined ? undefined : (count - (earlier?.count ?? 0)) / connections,
          bytes: (bytes - (earlier?.bytes ?? 0)) / connections,
        },
      ];
    }),
  );
}

/**
 * Names what parts of malloc, which are sizes of blocks, are known to be part of.
 * @param blocks so many of each size, per connection
 * @param live what was counted of the same program
 */
export function nameStates(blocks: Parts, live: LiveMemory): ReadonlyMap<string, string> {
  const bySize = new Map([...blocks].map(([size, { count = 0 }]) => [Number(size), count]));
  const states = findKnownStates(bySize, live.js_heap !== undefined);
  return new Map([...states].map(([size, { name }]) => [String(size), name]));
}
