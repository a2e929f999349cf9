import type { RunSummary } from '../results/summary.js';
import { type InsideOwner, insideOwners, owners } from '../results/owners.js';
import { type MemoryFigure, subtract } from '../results/wave-figures.js';
import type { Cell } from './factors.js';
import type { Makeup } from './name-makeup.js';

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
        /** Messages of either side that were compressed, and answers that came to messages. */
        readonly compressed: number;
        readonly answered: number;
        /** Descriptors that the target still had open after the drain, more than before; undefined if not known. */
        readonly leftOpen: number | undefined;
        /** What an open connection is made of; empty if the hold was too short to count it. */
        readonly makeup: Makeup;
      }
    /** It ran, but its memory says nothing per connection. */
    | { readonly state: 'unclear'; readonly reason: string }
    | { readonly state: 'failed'; readonly reason: string }
  );

/** Takes the result of a cell out of the summary of its run. */
export function readCell(cell: Cell, summary: RunSummary): CellResult {
  const wave = summary.waves.at(-1);
  const failed = (reason: string): CellResult => ({ ...cell, state: 'failed', reason });
  if (summary.outcome !== 'completed') {
    return failed(summary.reason ?? 'the run was not completed');
  }
  if (wave?.floor === undefined) {
    return failed(
      'no sample was taken in its hold, which is too short here: give it a longer --hold',
    );
  }
  const connections = wave.hold_connections ?? 0;
  if (connections < summary.connections * 0.99) {
    return failed(`only ${connections} of ${summary.connections} connections were open`);
  }
  const held = wave.per_connection_over_baseline ?? {};
  const { floor } = wave;
  const keptOf = (figure: MemoryFigure): number | undefined => {
    const kept = subtract(floor[figure], summary.baseline[figure]);
    return kept === undefined ? undefined : kept / connections;
  };
  const heldOf = (figure: MemoryFigure): number | undefined => held[figure];
  const [heldWhole, keptWhole] = [heldOf('private_bytes'), keptOf('private_bytes')];
  if (heldWhole === undefined || keptWhole === undefined) {
    return failed('the memory of the target could not be read');
  }
  if (heldWhole <= 0) {
    // Allocators give back what the start took only after a while: jemalloc after 10 s.
    const reason = 'memory of the start was given back meanwhile, more than connections took';
    return { ...cell, state: 'unclear', reason };
  }
  return {
    ...cell,
    state: 'measured',
    held: { whole: heldWhole, ...known(heldOf) },
    kept: { whole: keptWhole, ...known(keptOf) },
    compressed: summary.messages_compressed,
    answered: summary.echoes_received,
    leftOpen: subtract(wave.floor_descriptors, summary.baseline_descriptors),
    makeup: { parts: summary.connection_parts ?? [], sites: summary.connection_sites ?? [] },
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
