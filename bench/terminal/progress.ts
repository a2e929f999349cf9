import type { LoadCounts } from '../../loadgen/report/counts.js';
import { bytesOrDash, countOrDash } from '../../program/quantities.js';
import type { Waves } from '../options/wave-plan.js';
import type { Position } from '../measure/rows.js';
import type { SampleRow } from '../results/sample-columns.js';

/** A wave that begins. */
export interface WaveBegin {
  readonly wave: number;
  /** Connections that it is to open. */
  readonly connections: number;
  /** Why there is this wave, in words; undefined if it was asked for. */
  readonly why: string | undefined;
}

/** Tells people how the run goes. */
export interface Progress {
  /** A wave is about to begin. */
  readonly wave: (begin: WaveBegin) => void;
  /** A phase has begun. */
  readonly phase: (position: Position) => void;
  /** The load generator has told its counts of a wave, which begin at 0 in each; several times a second. */
  readonly counts: (wave: number, counts: LoadCounts) => void;
  /** A sample was taken. */
  readonly sample: (row: SampleRow) => void;
  /** The run is over, however it went; what is written from now on stands below. */
  readonly end: () => void;
}

/** Time between lines within a phase, in seconds of the run. */
const lineEverySeconds = 5;

/** Says nothing. */
export const noProgress: Progress = {
  wave: () => undefined,
  phase: () => undefined,
  counts: () => undefined,
  sample: () => undefined,
  end: () => undefined,
};

/** Writes a line at the first sample of each phase, and every few seconds within it. */
export function createProgressLines(waves: Waves, write: (line: string) => void): Progress {
  let lineDueSeconds = 0;
  return {
    ...noProgress,
    wave: ({ wave, why }) => {
      if (why !== undefined) write(`Wave ${wave}, because ${why}`);
    },
    phase: () => {
      lineDueSeconds = 0;
    },
    sample: (row) => {
      const elapsed = row.elapsed_s ?? 0;
      if (elapsed < lineDueSeconds) return;
      lineDueSeconds = elapsed + lineEverySeconds;
      write(formatProgress(row, waves));
    },
  };
}

/** Writes a sample as one line for people. */
export function formatProgress(row: SampleRow, waves: Waves): string {
  const of = waves === 'auto' ? '' : `/${waves}`;
  const wave = row.wave === 0 ? '' : `wave ${row.wave ?? 0}${of} `;
  const parts = [
    `${(row.elapsed_s ?? 0).toFixed(1).padStart(6)} s`,
    `${wave}${row.phase}`.padEnd(15),
    `${countOrDash(row.connections)} open`.padStart(14),
    `${countOrDash(row.connect_rate_per_s)}/s`.padStart(9),
    `RSS ${bytesOrDash(row.rss_bytes)}`.padStart(13),
    `JS ${bytesOrDash(row.js_heap_resident_bytes)}`.padStart(12),
    `native ${bytesOrDash(row.native_bytes)}`.padStart(16),
  ];
  const errors = (row.connect_errors_total ?? 0) + (row.connections_lost_total ?? 0);
  return errors === 0 ? parts.join('  ') : `${parts.join('  ')}  ${errors} failed or lost`;
}
