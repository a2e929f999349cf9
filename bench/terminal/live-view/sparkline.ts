import { resample } from './series.js';

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
