import type { SampleRow } from './sample-columns.js';

/** The memory figures of samples.csv that a floor and a hold are described by. */
export const memoryColumns = [
  'rss_bytes',
  'pss_bytes',
  'js_heap_resident_bytes',
  'native_bytes',
  'kernel_sockets_bytes',
  'kernel_tcp_buffers_bytes',
] as const satisfies readonly (keyof SampleRow)[];

/** One of {@link memoryColumns}. */
export type MemoryColumn = (typeof memoryColumns)[number];

/** A figure in bytes per memory column; a column is missing where it could not be measured. */
export type MemoryFigures = Readonly<Partial<Record<MemoryColumn, number>>>;

/** The memory of one wave. */
export interface WaveMemory {
  /** Median over the hold. */
  readonly hold: MemoryFigures;
  /** Median of the last rows of the rest, with no connection open. */
  readonly floor: MemoryFigures;
  /** (hold − floor before this wave) ÷ connections open in the hold. */
  readonly per_connection: MemoryFigures;
  /** Median of the open connections over the hold, by the generator's count. */
  readonly hold_connections: number;
  /** Fewest open at any sample of the hold, by the generator's count and by the target's own. */
  readonly hold_connections_min: number;
  readonly hold_target_connections_min: number | undefined;
}

/** Rows at the end of a rest whose median is the floor. */
const floorRows = 3;

/** Returns the floor that the phase of a wave ends on; `baseline` of wave 0 gives the floor before all waves. */
export function findFloor(
  rows: readonly SampleRow[],
  wave: number,
  phase: 'baseline' | 'rest',
): MemoryFigures {
  return medians(rowsOf(rows, wave, phase).slice(-floorRows));
}

/**
 * Describes the memory of one wave; undefined if it has no row of its hold.
 * `floorBefore` is the floor that the wave started from.
 */
export function describeWave(
  rows: readonly SampleRow[],
  wave: number,
  floorBefore: MemoryFigures,
): WaveMemory | undefined {
  const holdRows = rowsOf(rows, wave, 'hold');
  const connections = median(holdRows.map((row) => row.connections));
  if (connections === undefined) return undefined;
  const hold = medians(holdRows);
  return {
    hold,
    floor: findFloor(rows, wave, 'rest'),
    per_connection: perConnection(hold, floorBefore, connections),
    hold_connections: connections,
    hold_connections_min: minimum(holdRows.map((row) => row.connections)) ?? 0,
    hold_target_connections_min: minimum(holdRows.map((row) => row.target_connections)),
  };
}

/** Returns the median of the known values, the mean of the middle two if they are even in number. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}

function minimum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function rowsOf(rows: readonly SampleRow[], wave: number, phase: string): SampleRow[] {
  return rows.filter((row) => row.wave === wave && row.phase === phase);
}

function medians(rows: readonly SampleRow[]): MemoryFigures {
  return mapColumns((column) => median(rows.map((row) => row[column])));
}

function perConnection(
  hold: MemoryFigures,
  floorBefore: MemoryFigures,
  connections: number,
): MemoryFigures {
  return mapColumns((column) => {
    const [held, before] = [hold[column], floorBefore[column]];
    if (held === undefined || before === undefined || connections === 0) return undefined;
    return (held - before) / connections;
  });
}

function mapColumns(compute: (column: MemoryColumn) => number | undefined): MemoryFigures {
  const figures: Partial<Record<MemoryColumn, number>> = {};
  for (const column of memoryColumns) {
    const value = compute(column);
    if (value !== undefined) figures[column] = value;
  }
  return figures;
}
