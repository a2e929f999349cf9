import type { AllocationNode } from '../../machine/v8.js';
import { foreignText } from '../../program/foreign-text.js';
import { formatCount } from '../../program/quantities.js';
import type { Owner } from './owners.js';

/** How the bytes are counted that a program holds, in one kind of memory. */
export interface LiveSourceDefinition {
  /** Whose memory they are, the first in its own name; the resident memory of the others does what they do. */
  readonly owners: readonly Owner[];
  /** What is counted, in a sentence: "… per connection". */
  readonly things: string;
  /**
   * A rise by less than this between two floors is the program's own work, in bytes: V8 and the JVM keep what they learn of
   * the code that runs (measured on our own server and on `ws`, up to 100 KiB a wave after the first).
   */
  readonly leastStepBytes: number;
  /** Of which kind the objects are that refer to it, if it is their sites that tell where it comes from. */
  readonly sitesOf?: 'js_heap';
}

const kibibyte = 1024;

/**
 * The ways to count what a program holds, apart from what its allocators and collectors please to keep. No byte is in two of
 * them, but for ArrayBuffers and Python's larger objects, which are in malloc as well.
 */
export const liveSources = {
  js_heap: {
    owners: ['js_heap'],
    things: 'JS objects',
    leastStepBytes: 128 * kibibyte,
  },
  array_buffers: {
    owners: ['array_buffers'],
    things: 'bytes of ArrayBuffers',
    sitesOf: 'js_heap',
    leastStepBytes: 128 * kibibyte,
  },
  jvm_heap: {
    owners: ['managed_heap'],
    things: 'Java objects',
    leastStepBytes: 128 * kibibyte,
  },
  go_heap: {
    owners: ['managed_heap'],
    things: 'Go objects',
    leastStepBytes: 128 * kibibyte,
  },
  python_objects: {
    owners: ['python_objects', 'other'],
    things: 'Python objects',
    leastStepBytes: 128 * kibibyte,
  },
  malloc: {
    owners: ['malloc'],
    things: 'blocks',
    sitesOf: 'js_heap',
    leastStepBytes: 64 * kibibyte,
  },
} as const satisfies Readonly<Record<string, LiveSourceDefinition>>;

/** A key of {@link liveSources}. */
export type LiveSource = keyof typeof liveSources;

/** The keys of {@link liveSources}, in their order. */
export const liveSourceNames = Object.keys(liveSources) as readonly LiveSource[];

/** Kind of all objects of a heap whose types are not told. */
export const anyObject = 'object';

/** What is between a function and its caller in the name of a site. */
export const frameSeparator = ' < ';

/** So many objects of one kind, and their bytes. */
export interface CountedKind {
  readonly count: number;
  readonly bytes: number;
}

/** What a program holds in one kind of memory, in all its processes together. */
export interface Holdings {
  readonly bytes: number;
  /** Those of them that are not in malloc, so that they can be added to what malloc's census has counted. */
  readonly outsideMallocBytes: number;
  /** Processes that were counted: with another number of them the sums can't be compared. */
  readonly processes: number;
  /** The same by kind: the size of a block in bytes, or the name of a class or type. Empty if only the sum is known. */
  readonly kinds: ReadonlyMap<string, CountedKind>;
  /** The same by where it was allocated; missing if no samples were taken. */
  readonly sites?: Sites;
  /** What keeps the youngest object of a kind alive, in words; missing if that was not looked for. */
  readonly keptBy?: ReadonlyMap<string, string>;
  /** When it was counted, in milliseconds since 1970; only of what a trace may tell more about. */
  readonly countedAtMs?: number;
}

/** Where a program has allocated what it holds, estimated from samples or traced. What the engine itself has loaded is not sampled. */
export interface Sites {
  /** Bytes between two samples, on average. */
  readonly everyBytes: number;
  /** By function, file and line, then its callers. */
  readonly bytes: ReadonlyMap<string, number>;
  /** How many blocks, where each was traced; missing if samples tell the bytes alone. */
  readonly counts?: ReadonlyMap<string, number>;
  /** The whole stacks, of each process that is a Node program. */
  readonly profiles?: readonly AllocationNode[];
}

