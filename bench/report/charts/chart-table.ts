import { median } from '../../results/wave-figures.js';
import { formatValue } from '../embedded/format-value.js';
import type { PhaseSpan } from '../embedded/report-document.js';
import type { Table } from '../html/table.js';
import type { Chart } from './chart.js';
import type { NamedLatencies } from './latency-chart.js';

/** A table with more rows than this helps nobody; samples.csv has them all. */
const mostRows = 200;

/** Tells a chart over time as a table: for each phase the median of each series. */
export function tellByPhase({ definition, columns }: Chart, spans: readonly PhaseSpan[]): Table {
  const { title, series } = definition;
  return {
    caption: captionOf(`${title}: median over each phase`, spans.length),
    head: ['wave', 'phase', 'from', 'for', ...series.map(({ label }) => label)],
    wordColumns: 2,
    rows: spans
      .slice(0, mostRows)
      .map((span) => [
        span.wave === 0 ? '–' : String(span.wave),
        span.phase,
        formatValue(span.fromSeconds, 'seconds'),
        formatValue(span.toSeconds - span.fromSeconds, 'seconds'),
        ...series.map(({ column, unit }) =>
          formatValue(median((columns[column] ?? []).slice(span.fromRow, span.toRow)), unit),
        ),
      ]),
  };
}

/** Tells a chart by its points: a row for each value along x, the first column called `name`. */
export function tellByPoint(
  { definition, columns }: Chart,
  name: string,
  writeX: (x: number) => string,
): Table {
  const { title, series, x } = definition;
  const points = columns[x] ?? [];
  return {
    caption: captionOf(title, points.length),
    head: [name, ...series.map(({ label }) => label)],
    rows: points
      .slice(0, mostRows)
      .map((value, index) => [
        writeX(value ?? 0),
        ...series.map(({ column, unit }) => formatValue(columns[column]?.[index], unit)),
      ]),
  };
}

/** Tells the latencies by the usual percentiles. */
export function tellLatencies(measured: readonly NamedLatencies[]): Table {
  const percentiles = [50, 75, 90, 95, 99, 99.9, 99.99, 100];
  return {
    caption: 'Latency by percentile',
    head: ['latency', 'count', ...percentiles.map(nameOf)],
    rows: measured.map(({ name, latencies }) => [
      name,
      formatValue(latencies.count, 'count'),
      ...percentiles.map((percentile) =>
        formatValue(latencies.percentileMs(percentile), 'milliseconds'),
      ),
    ]),
  };
}

function nameOf(percentile: number): string {
  return percentile === 100 ? 'max' : `${percentile} %`;
}

function captionOf(text: string, rows: number): string {
  return rows > mostRows ? `${text} (the first ${mostRows} of ${rows} rows)` : text;
}
