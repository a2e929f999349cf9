import { type ComparedRow, comparedRows, type RowUnit } from './compared-rows.js';
import { type Estimate, noiseOfIntervals, noiseOfWaves } from './noise.js';
import type { FinishedRun, StoredSummary } from '../results/read-summary.js';

/** Version of the document of `tidemark compare --json`; it grows when a field changes its meaning or goes away. */
export const comparisonVersion = 1;

/** Runs side by side; the document of `tidemark compare --json`. What is unknown is missing. */
export interface Comparison {
  readonly schema_version: typeof comparisonVersion;
  readonly runs: readonly { readonly name: string; readonly path: string }[];
  readonly rows: readonly ComparisonRow[];
  /** What else there is to know, in words. */
  readonly notes: readonly string[];
}

/** One row, with a cell for each run. */
export interface ComparisonRow {
  readonly field: string;
  readonly label: string;
  readonly unit: RowUnit;
  readonly cells: readonly Cell[];
}

/** A value of a run, its 95 % interval if there is one, and its difference from the first run. */
export interface Cell {
  readonly value?: number | string;
  readonly low?: number;
  readonly high?: number;
  /** Missing in the first run. */
  readonly difference?: Difference;
}

/** What a number differs by from that of the first run. */
interface Amount {
  /** This run − the first, in the unit of the row. */
  readonly amount: number;
  /** Of the first run's value; missing if that is not above 0. */
  readonly percent?: number;
}

/**
 * How a value differs from that of the first run: not at all; as facts do; by more or less than the noise, which is
 * what the amount must exceed; or nobody knows.
 */
export type Difference =
  | { readonly state: 'equal' }
  | ({ readonly state: 'different' } & Partial<Amount>)
  | ({
      readonly state: 'more' | 'within';
      readonly noise: number;
      /** Where the noise is known from. */
      readonly evidence: 'intervals' | 'waves';
    } & Amount)
  | ({ readonly state: 'unknown'; readonly reason: string } & Partial<Amount>);

/** Compares finished runs with the first of them. */
export function compareRuns(runs: readonly FinishedRun[]): Comparison {
  const summaries = runs.map(({ summary }) => summary);
  const rows = comparedRows.filter(
    (row) => row.isOptional !== true || summaries.some((each) => row.value(each) !== undefined),
  );
  return {
    schema_version: comparisonVersion,
    runs: runs.map(({ name, path }) => ({ name, path })),
    rows: rows.map((row) => ({
      field: row.field,
      label: row.label,
      unit: row.unit,
      cells: summaries.map((summary, index) => describeCell(row, summary, summaries[0], index)),
    })),
    notes: [...runs.flatMap(describeRun), ...describeLoads(summaries)],
  };
}

function describeCell(
  row: ComparedRow,
  summary: StoredSummary,
  first: StoredSummary | undefined,
  index: number,
): Cell {
  const value = row.value(summary);
  const [low, high] = row.interval?.(summary) ?? [];
  return {
    ...(value === undefined ? {} : { value }),
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    ...(index === 0 || first === undefined ? {} : { difference: differ(row, first, summary) }),
  };
}

function differ(row: ComparedRow, first: StoredSummary, other: StoredSummary): Difference {
  const [before, after] = [row.value(first), row.value(other)];
  if (before === undefined || after === undefined) {
    return { state: 'unknown', reason: 'not known of both runs' };
  }
  if (before === after) return { state: 'equal' };
  if (typeof before === 'string' || typeof after === 'string') return { state: 'different' };
  const amount = measure(before, after);
  if (row.kind === 'fact') return { state: 'different', ...amount };
  const found = findNoise(row, first, other);
  if (found === undefined) return { state: 'unknown', ...amount, reason: whyUnknown(row) };
  return { state: Math.abs(amount.amount) > found.noise ? 'more' : 'within', ...amount, ...found };
}

function measure(before: number, after: number): Amount {
  const amount = after - before;
  // A share of nothing, or of a negative figure, would only mislead.
  return before > 0 ? { amount, percent: (amount / before) * 100 } : { amount };
}

function findNoise(
  row: ComparedRow,
  first: StoredSummary,
  other: StoredSummary,
): { noise: number; evidence: 'intervals' | 'waves' } | undefined {
  const [one, two] = [estimate(row, first), estimate(row, other)];
  const ofIntervals =
    one === undefined || two === undefined ? undefined : noiseOfIntervals(one, two);
  if (ofIntervals !== undefined) return { noise: ofIntervals, evidence: 'intervals' };
  if (row.waves === undefined) return undefined;
  const { statistic, value } = row.waves;
  const valuesOf = ({ waves }: StoredSummary): number[] =>
    waves.map(value).filter((each) => each !== undefined);
  const ofWaves = noiseOfWaves(valuesOf(first), valuesOf(other), statistic);
  return ofWaves === undefined ? undefined : { noise: ofWaves, evidence: 'waves' };
}

function estimate(row: ComparedRow, summary: StoredSummary): Estimate | undefined {
  const value = row.value(summary);
  const [low, high] = row.interval?.(summary) ?? [];
  if (typeof value !== 'number' || low === undefined || high === undefined) return undefined;
  return { value, low, high };
}

function whyUnknown(row: ComparedRow): string {
  if (row.waves?.statistic === 'total') {
    return 'needs as many waves in both runs, two at least, that differ among themselves';
  }
  if (row.waves !== undefined) return 'needs two waves or more in both runs that differ';
  if (row.interval !== undefined) return 'needs an interval in both runs';
  return 'one value per run does not tell how it scatters';
}

function describeRun({ name, summary }: FinishedRun): string[] {
  const { outcome, reason, verdict, verdict_reason: why, target_workers_restarted } = summary;
  const restarted = target_workers_restarted ?? 0;
  const said = [
    ...(outcome === undefined || outcome === 'completed' ? [] : [reason ?? outcome]),
    ...(restarted === 0 ? [] : [`${restarted} of the target's workers died and were replaced`]),
    ...summary.discrepancies.map((text) => `does not add up, ${text}`),
    ...summary.bottlenecks.map((text) => `limited by the generator, ${text}`),
    ...(why === undefined ? [] : [verdict === undefined ? why : `${verdict}, ${why}`]),
  ];
  return said.map((text) => `${name}: ${text}`);
}

/** Runs under different loads may be compared, but not by people who don't know it. */
export function describeLoads(summaries: readonly StoredSummary[]): string[] {
  const differing = comparedRows.filter(
    (row) => row.isLoad === true && new Set(summaries.map(row.value)).size > 1,
  );
  if (differing.length === 0) return [];
  const names = differing.map(({ label }) => label).join(', ');
  return [
    `The runs differ in how they were made (${names}), so other differences may come from that`,
  ];
}
