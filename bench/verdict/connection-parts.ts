import type { LiveMemory } from '../results/live-memory.js';
import { anyObject, liveSourceNames, sourcesOfAll } from '../results/live-memory.js';
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
    const states = source === 'malloc' ? nameStates(kinds) : undefined;
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

/**
 * Tells how many bytes of an open connection have a name: a class, a type, a place in the code, or a library's state. Blocks of
 * malloc of which only the size is known have none.
 * @param before what was held at the baseline
 * @param held what was held in the hold
 * @param connections open in the hold, 1 or more
 * @param parts of such a connection
 * @param sites of such a connection
 * @returns bytes per connection; undefined if nothing was counted at both
 */
export function findNamedBytes(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
  parts: readonly ConnectionPart[],
  sites: readonly ConnectionSite[],
): number | undefined {
  const sources = sourcesOfAll([before, held]);
  if (sources.length === 0) return undefined;
  const isNamed = ({ source, kind, state }: ConnectionPart): boolean =>
    kind !== anyObject && (source !== 'malloc' || state !== undefined);
  return sources.reduce((sum, source) => {
    const byKind = sumBytes(parts.filter((part) => part.source === source && isNamed(part)));
    const bySite = sumBytes(sites.filter((site) => site.source === source));
    const rise = ((held[source]?.bytes ?? 0) - (before[source]?.bytes ?? 0)) / connections;
    return sum + Math.min(Math.max(byKind, bySite), Math.max(0, rise));
  }, 0);
}

function sumBytes(parts: readonly Sized[]): number {
  return parts.reduce((sum, { bytes_per_connection: bytes }) => sum + bytes, 0);
}
