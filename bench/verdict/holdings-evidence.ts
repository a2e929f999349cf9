import { formatBytes, formatCount } from '../../program/quantities.js';
import type { FloorFacts } from '../measure/floor.js';
import {
  type Holdings,
  type LiveMemory,
  type LiveSource,
  type LiveSourceDefinition,
  liveSources,
  nameKind,
  type Sites,
  sourcesOfAll,
} from '../results/live-memory.js';
import type { Owner } from '../results/owners.js';
import type { Judgement } from '../results/summary.js';
import { judgeFloors } from './judge-floors.js';
import { growthFields, withVerdict } from './judgement.js';
import { findKnownStates } from './known-states.js';
import { findRisingSites } from './rising-sites.js';
import {
  fewestFloors,
  growthOfHoldings,
  type HoldingsFinding,
  type HoldingsSeries,
  judgeHoldings,
  type RisingKind,
} from './judge-holdings.js';

/** What a program was counted to hold in one kind of memory. */
export interface CountedHoldings {
  readonly source: LiveSource;
  readonly series: HoldingsSeries;
  readonly baselineBytes: number;
  /** Bytes by where they were allocated, at the baseline and at the floor after each wave; empty if that is not known. */
  readonly sites: readonly Sites[];
  /** What these are sites of: of the source itself, or of the objects that refer to it. */
  readonly sitesOf: LiveSource;
}

/** Waves that are suggested where the answer is open. */
const wavesForAnswer = 12;

/**
 * Returns what the target was counted to hold of an owner's memory, at the baseline and at the floor after each wave.
 * Undefined if that could not be counted at one of them, or if the number of processes differed between them.
 * @param floors what was found at the baseline and after each wave
 * @param opened connections opened in each wave
 * @param owner whose memory
 * @param isHeapApart whether V8's heap can be told from other resident memory; if not, the heap decides for both
 */
export function countedHoldings(
  floors: readonly FloorFacts[],
  opened: readonly number[],
  owner: Owner,
  isHeapApart: boolean,
): CountedHoldings | undefined {
  const source = sourcesOfAll(floors.map(({ live }) => live)).find((name) =>
    ownersOf(name, isHeapApart).includes(owner),
  );
  if (source === undefined || floors.length !== opened.length + 1) return undefined;
  const counted = floors.flatMap(({ live }) => withoutBuffers(source, live));
  const [baseline, ...later] = counted;
  if (baseline === undefined || later.length < opened.length) return undefined;
  if (counted.some(({ processes }) => processes !== baseline.processes)) return undefined;
  const { leastStepBytes } = liveSources[source];
  return {
    source,
    series: { floors: later, opened, leastStepBytes },
    baselineBytes: baseline.bytes,
    ...sitesField(
      source,
      floors.map(({ live }) => live),
    ),
  };
}

function ownersOf(source: LiveSource, isHeapApart: boolean): readonly Owner[] {
  const { owners } = liveSources[source];
  return source === 'js_heap' && !isHeapApart ? [...owners, 'other'] : owners;
}

/** ArrayBuffers lie in malloc and have an owner of their own. */
function withoutBuffers(source: LiveSource, live: LiveMemory): Holdings[] {
  const holdings = live[source];
  if (holdings === undefined) return [];
  if (source !== 'malloc' || live.array_buffers === undefined) return [holdings];
  return [{ ...holdings, bytes: Math.max(0, holdings.bytes - live.array_buffers.bytes) }];
}

/** Its own sites, or those of what refers to it. */
function sitesField(
  source: LiveSource,
  floors: readonly LiveMemory[],
): Pick<CountedHoldings, 'sites' | 'sitesOf'> {
  const of = (name: LiveSource): readonly Sites[] =>
    floors.flatMap((live) => live[name]?.sites ?? []);
  const own = of(source);
  const { sitesOf: referrers }: LiveSourceDefinition = liveSources[source];
  return referrers === undefined || own.length > 0
    ? { sites: own, sitesOf: source }
    : { sites: of(referrers), sitesOf: referrers };
}

/** Gives a judgement on resident memory the verdict of what was counted, which decides whatever is resident. */
export function decideByCount(judgement: Judgement, counted: CountedHoldings): Judgement {
  const { source, series, baselineBytes } = counted;
  const { floors } = series;
  const growth = growthOfHoldings(series);
  const evidence: Judgement = {
    ...judgement,
    ...(growth === undefined ? {} : growthFields(growth)),
    counted_bytes: floors.map(({ bytes }) => bytes),
    held_bytes: (floors.at(-1)?.bytes ?? baselineBytes) - baselineBytes,
  };
  if (floors.length < fewestFloors) return evidence;
  const finding = judgeHoldings(series);
  switch (finding.kind) {
    case 'rising':
      return { ...evidence, ...growing(counted, finding) };
    case 'open':
      return openFor(evidence, counted);
    case 'bounded':
      return boundedBy(source, evidence, floors.length);
  }
}

