import type { JudgedOwner, OwnerJudgement, Verdict } from '../results/summary.js';
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
import { type Floor, judgeFloors } from './judge-floors.js';
import { type Judgement } from '../results/summary.js';

/** What is judged: each owner that is the target's own or the kernel's, and before them the `whole` private memory. */
const judgedOwners = [
  'whole',
  ...ownerKeys.filter((owner) => owners[owner].place !== 'files'),
] as const;

/** The judgement on an owner that is part of the whole, or beside it. */
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
  /** Whether the floors were read after a collection of the garbage. */
  readonly isGarbageCollected: boolean;
  /** Whether the target has a heap with garbage in it, as far as is known. */
  readonly hasGarbage: boolean;
  /** Garbage that may be in a floor though nothing leaks, in bytes; 0 if it was collected, or is not known. */
  readonly toleratedGarbageBytes: number;
}

/** Judges every owner whose memory is known, the whole first. Empty without a finished wave. */
export function judgeRun(run: JudgedRun): OwnerJudgement[] {
  if (run.openedByWave.length === 0) return [];
  const judged = judgedOwners.flatMap((owner): OwnerJudgement[] => {
    const judgement = judgeFigure(run, owner === 'whole' ? 'private_bytes' : owners[owner].figure);
    if (judgement === undefined) return [];
    return [{ owner, ...tolerateGarbage(owner, judgement, run.toleratedGarbageBytes) }];
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

function judgeFigure(run: JudgedRun, figure: MemoryFigure): Judgement | undefined {
  const { rows, openedByWave } = run;
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
    ...(figure === owners.kernel.figure ? { leastNoiseBytes: kernelNoiseBytes } : {}),
  });
}

/** Kernel memory is that of the whole machine, where other programs come and go, and its caches are in no hurry to shrink. */
const kernelNoiseBytes = 8 * 1024 * 1024;

/** Makes the median absolute deviation an estimate of the standard deviation of normally distributed values. */
const madFactor = 1.4826;

/**
 * Adds to the judgement on the whole where the memory is. A leak that is small beside what comes and goes does not show
 * in the whole; if one owner shows it, steady, the whole is growing too.
 */
function explainWhole(
  whole: OwnerJudgement,
  parts: readonly PartJudgement[],
  run: JudgedRun,
): OwnerJudgement {
  const inside = parts.filter(({ owner }) => owners[owner].place === 'inside');
  const leak = inside.find(({ trend }) => trend === 'steady');
  if (whole.verdict !== 'growing' && leak !== undefined) {
    const { owner, verdict, trend, reason, ...figures } = leak;
    const { growth_bytes_per_connection: growth } = figures;
    return {
      ...whole,
      verdict,
      ...(trend === undefined ? {} : { trend }),
      ...(growth === undefined ? {} : pickGrowth(figures)),
      reason: `in ${owners[owner].inSentence}, ${reason}${cautionOf(run)}`,
    };
  }
  const amount = (judgement: Judgement): number =>
    whole.verdict === 'growing'
      ? (judgement.growth_bytes_per_connection ?? 0)
      : judgement.retained_bytes;
  const [most] = inside.toSorted((one, other) => amount(other) - amount(one));
  const isWorthNaming = whole.verdict === 'growing' || whole.verdict === 'retained';
  if (most === undefined || !isWorthNaming || amount(most) <= 0) return whole;
  const where = `mostly in ${owners[most.owner].inSentence} (${formatBytes(amount(most))})`;
  return { ...whole, reason: `${whole.reason}; ${where}${cautionOf(run)}` };
}

function pickGrowth(judgement: Omit<Judgement, 'verdict' | 'reason'>) {
  return {
    growth_bytes_per_connection: judgement.growth_bytes_per_connection ?? 0,
    growth_bytes_per_connection_low: judgement.growth_bytes_per_connection_low ?? 0,
    growth_bytes_per_connection_high: judgement.growth_bytes_per_connection_high ?? 0,
  };
}

/** Without a collection, a rise that is no larger than what V8 leaves uncollected is no evidence of a leak. */
function tolerateGarbage(
  owner: JudgedOwner,
  judgement: Judgement,
  toleratedBytes: number,
): Judgement {
  const { verdict, retained_bytes: retained, floors_bytes: floors } = judgement;
  const isTolerable = verdict === 'growing' && retained < toleratedBytes;
  const mayHoldGarbage = owner === 'whole' || owners[owner].mayHoldGarbage;
  if (!isTolerable || !mayHoldGarbage) return judgement;
  const { trend, ...evidence } = judgement;
  const waves = 2 * floors.length;
  return {
    ...evidence,
    verdict: 'inconclusive',
    reason: `the floors rise${trend === 'slowing' ? ' more and more slowly' : ''} by ${formatBytes(retained)}, but up to ${formatBytes(toleratedBytes)} of garbage may not have been collected: have the bench start the server, or give --admin-url, or run ${waves} waves`,
    waves_needed: waves,
  };
}

function cautionOf({ hasGarbage, isGarbageCollected }: JudgedRun): string {
  if (!hasGarbage || isGarbageCollected) return '';
  return '; garbage that nobody has collected may be part of it';
}

/** Gives a judgement another verdict, which has no trend; the figures stay. */
export function withVerdict(
  judgement: OwnerJudgement,
  verdict: Exclude<Verdict, 'growing'>,
  reason: string,
): OwnerJudgement {
  const changed: { -readonly [Name in keyof OwnerJudgement]: OwnerJudgement[Name] } = {
    ...judgement,
    verdict,
    reason,
  };
  delete changed.trend;
  return changed;
}
