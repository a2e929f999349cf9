import { makeFloorChart } from '../report/charts/floor-chart.js';
import { makeTimeCharts } from '../report/charts/time-charts.js';
import { findFacts } from '../report/facts/run-facts.js';
import type { Tone } from '../report/embedded/report-document.js';
import type { StoredRun } from '../results/read-run.js';
import { subtract } from '../results/wave-figures.js';
import type { Sheet } from './ooxml/workbook.js';
import { makeSheet } from './sheet.js';

/** A series of a chart: a column of its sheet, named and coloured as in the report. */
export interface ColumnSeries {
  /** Number of the column in the sheet, the first being 0. */
  readonly column: number;
  readonly label: string;
  readonly tone: Tone;
}

/** A sheet that was computed to be drawn. Its first column runs along x. */
export interface ComputedSheet {
  readonly sheet: Sheet;
  readonly series: readonly ColumnSeries[];
}

/**
 * Makes the sheet of what each owner of memory holds more than at the baseline, in bytes, at each sample: the owners of the report,
 * and as its floors the median of the last samples of the baseline. undefined if the run has no baseline, or no memory.
 */
export function makeAboveBaselineSheet({ rows, summary }: StoredRun): ComputedSheet | undefined {
  const chart = makeTimeCharts(rows, summary?.connect_rate_asked_per_s).find(
    ({ definition }) => definition.id === 'memory',
  );
  const owners = (chart?.definition.series ?? [])
    .filter(({ form }) => form === 'area')
    .map(({ column, label, tone, baseline }) => {
      const values = chart?.columns[column] ?? [];
      return { label, tone, above: values.map((value) => subtract(value, baseline)) };
    })
    .filter(({ above }) => above.some((value) => value !== undefined));
  if (owners.length === 0) return undefined;
  const columns = [
    { name: 'elapsed_s', unit: 'seconds' },
    ...owners.map(({ label }) => ({ name: `${label} − baseline`, unit: 'bytes' })),
  ];
  const sheet = makeSheet(
    'above baseline',
    columns,
    rows.map(({ elapsed_s: elapsed }, index) => [
      elapsed,
      ...owners.map(({ above }) => above[index]),
    ]),
  );
  return { sheet, series: seriesOf(owners) };
}

/**
 * Makes the sheet of the floors: private memory by owner in bytes with no connection open, before the first wave (0) and after each.
 * undefined if no wave has come to its floor.
 */
export function makeFloorSheet(run: StoredRun): ComputedSheet | undefined {
  const facts = findFacts(run);
  const hasFloor = facts.waves.some(({ floor }) => floor.rss_bytes !== undefined);
  const chart = hasFloor ? makeFloorChart(facts) : undefined;
  if (chart === undefined) return undefined;
  const { series, x } = chart.definition;
  const waves = chart.columns[x] ?? [];
  const columns = [
    { name: 'wave', unit: '0: before all' },
    ...series.map(({ label }) => ({ name: label, unit: 'bytes' })),
  ];
  const sheet = makeSheet(
    'floors',
    columns,
    waves.map((wave, index) => [
      wave,
      ...series.map(({ column }) => chart.columns[column]?.[index]),
    ]),
  );
  return { sheet, series: seriesOf(series) };
}

function seriesOf(columns: readonly { readonly label: string; readonly tone: Tone }[]) {
  return columns.map(({ label, tone }, index) => ({ column: index + 1, label, tone }));
}
