import type { LiveMemory } from '../../results/live-memory.js';
import type { StackTracing } from '../../targets/stack-tracing.js';
import type { FloorFacts } from '../floor.js';
import { readStacks } from './read-stacks.js';

/** What was counted in a run. */
interface Counted {
  readonly floors: FloorFacts[];
  readonly holds: (LiveMemory | undefined)[];
}

/**
 * Puts what was traced in the place of what a census of malloc has counted, at each floor and in each hold: it leaves out heaptrack
 * itself, and has the stacks.
 * @throws {RunError} if a trace can't be read.
 */
export async function addStacks({ floors, holds }: Counted, tracing: StackTracing): Promise<void> {
  const counted = [...floors.map(({ live }) => live), ...holds].flatMap(
    (live) => live?.malloc?.countedAtMs ?? [],
  );
  const moments = counted.toSorted((one, other) => one - other);
  const stacks = await readStacks(tracing.files, tracing.interpreter, moments);
  const withStacks = (live: LiveMemory): LiveMemory => {
    const { malloc } = live;
    if (malloc?.countedAtMs === undefined) return live;
    const traced = stacks[moments.indexOf(malloc.countedAtMs)];
    return traced === undefined ? live : { ...live, malloc: { ...malloc, ...traced } };
  };
  for (const [index, floor] of floors.entries()) {
    floors[index] = { ...floor, live: withStacks(floor.live) };
  }
  for (const [index, hold] of holds.entries()) {
    holds[index] = hold === undefined ? undefined : withStacks(hold);
  }
}