/** Returns the same without the whole stacks, which take a megabyte or so for a server of many processes. */
export function withoutProfiles(live: LiveMemory): LiveMemory {
  const { js_heap: heap } = live;
  if (heap?.sites?.profiles === undefined) return live;
  const { everyBytes, bytes } = heap.sites;
  return { ...live, js_heap: { ...heap, sites: { everyBytes, bytes } } };
}

/** What a program holds, as far as it can be counted. */
export type LiveMemory = Readonly<Partial<Record<LiveSource, Holdings>>>;

/** Returns the sources that were counted in all of these. */
export function sourcesOfAll(counted: readonly LiveMemory[]): readonly LiveSource[] {
  return liveSourceNames.filter((source) => counted.every((live) => live[source] !== undefined));
}

/** Adds up what was counted from some sources, each byte once. */
export function totalHeld(live: LiveMemory, sources: readonly LiveSource[]): number {
  const hasMalloc = sources.includes('malloc');
  return sources.reduce((sum, source) => {
    const holdings = live[source];
    const isInMalloc = hasMalloc && source !== 'malloc';
    return sum + ((isInMalloc ? holdings?.outsideMallocBytes : holdings?.bytes) ?? 0);
  }, 0);
}

/** Names what was counted, in words. */
export function nameSources(sources: readonly LiveSource[]): string {
  return sources.map((source) => liveSources[source].things).join(', ');
}

/** Names a kind in words: malloc's are sizes of blocks. */
export function nameKind(source: LiveSource, kind: string): string {
  return source === 'malloc' ? `block of ${formatCount(Number(kind))} B` : kind;
}

/** Adds objects to those of the same kind. */
export function addKind(kinds: Map<string, CountedKind>, name: string, added: CountedKind): void {
  const before = kinds.get(name) ?? { count: 0, bytes: 0 };
  kinds.set(name, { count: before.count + added.count, bytes: before.bytes + added.bytes });
}

/** Adds bytes, or a number, to those of the same site. */
export function addAmount(sites: Map<string, number>, site: string, amount: number): void {
  sites.set(site, (sites.get(site) ?? 0) + amount);
}

/** Longest name of a kind, and of a site, which has three frames at most, in characters. */
const longestKind = 300;
const longestSite = 600;

/** Returns the same with names that can be shown anywhere: the target has told them. */
export function withShowableNames(live: LiveMemory): LiveMemory {
  const shown = liveSourceNames.flatMap((source) => {
    const holdings = live[source];
    return holdings === undefined ? [] : [[source, showable(holdings)] as const];
  });
  return Object.fromEntries(shown);
}

function showable(holdings: Holdings): Holdings {
  const { kinds, sites, keptBy } = holdings;
  const shownKinds = new Map<string, CountedKind>();
  for (const [name, kind] of kinds) addKind(shownKinds, foreignText(name, longestKind), kind);
  return {
    ...holdings,
    kinds: shownKinds,
    ...(sites === undefined ? {} : { sites: showableSites(sites) }),
    ...(keptBy === undefined
      ? {}
      : {
          keptBy: new Map(
            [...keptBy].map(([name, way]) => [
              foreignText(name, longestKind),
              foreignText(way, longestSite),
            ]),
          ),
        }),
  };
}

function showableSites(sites: Sites): Sites {
  const { bytes, counts } = sites;
  const shown = (amounts: ReadonlyMap<string, number>): ReadonlyMap<string, number> => {
    const named = new Map<string, number>();
    for (const [site, amount] of amounts) addAmount(named, foreignText(site, longestSite), amount);
    return named;
  };
  return {
    ...sites,
    bytes: shown(bytes),
    ...(counts === undefined ? {} : { counts: shown(counts) }),
  };
}
