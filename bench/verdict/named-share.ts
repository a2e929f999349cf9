import {
  anyObject,
  type LiveMemory,
  type LiveSource,
  sourcesOfAll,
} from '../results/live-memory.js';
import { type InsideOwner, insideOwners, owners } from '../results/owners.js';
import type { ConnectionPart, ConnectionSite } from '../results/summary.js';
import type { MemoryFigures } from '../results/wave-figures.js';

/** How much of an open connection has a name, all in bytes per connection. */
interface NamedMemory {
  /** Of what the program holds. */
  readonly bytes: number;
  /** Share of its private memory, 0 to 1; undefined where no private memory is known. */
  readonly share: number | undefined;
}

/** Of one kind of memory, in bytes per connection. */
interface Counted {
  readonly live: number;
  readonly named: number;
}

/** Whose resident memory consists of what is counted from a source, together with what the allocator or collector keeps free. */
const heapsOf: Readonly<Partial<Record<InsideOwner, readonly LiveSource[]>>> = {
  js_heap: ['js_heap'],
  managed_heap: ['jvm_heap', 'go_heap'],
  malloc: ['malloc'],
};

/**
 * Tells how much of an open connection has a name: a class, a type, a place in the code, or a library's state. Blocks of malloc of
 * which only the size is known have none, but for those of ArrayBuffers, which V8 tells.
 *
 * A heap's free memory and garbage go with what is alive in it: of a heap of which 90 % of the living bytes have a name, so have
 * 90 % of the resident ones. In memory that is no such heap, only bytes that were counted there have one.
 * @param before what was held at the baseline
 * @param held what was held in the hold
 * @param connections open in the hold, 1 or more
 * @param parts of such a connection
 * @param sites of such a connection
 * @param resident bytes per connection over the baseline
 * @returns undefined if nothing was counted at both
 */
export function findNamedMemory(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
  parts: readonly ConnectionPart[],
  sites: readonly ConnectionSite[],
  resident: Partial<MemoryFigures>,
): NamedMemory | undefined {
  const sources = sourcesOfAll([before, held]);
  if (sources.length === 0) return undefined;
  const riseOf = (source: LiveSource, of: 'bytes' | 'outsideMallocBytes'): number =>
    Math.max(0, ((held[source]?.[of] ?? 0) - (before[source]?.[of] ?? 0)) / connections);
  const count = (source: LiveSource): Counted => {
    const byKind = sumBytes(parts.filter((part) => part.source === source && isNamed(part)));
    const bySite = sumBytes(sites.filter((site) => site.source === source));
    const buffers = source === 'malloc' ? riseOf('array_buffers', 'bytes') : 0;
    const live = riseOf(source, 'bytes');
    return { live, named: Math.min(Math.max(byKind + buffers, bySite), live) };
  };
  const named = new Map(sources.map((source) => [source, count(source)]));
  const inArenas = sources.includes('python_objects')
    ? riseOf('python_objects', 'outsideMallocBytes')
    : 0;
  return {
    bytes: sources.reduce(
      (sum, source) => sum + (isInMalloc(source, sources) ? 0 : (named.get(source)?.named ?? 0)),
      0,
    ),
    share: shareOf(named, inArenas, resident),
  };
}

/** ArrayBuffers are in malloc as well, and count there where that was counted. */
function isInMalloc(source: LiveSource, sources: readonly LiveSource[]): boolean {
  return source === 'array_buffers' && sources.includes('malloc');
}

function shareOf(
  named: ReadonlyMap<LiveSource, Counted>,
  inArenas: number,
  resident: Partial<MemoryFigures>,
): number | undefined {
  let [all, known] = [0, 0];
  for (const owner of insideOwners) {
    const bytes = Math.max(0, resident[owners[owner].figure] ?? 0);
    all += bytes;
    if (owner === 'other') known += Math.min(bytes, inArenas);
    else known += bytes * namedShare(heapsOf[owner] ?? [], named);
  }
  return all > 0 ? known / all : undefined;
}

function namedShare(
  sources: readonly LiveSource[],
  named: ReadonlyMap<LiveSource, Counted>,
): number {
  const sum = (pick: (counted: Counted) => number): number =>
    sources.reduce((total, source) => {
      const counted = named.get(source);
      return total + (counted === undefined ? 0 : pick(counted));
    }, 0);
  const live = sum((counted) => counted.live);
  return live > 0 ? sum((counted) => counted.named) / live : 0;
}

function isNamed({ source, kind, state }: ConnectionPart): boolean {
  return kind !== anyObject && (source !== 'malloc' || state !== undefined);
}

function sumBytes(parts: readonly { readonly bytes_per_connection: number }[]): number {
  return parts.reduce((sum, { bytes_per_connection: bytes }) => sum + bytes, 0);
}
