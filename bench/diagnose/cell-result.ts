import type { RunSummary } from '../results/summary.js';
import { type InsideOwner, insideOwners, owners } from '../results/owners.js';
import type { MemoryFigure } from '../results/wave-figures.js';
import type { Allocator } from '../targets/allocator.js';

/** Bytes per connection, of the whole and of each owner that is known. */
export type BytesByOwner = Readonly<Partial<Record<InsideOwner, number>>> & {
  readonly whole: number;
};

/** What came out of one cell. */
export type CellResult = Cell &
  (
    | {
        readonly state: 'measured';
        /** Private bytes per open connection: (hold − baseline) ÷ connections in the last wave. */
        readonly held: BytesByOwner;
        /** Private bytes that stayed after the drain, per connection: (last floor − baseline) ÷ connections. */
        readonly kept: BytesByOwner;
      }
    | { readonly state: 'failed'; readonly reason: string }
  );

/** Takes the result of a cell out of the summary of its run. */
export function readCell(cell: Cell, summary: RunSummary): CellResult {
  const wave = summary.waves.at(-1);
  const failed = (reason: string): CellResult => ({ ...cell, state: 'failed', reason });
  if (summary.outcome !== 'completed' || wave?.floor === undefined) {
    return failed(summary.reason ?? 'the run was not completed');
  }
  const connections = wave.hold_connections ?? 0;
  if (connections < summary.connections * 0.99) {
    return failed(`only ${connections} of ${summary.connections} connections were open`);
  }
  const held = wave.per_connection_over_baseline ?? {};
  const { floor } = wave;
  const keptOf = (figure: MemoryFigure): number | undefined => {
    const [after, before] = [floor[figure], summary.baseline[figure]];
    return after === undefined || before === undefined ? undefined : (after - before) / connections;
  };
  const heldOf = (figure: MemoryFigure): number | undefined => held[figure];
  const [heldWhole, keptWhole] = [heldOf('private_bytes'), keptOf('private_bytes')];
  if (heldWhole === undefined || keptWhole === undefined) {
    return failed('the memory of the target could not be read');
  }
  return {
    ...cell,
    state: 'measured',
    held: { whole: heldWhole, ...known(heldOf) },
    kept: { whole: keptWhole, ...known(keptOf) },
  };
}

function known(
  pick: (figure: MemoryFigure) => number | undefined,
): Partial<Record<InsideOwner, number>> {
  const found: Partial<Record<InsideOwner, number>> = {};
  for (const owner of insideOwners) {
    const bytes = pick(owners[owner].figure);
    if (bytes !== undefined) found[owner] = bytes;
  }
  return found;
}

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
