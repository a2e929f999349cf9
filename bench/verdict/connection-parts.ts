import type { LiveMemory } from '../results/live-memory.js';
import { liveSourceNames } from '../results/live-memory.js';
import type { ConnectionPart, ConnectionSite } from '../results/summary.js';
import { heldDifference, nameStates } from './held-difference.js';

/** Parts of less than this per connection are not listed, in bytes. */
const leastBytes = 24;

/**
 * Returns what an open connection is made of: the objects and blocks of which there are more in a hold than at the baseline,
 * with their number and bytes per connection, largest total first. A count that is nearly whole is something that each
 * connection has; states that are known by the sizes of their blocks are named.
 * @param before what was held at the baseline
 * @param held what was held in the hold
 * @param connections open in the hold
 */
export function findConnectionParts(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
): readonly ConnectionPart[] {
  const parts = liveSourceNames.flatMap((source): ConnectionPart[] => {
    const kinds = heldDifference(before, held, connections, source, 'kind');
    const states = source === 'malloc' ? nameStates(kinds, held) : undefined;
    return [...kinds].map(([kind, { count = 0, bytes }]) => {
      const state = states?.get(kind);
      return {
        source,
        kind,
        per_connection: count,
        bytes_per_connection: bytes,
        ...(state === undefined ? {} : { state }),
      };
    });
  });
  return largestFirst(parts);
}

/**
 * Returns where an open connection's objects were allocated: what is alive in a hold beyond the baseline, in bytes per
 * connection, largest total first.
 * @param before what was held at the baseline
 * @param held what was held in the hold
 * @param connections open in the hold
 */
export function findConnectionSites(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
): readonly ConnectionSite[] {
  const sites = liveSourceNames.flatMap((source) =>
    [...heldDifference(before, held, connections, source, 'site')].map(([site, { bytes }]) => ({
      source,
      site,
      bytes_per_connection: bytes,
    })),
  );
  return largestFirst(sites);
}

/** How many bytes per connection each of these has. */
interface Sized {
  readonly bytes_per_connection: number;
}

function largestFirst<Part extends Sized>(parts: readonly Part[]): readonly Part[] {
  return parts
    .filter(({ bytes_per_connection: bytes }) => bytes >= leastBytes)
    .toSorted((one, other) => other.bytes_per_connection - one.bytes_per_connection);
}
