import type { LiveMemory, LiveSource } from '../results/live-memory.js';
import { anyObject, liveSourceNames, sourcesOfAll } from '../results/live-memory.js';
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
 * @param most that are told
 */
export function findConnectionParts(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
  most = mostParts,
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
    .slice(0, most);
}

/**
 * Returns where an open connection's objects were allocated: what is alive in a hold beyond the baseline, in bytes per
 * connection, largest total first.
 * @param before what was held at the baseline
 * @param held what was held in the hold
 * @param connections open in the hold
 * @param most that are told
 */
export function findConnectionSites(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
  most = mostParts,
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
    .slice(0, most);
}

/**
 * Tells how many bytes of an open connection have a name: a class, a type, a place in the code, or a library's state. Blocks of
 * malloc of which only the size is known have none.
 * @param before what was held at the baseline
 * @param held what was held in the hold
 * @param connections open in the hold, 1 or more
 * @returns bytes per connection; undefined if nothing was counted at both
 */
export function findNamedBytes(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
): number | undefined {
  const sources = sourcesOfAll([before, held]);
  if (sources.length === 0) return undefined;
  const parts = findConnectionParts(before, held, connections, Infinity);
  const sites = findConnectionSites(before, held, connections, Infinity);
  const named = sources.reduce((sum, source) => {
    const isNamed = (part: ConnectionPart): boolean =>
      part.source === source &&
      part.kind !== anyObject &&
      (source !== 'malloc' || part.state !== undefined);
    const bySite = sumBytes(sites.filter((site) => site.source === source));
    const rise = ((held[source]?.bytes ?? 0) - (before[source]?.bytes ?? 0)) / connections;
    return sum + Math.min(Math.max(sumBytes(parts.filter(isNamed)), bySite), Math.max(0, rise));
  }, 0);
  return named;
}

function sumBytes(parts: readonly { readonly bytes_per_connection: number }[]): number {
  return parts.reduce((sum, { bytes_per_connection: bytes }) => sum + bytes, 0);
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
