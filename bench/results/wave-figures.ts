import { bytesOfOwner, type Owner, ownerKeys, owners } from './owners.js';
import type { SampleRow } from './sample-columns.js';

/** Figures that are no owner's alone, and how each follows from a row of samples.csv. */
const sums = {
  rss_bytes: (row: SampleRow) => row.rss_bytes,
  pss_bytes: (row: SampleRow) => row.pss_bytes,
  private_bytes: privateBytes,
  native_private_bytes: (row: SampleRow) => subtract(row.native_bytes, row.native_file_bytes),
  kernel_sockets_bytes: (row: SampleRow) => row.kernel_sockets_bytes,
  kernel_tcp_buffers_bytes: (row: SampleRow) => row.kernel_tcp_buffers_bytes,
  cgroup_kernel_bytes: (row: SampleRow) => row.cgroup_kernel_bytes,
} as const;

/** Name of a memory figure. `private` is what {@link privateBytes} returns. */
export type MemoryFigure = keyof typeof sums | (typeof owners)[Owner]['figure'];

/** The memory figures that a floor and a hold are described by, and how each follows from a row of samples.csv. */
const memoryFigures: Readonly<Record<MemoryFigure, (row: SampleRow) => number | undefined>> = {
  ...sums,
  ...(Object.fromEntries(
    ownerKeys.map((owner) => [owners[owner].figure, (row: SampleRow) => bytesOfOwner(row, owner)]),
  ) as Record<(typeof owners)[Owner]['figure'], (row: SampleRow) => number | undefined>),
};

/**
 * What is resident, but not part of a binary or library, which are shared with whatever else maps them and grow by being
 * used, not by connections; and not what the kernel may take back at any time.
 */
export function privateBytes(row: SampleRow): number | undefined {
  return subtract(subtract(row.rss_bytes, row.native_file_bytes), row.lazy_free_bytes);
}

/** The names of all memory figures. */
export const memoryFigureNames = Object.keys(memoryFigures) as readonly MemoryFigure[];

/** Memory figures in bytes; one is missing where it could not be measured. */
export type MemoryFigures = Readonly<Partial<Record<MemoryFigure, number>>>;

/** The memory of one wave. */
export interface WaveMemory {
  /** Median over the hold. */
  readonly hold: MemoryFigures;
  /** Median of the last rows of the rest, with no connection open. */
  readonly floor: MemoryFigures;
  /** (hold − floor before this wave) ÷ connections open in the hold. */
  readonly per_connection: MemoryFigures;
  /** (hold − baseline) ÷ connections open in the hold: what earlier waves have left counts too. */
  readonly per_connection_over_baseline: MemoryFigures;
  /** Median of the open connections over the hold, by the generator's count. */
  readonly hold_connections: number;
  /** Fewest open at any sample of the hold, by the generator's count and by the target's own. */
  readonly hold_connections_min: number;
  readonly hold_target_connections_min: number | undefined;
}

/** Rows at the end of a rest whose median is the floor. */
export const floorRows = 3;

/** Returns the floor that the phase of a wave ends on; `baseline` of wave 0 gives the floor before all waves. */
export function findFloor(
  rows: readonly SampleRow[],
  wave: number,
  phase: 'baseline' | 'rest',
): MemoryFigures {
  return medians(floorRowsOf(rows, wave, phase));
}

/** Returns the rows that a floor is the median of: the last ones of the phase. */
export function floorRowsOf(
  rows: readonly SampleRow[],
  wave: number,
  phase: 'baseline' | 'rest',
): readonly SampleRow[] {
  return rowsOf(rows, wave, phase).slice(-floorRows);
}

/** Returns by how much each row differs from the median of them all, in one figure. */
export function deviationsFromMedian(rows: readonly SampleRow[], figure: MemoryFigure): number[] {
  const values = rows.map(memoryFigures[figure]).filter((value) => value !== undefined);
  const middle = median(values) ?? 0;
  return values.map((value) => value - middle);
}

/** Returns the median memory over the hold of a wave. */
export function findHold(rows: readonly SampleRow[], wave: number): MemoryFigures {
  return medians(rowsOf(rows, wave, 'hold'));
}

/**
 * Describes the memory of one wave; undefined if it has no row of its hold.
 * `floorBefore` is the floor that the wave started from, `baseline` that before all waves.
 */
export function describeWave(
  rows: readonly SampleRow[],
  wave: number,
  floorBefore: MemoryFigures,
  baseline: MemoryFigures,
): WaveMemory | undefined {
  const holdRows = rowsOf(rows, wave, 'hold');
  const connections = median(holdRows.map((row) => row.connections));
  if (connections === undefined) return undefined;
  const hold = findHold(rows, wave);
  const isUsable = !isMostlyRefused(rows, wave);
  return {
    hold,
    floor: findFloor(rows, wave, 'rest'),
    per_connection: isUsable ? perConnection(hold, floorBefore, connections) : {},
    per_connection_over_baseline: isUsable ? perConnection(hold, baseline, connections) : {},
    hold_connections: connections,
    hold_connections_min: minimum(holdRows.map((row) => row.connections)) ?? 0,
    hold_target_connections_min: minimum(holdRows.map((row) => row.target_connections)),
  };
}

/**
 * Tells whether more connections of a wave failed than were opened: what the server spent on refusing them would then be
 * divided by the few that it took.
 */
export function isMostlyRefused(rows: readonly SampleRow[], wave: number): boolean {
  const before = rows.findLast((row) => (row.wave ?? 0) < wave);
  const last = rows.findLast((row) => row.wave === wave);
  const failed = (last?.connect_errors_total ?? 0) - (before?.connect_errors_total ?? 0);
  const opened = (last?.connections_opened_total ?? 0) - (before?.connections_opened_total ?? 0);
  return failed > opened;
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
  return mapFigures((figure) => median(rows.map(memoryFigures[figure])));
}

function perConnection(
  hold: MemoryFigures,
  floorBefore: MemoryFigures,
  connections: number,
): MemoryFigures {
  return mapFigures((figure) => {
    const added = subtract(hold[figure], floorBefore[figure]);
    return added === undefined || connections === 0 ? undefined : added / connections;
  });
}

/** Returns the difference of two figures, if both are known. */
export function subtract(from: number | undefined, what: number | undefined): number | undefined {
  return from === undefined || what === undefined ? undefined : from - what;
}

function mapFigures(compute: (figure: MemoryFigure) => number | undefined): MemoryFigures {
  const figures: Partial<Record<MemoryFigure, number>> = {};
  for (const figure of memoryFigureNames) {
    const value = compute(figure);
    if (value !== undefined) figures[figure] = value;
  }
  return figures;
}
