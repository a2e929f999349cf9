import type { JudgedOwner, OwnerJudgement } from '../results/summary.js';
import { formatBytes } from '../../program/quantities.js';
import { type Owner, ownerKeys, owners } from '../results/owners.js';
import type { SampleRow } from '../results/sample-columns.js';
import {
  deviationsFromMedian,
  findFloor,
  findHold,
  floorRowsOf,
  median,
  type MemoryFigure,
} from '../results/wave-figures.js';
import { type CountedHoldings, decideByCount, judgeCountAlone } from './holdings-evidence.js';
import { fewestFloors } from './judge-holdings.js';
import { growthFields, withVerdict } from './judgement.js';
import { type Floor, type Headroom, judgeFloors } from './judge-floors.js';
import { type Judgement } from '../results/summary.js';

/** What is judged: the `whole` private memory first, then each owner that is the target's own or the kernel's. */
const judgedOwners = [
  'whole',
  ...ownerKeys.filter((owner) => owners[owner].place !== 'files'),
] as const;

/** The judgement on an owner, which is part of the whole or separate from it. */
type PartJudgement = OwnerJudgement & { readonly owner: Owner };

function isPart(judgement: OwnerJudgement): judgement is PartJudgement {
  return judgement.owner !== 'whole';
}

/** What is judged. */
export interface JudgedRun {
  readonly rows: readonly SampleRow[];
  /** Connections opened in each finished wave. */
  readonly openedByWave: readonly number[];
  /** Why the run can't be relied on, in words; empty if it can. */
  readonly doubts: readonly string[];
  /** Whether the floors were read after a garbage collection. */
  readonly isGarbageCollected: boolean;
  /** Whether the target has a heap with garbage in it, as far as is known. */
  readonly hasGarbage: boolean;
  /** What was counted of an owner's memory; undefined if it could not be. */
  readonly countedOf: (owner: Owner) => CountedHoldings | undefined;
  /** By how much an owner's resident memory may rise though nothing leaks; undefined for nothing. */
  readonly headroomOf: (owner: JudgedOwner) => Headroom | undefined;
}

/** Judges every owner whose memory is known, the whole first. Empty without a finished wave. */
export function judgeRun(run: JudgedRun): OwnerJudgement[] {
  if (run.openedByWave.length === 0) return [];
  const judged = judgedOwners.flatMap((owner): OwnerJudgement[] => {
    const judgement = judgeOwner(run, owner);
    return judgement === undefined ? [] : [{ owner, ...judgement }];
  });
  const [whole] = judged;
  if (whole?.owner !== 'whole') return [];
  const parts = judged.filter(isPart);
  return [explainWhole(whole, parts, run), ...parts].map((judgement) =>
    run.doubts.length === 0
      ? judgement
      : withVerdict(judgement, 'inconclusive', run.doubts.join('; ')),
  );
}

/** What was counted decides; resident memory decides only where nothing was counted. */
function judgeOwner(run: JudgedRun, owner: JudgedOwner): Judgement | undefined {
  const resident = judgeFigure(run, owner);
  const counted = owner === 'whole' ? undefined : run.countedOf(owner);
  if (counted === undefined) return resident;
  return resident === undefined ? judgeCountAlone(counted) : decideByCount(resident, counted);
}

function judgeFigure(run: JudgedRun, owner: JudgedOwner): Judgement | undefined {
  const { rows, openedByWave } = run;
  const figure: MemoryFigure = owner === 'whole' ? 'private_bytes' : owners[owner].figure;
  const headroom = run.headroomOf(owner);
  const baselineBytes = findFloor(rows, 0, 'baseline')[figure];
  if (baselineBytes === undefined) return undefined;
  let openedTotal = 0;
  const floors = openedByWave.map((opened, index): Floor | undefined => {
    openedTotal += opened;
    const bytes = findFloor(rows, index + 1, 'rest')[figure];
    return bytes === undefined ? undefined : { bytes, openedTotal };
  });
  const known = floors.filter((floor) => floor !== undefined);
  if (known.length < floors.length) return undefined;
  const holds = openedByWave.map((_, index) => findHold(rows, index + 1)[figure]);
  const scatter = openedByWave.flatMap((_, index) =>
    deviationsFromMedian(floorRowsOf(rows, index + 1, 'rest'), figure),
  );
  return judgeFloors({
    baselineBytes,
    peakBytes: Math.max(baselineBytes, ...holds.filter((hold) => hold !== undefined)),
    floors: known,
    noiseBytes: madFactor * (median(scatter.map(Math.abs)) ?? 0),
    ...(owner === 'kernel' ? { leastNoiseBytes: kernelNoiseBytes } : {}),
    ...(headroom === undefined ? {} : { headroom }),
  });
}

