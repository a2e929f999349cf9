import type { Judgement, OwnerJudgement, VerdictFields } from '../results/summary.js';
import { known } from '../../program/document-fields.js';
import type { SampleRow } from '../results/sample-columns.js';
import { findDiscrepancies, findDoubts } from './reliability.js';
import type { JudgedRecord } from './run-record.js';
import { estimateBytesPerConnection } from './bytes-per-connection.js';
import { judgeRun } from './judge-run.js';
import { describeLeftOpen } from './left-open.js';
import { formatBytes } from '../../program/quantities.js';
import type { FloorFacts } from '../measure/floor.js';
import { liveSourceNames } from '../results/live-memory.js';
import { countedHoldings } from './holdings-evidence.js';
import { headroomOf } from './headroom.js';
import { describeSplit, splitKeptMemory } from './memory-kept.js';

/** Judges a run. `doubts` say in words why it can't be relied on; with any of them the verdict is `inconclusive`. */
export function summarizeVerdict(record: JudgedRecord, doubts: readonly string[]): VerdictFields {
  const { rows, waves, floors } = record;
  const isGarbageCollected = floors.length > 0 && floors.every(hasCollected);
  const openedByWave = waves
    .slice(0, restsBegun(rows))
    .map((wave) => wave.connections_opened_total);
  const judgements = judgeRows(rows, openedByWave, doubts, isGarbageCollected, floors).map(
    (judgement) => (judgement.owner === 'whole' ? sayWhatStays(judgement, record) : judgement),
  );
  return {
    ...judgementFields(judgements[0]),
    ...slopeFields(rows),
    judgements,
    ...keptFields(record, judgements[0]),
    floors_after_gc: isGarbageCollected,
  };
}

/** Judges a run in progress by what it has found so far. */
export function judgeSoFar(record: Omit<JudgedRecord, 'outcome' | 'finalStats'>): VerdictFields {
  const soFar: JudgedRecord = { ...record, outcome: 'completed', finalStats: undefined };
  return summarizeVerdict(soFar, findDoubts(soFar, findDiscrepancies(soFar)));
}

/**
 * Judges every owner of memory by the rows of a run; the whole comes first. Empty without a finished wave.
 * @param rows samples of the run
 * @param openedByWave connections opened in each wave that has a floor
 * @param doubts why the run can't be relied on, in words; with any of them every verdict is `inconclusive`
 * @param isGarbageCollected whether garbage was collected before each floor was read
 * @param floors what was found at the baseline and after each wave besides the rows, if that is known
 */
export function judgeRows(
  rows: readonly SampleRow[],
  openedByWave: readonly number[],
  doubts: readonly string[],
  isGarbageCollected: boolean,
  floors: readonly FloorFacts[] = [],
): OwnerJudgement[] {
  return judgeRun({
    rows,
    openedByWave,
    doubts,
    isGarbageCollected,
    hasGarbage: rows.some(
      (row) =>
        row.native_bytes === undefined ||
        row.managed_heap_bytes !== undefined ||
        row.js_heap_resident_bytes !== undefined,
    ),
    countedOf: (owner) =>
      countedHoldings(
        floors.slice(0, openedByWave.length + 1),
        openedByWave,
        owner,
        rows.some((row) => row.js_heap_resident_bytes !== undefined),
      ),
    headroomOf: (owner) => headroomOf(owner, rows, isGarbageCollected),
  });
}

/** Adds who holds the memory that stays: the allocator, the program, or connections that are still open. */
function sayWhatStays(whole: OwnerJudgement, record: JudgedRecord): OwnerJudgement {
  if (whole.verdict !== 'growing' && whole.verdict !== 'retained') return whole;
  const split =
    describeSplit(record, whole.retained_bytes) ??
    'how much of it the program holds could not be counted';
  const added = [
    whole.verdict === 'retained'
      ? split
      : `${formatBytes(whole.retained_bytes)} stay above the baseline: ${split}`,
    describeLeftOpen(record),
  ].filter((text) => text !== undefined);
  return { ...whole, reason: [whole.reason, ...added].join('; ') };
}

/** Whether a runtime of the target has collected its garbage before this floor. */
function hasCollected({ live }: FloorFacts): boolean {
  return liveSourceNames.some((source) => source !== 'malloc' && live[source] !== undefined);
}

/** Waves whose rest has begun, so that they have a floor. */
function restsBegun(rows: readonly SampleRow[]): number {
  return Math.max(0, ...rows.map(({ wave, phase }) => (phase === 'rest' ? (wave ?? 0) : 0)));
}

function judgementFields(whole: Judgement | undefined) {
  if (whole === undefined) {
    return {
      verdict: 'inconclusive',
      verdict_reason: 'no wave was finished, or the memory could not be read',
    } as const;
  }
  return {
    verdict: whole.verdict,
    verdict_reason: whole.reason,
    ...(whole.trend === undefined ? {} : { trend: whole.trend }),
    ...known('waves_needed', whole.waves_needed),
    ...known('growth_bytes_per_connection', whole.growth_bytes_per_connection),
    ...known('growth_bytes_per_connection_low', whole.growth_bytes_per_connection_low),
    ...known('growth_bytes_per_connection_high', whole.growth_bytes_per_connection_high),
  };
}

function keptFields(record: JudgedRecord, whole: Judgement | undefined): Partial<VerdictFields> {
  const split = whole === undefined ? undefined : splitKeptMemory(record, whole.retained_bytes);
  return {
    ...known('held_bytes', split?.heldBytes),
    ...known('kept_free_bytes', split?.freeBytes),
    ...known('kept_in_pieces_bytes', split?.piecesBytes),
  };
}

function slopeFields(rows: readonly SampleRow[]): Partial<VerdictFields> {
  const estimate = estimateBytesPerConnection(rows);
  return {
    ...known('bytes_per_connection', estimate?.slope),
    ...known('bytes_per_connection_low', estimate?.low),
    ...known('bytes_per_connection_high', estimate?.high),
  };
}
