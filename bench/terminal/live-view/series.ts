/** Values over the whole of a run in bounded space: the longer it is, the more samples each value is the mean of. */
export interface Series {
  readonly means: readonly number[];
  readonly samplesPerMean: number;
  /** Samples that are not enough for a mean yet. */
  readonly pending: readonly number[];
}

/** The series of no samples. */
export const emptySeries: Series = { means: [], samplesPerMean: 1, pending: [] };

/** More than the widest sparkline has columns, even after pairs were merged. */
const mostMeans = 512;

/** Returns the series with one more sample. When it is full, neighbours are merged, which halves it. */
export function addToSeries(series: Series, value: number): Series {
  const pending = [...series.pending, value];
  if (pending.length < series.samplesPerMean) return { ...series, pending };
  const means = [...series.means, mean(pending)];
  if (means.length < mostMeans) return { ...series, means, pending: [] };
  return {
    means: resample(means, mostMeans / 2),
    samplesPerMean: 2 * series.samplesPerMean,
    pending: [],
  };
}

/** Returns at most `count` values that the given ones are spread over: each is the mean of its share. */
export function resample(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * values.length) / count);
    const to = Math.floor(((index + 1) * values.length) / count);
    return mean(values.slice(from, to));
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
