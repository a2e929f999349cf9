import type { Judgement, OwnerJudgement, VerdictFields } from '../results/summary.js';
import { known } from '../results/document-fields.js';
import type { SampleRow } from '../results/sample-columns.js';
import type { RunRecord } from './run-record.js';
import { estimateBytesPerConnection } from './bytes-per-connection.js';
import { judgeRun } from './judge-run.js';
import { describeLeftOpen } from './left-open.js';
import { correctByCensus, describeMalloc } from './malloc-evidence.js';

/** Judges a run. `doubts` say why it can't be relied on, in words; with any of them the verdict is `inconclusive`. */
export function summarizeVerdict(record: RunRecord, doubts: readonly string[]): VerdictFields {
  const { rows, waves, floors } = record;
  const isGarbageCollected = floors.length > 0 && floors.every((floor) => floor.isGarbageCollected);
  const openedByWave = waves
    .slice(0, restsBegun(rows))
    .map((wave) => wave.connections_opened_total);
  const judged = judgeRows(rows, openedByWave, doubts, isGarbageCollected);
  const judgements = correctByCensus(judged, record).map((judgement) =>
    judgement.owner === 'whole' ? sayWhatStays(judgement, record) : judgement,
  );
  return {
    ...judgementFields(judgements[0]),
    ...slopeFields(rows),
    judgements,
    floors_after_gc: isGarbageCollected,
  };
}

/**
 * Judges every owner of memory by the rows of a run, the whole first. Empty without a finished wave.
 * @param rows samples of the run
 * @param openedByWave connections opened in each wave that has a floor
 * @param doubts why the run can't be relied on, in words; with any of them every verdict is `inconclusive`
 * @param isGarbageCollected whether garbage was collected before each floor was read
 */
export function judgeRows(
  rows: readonly SampleRow[],
  openedByWave: readonly number[],
  doubts: readonly string[],
  isGarbageCollected: boolean,
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
    toleratedGarbageBytes: isGarbageCollected ? 0 : youngGenerationBytes(rows),
  });
}

/** Adds whose the memory is that stays: the allocator's, the program's, or that of connections which are still open. */
function sayWhatStays(whole: OwnerJudgement, record: RunRecord): OwnerJudgement {
  if (whole.verdict !== 'growing' && whole.verdict !== 'retained') return whole;
  const added = [describeMalloc(record), describeLeftOpen(record)].filter(
    (text) => text !== undefined,
  );
  return { ...whole, reason: [whole.reason, ...added].join('; ') };
}

/** Largest semi-space of V8's young generation on 64-bit systems (`--max-semi-space-size`), in bytes per process. */
const semiSpaceBytes = 16 * 1024 * 1024;

/**
 * Returns how much of V8's young generation may be garbage, in all processes of the target. Without the heap of another
 * runtime, a heap that is not known may be V8's. The heaps of the JVM and of Go have their own owner, and climb by far more.
 */
function youngGenerationBytes(rows: readonly SampleRow[]): number {
  if (rows.some((row) => row.managed_heap_bytes !== undefined)) return 0;
  const mayBeV8 = rows.some(
    (row) => row.js_heap_resident_bytes !== undefined || row.native_bytes === undefined,
  );
  const processes = Math.max(0, ...rows.map((row) => row.target_processes ?? 0));
  return mayBeV8 ? semiSpaceBytes * processes : 0;
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

function slopeFields(rows: readonly SampleRow[]): Partial<VerdictFields> {
  const estimate = estimateBytesPerConnection(rows);
  return {
    ...known('bytes_per_connection', estimate?.slope),
    ...known('bytes_per_connection_low', estimate?.low),
    ...known('bytes_per_connection_high', estimate?.high),
  };
}