/** Kernel memory is that of the whole machine, where other programs come and go, and its caches are in no hurry to shrink. */
const kernelNoiseBytes = 8 * 1024 * 1024;

/** Makes the median absolute deviation an estimate of the standard deviation of normally distributed values. */
const madFactor = 1.4826;

/**
 * Derives the judgement on the whole from those on its parts: it grows if one of them does, by the sum of their growth,
 * and is open while one of them is. If no part leaks, a rise of the whole's resident memory is no leak. What stays is reported
 * with the owner of most of it.
 */
function explainWhole(
  whole: OwnerJudgement,
  parts: readonly PartJudgement[],
  run: JudgedRun,
): OwnerJudgement {
  const places = new Set<string>(['inside', 'part']);
  const inside = parts.filter(({ owner }) => places.has(owners[owner].place));
  const leaks = withoutOverlap(inside.filter(({ verdict }) => verdict === 'growing')).toSorted(
    (one, other) => growthOf(other) - growthOf(one),
  );
  const [leak] = leaks;
  if (leak !== undefined) return growingWhole(whole, leak, leaks, run);
  const open = inside.find(
    ({ verdict, waves_needed: needed }) => verdict === 'inconclusive' && needed !== undefined,
  );
  if (open !== undefined && whole.floors_bytes.length >= fewestFloors) {
    const { waves_needed: needed = 0, owner, reason } = open;
    return {
      ...withVerdict(whole, 'inconclusive', `in ${owners[owner].inSentence}, ${reason}`),
      waves_needed: needed,
    };
  }
  if (whole.verdict === 'growing' || (whole.verdict === 'inconclusive' && open === undefined)) {
    return withVerdict(
      whole,
      'retained',
      `${formatBytes(whole.retained_bytes)} stay above the baseline and move, but no owner of them grows`,
    );
  }
  const most = inside
    .filter(({ owner }) => owners[owner].place === 'inside')
    .toSorted((one, other) => other.retained_bytes - one.retained_bytes)[0];
  if (most === undefined || whole.verdict !== 'retained' || most.retained_bytes <= 0) return whole;
  const where = `mostly in ${owners[most.owner].inSentence} (${formatBytes(most.retained_bytes)})`;
  return { ...whole, reason: `${whole.reason}; ${where}${cautionOf(run)}` };
}

/**
 * Leaves out leaks that are already counted as another owner's: of owners that were decided by the same count, and of malloc
 * where Python's objects leak, which lie in malloc if they are large.
 */
function withoutOverlap(leaks: readonly PartJudgement[]): readonly PartJudgement[] {
  const isPython = leaks.some(({ owner }) => owner === 'python_objects');
  return leaks.filter(
    ({ owner, counted_bytes: counted }) =>
      !(isPython && owner === 'malloc') && (owner !== 'other' || counted === undefined),
  );
}

function growingWhole(
  whole: OwnerJudgement,
  leak: PartJudgement,
  leaks: readonly PartJudgement[],
  run: JudgedRun,
): OwnerJudgement {
  const sum = (pick: (judgement: Judgement) => number | undefined): number =>
    leaks.reduce((total, each) => total + (pick(each) ?? 0), 0);
  const also = leaks
    .slice(1)
    .map((each) => `${formatBytes(growthOf(each))} in ${owners[each.owner].inSentence}`);
  const more = also.length === 0 ? '' : `; besides ${also.join(', ')}`;
  const caution = leak.counted_bytes === undefined ? cautionOf(run) : '';
  return {
    ...whole,
    verdict: 'growing',
    trend: leak.trend ?? 'steady',
    ...growthFields({
      slope: sum(growthOf),
      low: sum((each) => each.growth_bytes_per_connection_low),
      high: sum((each) => each.growth_bytes_per_connection_high),
    }),
    reason: `in ${owners[leak.owner].inSentence}, ${leak.reason}${more}${caution}`,
  };
}

function growthOf({ growth_bytes_per_connection: growth = 0 }: Judgement): number {
  return growth;
}

function cautionOf({ hasGarbage, isGarbageCollected }: JudgedRun): string {
  if (!hasGarbage || isGarbageCollected) return '';
  return '; garbage that nobody has collected may be part of it';
}
