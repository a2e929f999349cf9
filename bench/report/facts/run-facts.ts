import { estimateBytesPerConnection, firstRampPoints } from '../../verdict/bytes-per-connection.js';
import type { Point, Slope } from '../../verdict/theil-sen.js';
import { judgeRows } from '../../verdict/verdict-fields.js';
import {
  describeWave,
  findFloor,
  floorRows,
  floorRowsOf,
  median,
  type MemoryFigures,
  type WaveMemory,
} from '../../results/wave-figures.js';
import type { StoredRun } from '../../results/read-run.js';
import type { StoredJudgement } from '../../results/read-summary.js';
import type { SampleRow } from '../../results/sample-columns.js';
import type { PhaseSpan } from '../embedded/report-document.js';

/** The memory of one wave, as far as it came. */
export interface WaveFacts {
  readonly wave: number;
  /** undefined if there is no sample of its hold. */
  readonly memory: WaveMemory | undefined;
  /** Empty if it did not come to a rest. */
  readonly floor: MemoryFigures;
}

/** Private bytes per open connection, with the points that the slope was laid through. */
export interface ConnectionCost extends Slope {
  readonly points: readonly Point[];
  /** Private bytes with no connection open, by the same line. */
  readonly interceptBytes: number;
}

/** What the report says of a run, folded from its samples; the summary adds what samples can't tell. */
export interface RunFacts {
  readonly spans: readonly PhaseSpan[];
  readonly baseline: MemoryFigures;
  readonly waves: readonly WaveFacts[];
  readonly cost: ConnectionCost | undefined;
  /** The whole first; empty if nothing could be judged. */
  readonly judgements: readonly StoredJudgement[];
  /** Without a summary: what the floors alone say, though nobody knows whether the counts add up. */
  readonly floorsAlone: StoredJudgement | undefined;
}

/** Folds the samples of a run. */
export function findFacts({ rows, summary }: StoredRun): RunFacts {
  const spans = findPhaseSpans(rows);
  const baseline = findFloor(rows, 0, 'baseline');
  const numbers = [...new Set(spans.map(({ wave }) => wave))].filter((wave) => wave > 0);
  let floorBefore = baseline;
  const waves = numbers.map((wave): WaveFacts => {
    const memory = describeWave(rows, wave, floorBefore, baseline);
    const floor = findFloor(rows, wave, 'rest');
    if (floor.rss_bytes !== undefined) floorBefore = floor;
    return { wave, memory, floor };
  });
  const facts = { spans, baseline, waves, cost: findCost(rows) };
  if (summary !== undefined) {
    return { ...facts, judgements: summary.judgements, floorsAlone: undefined };
  }
  return {
    ...facts,
    judgements: judgeFloorsOf(rows, numbers, ['the run has left no summary, so it was cut short']),
    floorsAlone: judgeFloorsOf(rows, numbers, [])[0],
  };
}

function findCost(rows: readonly SampleRow[]): ConnectionCost | undefined {
  const slope = estimateBytesPerConnection(rows);
  if (slope === undefined) return undefined;
  const points = firstRampPoints(rows);
  // The line of Theil and Sen: half of the points are above it, half below.
  const interceptBytes = median(points.map(({ x, y }) => y - slope.slope * x)) ?? 0;
  return { ...slope, points, interceptBytes };
}

function judgeFloorsOf(
  rows: readonly SampleRow[],
  waves: readonly number[],
  doubts: readonly string[],
): StoredJudgement[] {
  const openedBy = (wave: number): number =>
    rows.findLast((row) => row.wave === wave)?.connections_opened_total ?? 0;
  const finished = waves.filter((wave) => floorRowsOf(rows, wave, 'rest').length >= floorRows);
  // Whether garbage was collected stands in the summary only.
  return judgeRows(
    rows,
    finished.map((wave) => openedBy(wave) - openedBy(wave - 1)),
    doubts,
    false,
  );
}

/** Finds the phases that a run went through, in order. A phase lasts until the first sample of the next one. */
export function findPhaseSpans(rows: readonly SampleRow[]): PhaseSpan[] {
  const starts = rows.flatMap((row, index) => {
    const before = rows[index - 1];
    return row.wave === before?.wave && row.phase === before?.phase ? [] : [index];
  });
  return starts.flatMap((fromRow, index) => {
    const first = rows[fromRow];
    if (first === undefined) return [];
    const toRow = starts[index + 1] ?? rows.length;
    const end = rows[toRow] ?? rows.at(-1);
    return [
      {
        wave: first.wave ?? 0,
        phase: first.phase,
        fromSeconds: first.elapsed_s ?? 0,
        toSeconds: end?.elapsed_s ?? 0,
        fromRow,
        toRow,
      },
    ];
  });
}
