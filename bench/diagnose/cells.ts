import type { Allocator } from '../targets/allocator.js';

/** Factors of the experiment: what a cell sets, and the levels that it can set it to. */
export interface Levels {
  readonly greeting: 'none' | 'empty' | 'text';
  readonly deflate: 'off' | 'on';
  readonly allocator: Allocator;
}

/** Name of a factor. */
export type Factor = keyof Levels;

/** The levels that each factor takes; one with a single level does not vary. */
export type FactorLevels = { readonly [Name in Factor]: readonly Levels[Name][] };

/** One combination of levels: a run of its own, with a fresh target. */
export interface Cell {
  /** Such as `greeting-text_deflate-on_glibc`; the name of its folder. */
  readonly name: string;
  readonly levels: Levels;
}

/** Returns all combinations of the levels, with those that people suspect first. */
export function planCells({ greeting, deflate, allocator }: FactorLevels): Cell[] {
  return allocator.flatMap((ofAllocator) =>
    deflate.flatMap((ofDeflate) =>
      greeting.map((ofGreeting) => ({
        name: `greeting-${ofGreeting}_deflate-${ofDeflate}_${ofAllocator}`,
        levels: { greeting: ofGreeting, deflate: ofDeflate, allocator: ofAllocator },
      })),
    ),
  );
}
