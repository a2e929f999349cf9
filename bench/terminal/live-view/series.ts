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

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** A spread below this part of the highest value is drawn as if it were this much, for noise must not look like a tide. */
const leastSpread = 0.02;

/**
 * Draws values from 0 on as a line of bars, at most `width` columns wide, from the lowest value to the highest: it shows
 * the shape, not the size.
 */
export function sparkline(values: readonly number[], width: number): string {
  const shown = resample(values, width);
  const lowest = Math.min(...shown);
  const highest = Math.max(...shown);
  const spread = Math.max(highest - lowest, leastSpread * highest, Number.MIN_VALUE);
  const bar = (value: number): string =>
    bars[Math.min(bars.length - 1, Math.floor(((value - lowest) / spread) * bars.length))] ?? '';
  return shown.map(bar).join('');
}

/** Draws a part of 0 to 1 as a bar of exactly `width` columns. */
export function progressBar(part: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}
