import { Latencies } from '../../../loadgen/report/latencies.js';
import type { SeriesDefinition } from '../embedded/report-document.js';
import { type LatencyName, latencyNames, type StoredSummary } from '../../results/read-summary.js';
import type { Chart } from './chart.js';

/** One latency of a run; those without a value are left out. */
export interface NamedLatencies {
  readonly name: LatencyName;
  readonly latencies: Latencies;
}

/** Points of the curve between 1 in 1 and 1 in 10, and so on. */
const pointsPerDecade = 40;

const looks: Readonly<Record<LatencyName, Pick<SeriesDefinition, 'tone' | 'dash'>>> = {
  connect: { tone: 'blue' },
  greeting: { tone: 'vermillion', dash: [7, 3] },
  echo: { tone: 'green', dash: [2, 3] },
};

/** Decodes the latencies of a summary. One that can't be decoded is left out, as is one without a value. */
export function decodeLatencies(summary: StoredSummary | undefined): NamedLatencies[] {
  return latencyNames.flatMap((name) => {
    const encoded = summary?.latency_histograms[name] ?? '';
    const latencies = encoded === '' ? undefined : decode(encoded);
    return latencies === undefined || latencies.count === 0 ? [] : [{ name, latencies }];
  });
}

/** Makes the chart of latency by percentile, as far to the right as there are values to tell the rarest from. */
export function makeLatencyChart(measured: readonly NamedLatencies[]): Chart | undefined {
  const counts = measured.map(({ latencies }) => latencies.count);
  if (counts.length === 0) return undefined;
  const rarities = [...new Set([...rarenessUpTo(Math.max(...counts)), ...counts])].sort(
    (one, other) => one - other,
  );
  return {
    definition: {
      id: 'latency',
      kind: 'percentile',
      title: 'Latency by percentile',
      description:
        'From the moment at which a connection or message was due, so that waiting for a slow server counts. At 99 %, one in a hundred took longer.',
      table: 'latency',
      x: 'rareness',
      leftUnit: 'milliseconds',
      heightPixels: 260,
      series: measured.map(({ name }) => ({
        column: name,
        label: name,
        unit: 'milliseconds',
        form: 'line',
        axis: 'left',
        ...looks[name],
      })),
    },
    columns: {
      rareness: rarities,
      ...Object.fromEntries(
        measured.map(({ name, latencies }) => [
          name,
          rarities.map((rareness) => valueAt(latencies, rareness)),
        ]),
      ),
    },
  };
}

/** The largest of `count` values stands at 1 in `count`; what is rarer is unknown. */
function valueAt(latencies: Latencies, rareness: number): number | undefined {
  if (rareness > latencies.count) return undefined;
  return latencies.percentileMs(rareness === latencies.count ? 100 : percentileOf(rareness));
}

/** Returns the percentile that all but one in `rareness` values do not exceed: 99 for 100. */
export function percentileOf(rareness: number): number {
  return 100 - 100 / rareness;
}

/** 1 in 1 (the smallest value) towards 1 in `count`, evenly spread on a logarithmic axis. */
function rarenessUpTo(count: number): number[] {
  const steps = Math.max(1, Math.ceil(Math.log10(count) * pointsPerDecade));
  return Array.from({ length: steps }, (_, step) =>
    Number((10 ** ((step / steps) * Math.log10(count))).toFixed(3)),
  );
}

function decode(encoded: string): Latencies | undefined {
  try {
    return new Latencies(encoded);
  } catch {
    // Somebody has cut or edited the histogram; the table of percentiles in the summary may still be right.
    return undefined;
  }
}
