import type { LiveMemory, LiveSource } from '../results/live-memory.js';
import { liveSourceNames } from '../results/live-memory.js';
import type { ConnectionPart, ConnectionSite } from '../results/summary.js';
import { findKnownStates } from './known-states.js';

/** Most parts and sites that are listed; each of the others comes to less. */
const mostParts = 12;

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
  if (connections === 0) return [];
  const parts = liveSourceNames.flatMap((source) =>
    partsOf(source, before, held, connections).map((part) => ({ source, ...part })),
  );
  const blocks = new Map(
    parts.flatMap(({ source, kind, per_connection: count }) =>
      source === 'malloc' ? [[Number(kind), count] as const] : [],
    ),
  );
  const names = findKnownStates(blocks);
  return parts
    .map((part) => {
      const state = part.source === 'malloc' ? names.get(Number(part.kind)) : undefined;
      return state === undefined ? part : { ...part, state: state.name };
    })
    .filter(({ bytes_per_connection: bytes }) => bytes >= leastBytes)
    .toSorted((one, other) => other.bytes_per_connection - one.bytes_per_connection)
    .slice(0, mostParts);
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
  if (connections === 0) return [];
  return liveSourceNames
    .flatMap((source) => {
      const [first, last] = [before[source]?.sites, held[source]?.sites];
      if (first === undefined || last === undefined) return [];
      return [...last.bytes].map(([site, bytes]) => ({
        source,
        site,
        bytes_per_connection: (bytes - (first.bytes.get(site) ?? 0)) / connections,
      }));
    })
    .filter(({ bytes_per_connection: bytes }) => bytes >= leastBytes)
    .toSorted((one, other) => other.bytes_per_connection - one.bytes_per_connection)
    .slice(0, mostParts);
}

function partsOf(
  source: LiveSource,
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
): readonly Omit<ConnectionPart, 'source'>[] {
  const [first, last] = [before[source], held[source]];
  if (first === undefined || last === undefined) return [];
  return [...last.kinds].map(([kind, { count, bytes }]) => {
    const earlier = first.kinds.get(kind);
    return {
      kind,
      per_connection: (count - (earlier?.count ?? 0)) / connections,
      bytes_per_connection: (bytes - (earlier?.bytes ?? 0)) / connections,
    };
  });
}
