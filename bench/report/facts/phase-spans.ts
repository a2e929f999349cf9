import type { SampleRow } from '../../results/sample-columns.js';
import type { PhaseSpan } from '../embedded/report-document.js';

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