function growing(
  { source, series: { floors, opened }, sites, sitesOf }: CountedHoldings,
  finding: Extract<HoldingsFinding, { kind: 'rising' }>,
) {
  const { growth, trend, waves, kinds } = finding;
  const { slope, low, high } = growth;
  const { things } = liveSources[source];
  const seen = opened.reduce((sum, each) => sum + each, 0);
  const rising = opened.slice(-waves).reduce((sum, each) => sum + each, 0);
  const { keptBy } = floors.at(-1) ?? {};
  const whose = sitesOf === source ? 'it' : `the ${liveSources[sitesOf].things} that stay`;
  const names = [...nameKinds(source, kinds, keptBy), ...nameSites(whose, sites, waves, rising)];
  const named = names.length === 0 ? '' : `: ${names.join(', ')}`;
  const rise = `the program holds ${formatBytes(slope)} more of ${things} per connection opened (95 % interval ${formatBytes(low)} to ${formatBytes(high)}), counted, in each of the last ${waves} waves${named}`;
  const conclusion =
    trend === 'slowing'
      ? `but less at the end than at the beginning: it may level off, run ${Math.max(wavesForAnswer, 2 * opened.length)} waves to see`
      : `a leak, unless it is a cache that ${formatCount(seen)} connections have not filled`;
  return {
    verdict: 'growing',
    trend,
    reason: `${rise}; ${conclusion}`,
    ...growthFields(growth),
  } as const;
}

/** Most kinds that are named. */
const mostKinds = 3;

/** Names what there is more of: known states for all of their blocks, else sizes of blocks, classes and types. */
function nameKinds(
  source: LiveSource,
  kinds: readonly RisingKind[],
  keptBy: ReadonlyMap<string, string> | undefined,
): readonly string[] {
  const states =
    source === 'malloc'
      ? findKnownStates(new Map(kinds.map((kind) => [Number(kind.name), kind.perConnection])))
      : new Map<number, never>();
  const named = kinds.map(({ name, perConnection, isWhole }) => {
    const state = states.get(Number(name));
    const count = perConnection / (state?.blocks ?? 1);
    const number = isWhole ? count.toFixed(2) : count.toPrecision(3);
    const article = source === 'malloc' ? 'a ' : '';
    const what = state === undefined ? nameKind(source, name) : `${state.name},`;
    const way = keptBy?.get(name);
    return `${number} × ${article}${what} per connection${way === undefined ? '' : `, kept by ${way}`}`;
  });
  return [...new Set(named)].slice(0, mostKinds);
}

/**
 * Names where the objects were allocated, or those that refer to what stays, in the last of the waves, with so many connections
 * opened in these.
 */
function nameSites(
  whose: string,
  sites: readonly Sites[],
  waves: number,
  connections: number,
): readonly string[] {
  const [baseline, before, after] = [sites[0], sites.at(-waves - 1), sites.at(-1)];
  if (baseline === undefined || before === undefined || after === undefined) return [];
  return findRisingSites(baseline, before, after, connections).map(({ site, share, callees }) => {
    const called = callees.length === 0 ? '' : `, or in what it calls (${callees.join(', ')})`;
    return `${(100 * share).toFixed(0)} % of ${whose} allocated in ${site}${called}`;
  });
}

function openFor(
  judgement: Judgement,
  { source, series: { floors }, baselineBytes }: CountedHoldings,
): Judgement {
  const [first, last] = [floors[0]?.bytes ?? baselineBytes, floors.at(-1)?.bytes];
  const needed = Math.max(wavesForAnswer, 2 * floors.length);
  const reason = `what the program holds of ${liveSources[source].things} neither rises with every wave nor has stopped to (${formatBytes((last ?? first) - first)} since the first): run ${needed} waves`;
  return { ...withVerdict(judgement, 'inconclusive', reason), waves_needed: needed };
}

/** Counted memory that does not rise is no leak, however its resident pages come and go. */
function boundedBy(source: LiveSource, judgement: Judgement, waves: number): Judgement {
  if (judgement.verdict === 'released' || judgement.verdict === 'retained') return judgement;
  const { things } = liveSources[source];
  return withVerdict(
    judgement,
    judgement.retained_bytes > judgement.noise_bytes ? 'retained' : 'released',
    `after ${waves} waves what the program holds of ${things} no longer rises, though resident memory moves: the allocator keeps it, free or in pieces`,
  );
}

/** Judges memory about which only what was counted is known. */
export function judgeCountAlone(counted: CountedHoldings): Judgement {
  const { series, baselineBytes } = counted;
  let openedTotal = 0;
  const floors = series.floors.map(({ bytes }, index) => {
    openedTotal += series.opened[index] ?? 0;
    return { bytes, openedTotal };
  });
  const alone = judgeFloors({
    baselineBytes,
    peakBytes: Math.max(baselineBytes, ...floors.map(({ bytes }) => bytes)),
    floors,
    noiseBytes: 0,
  });
  return decideByCount(alone, counted);
}
