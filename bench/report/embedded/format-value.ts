// By names that the browser resolves too: see page-assets.ts.
import { formatBytes } from '#program/quantities.js';

/** What a value is measured in. */
export type Unit = 'bytes' | 'count' | 'per_second' | 'percent' | 'milliseconds' | 'seconds';

/** Writes a value for people, with its unit; `–` if there is none. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return '–';
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'count':
      return formatNumber(value, 0);
    case 'per_second':
      return `${formatNumber(value, Math.abs(value) < 10 ? 1 : 0)} /s`;
    case 'percent':
      return `${formatNumber(value, Math.abs(value) < 10 ? 1 : 0)} %`;
    case 'milliseconds':
      if (Math.abs(value) >= 10_000) return formatSeconds(value / 1000);
      return `${formatNumber(value, Math.abs(value) < 100 ? 1 : 0)} ms`;
    case 'seconds':
      return formatSeconds(value);
  }
}

/** Writes a time of the run, in the units that fit: `12.5 s`, `3 min 20 s`, `2 h 5 min`. */
function formatSeconds(value: number): string {
  if (Math.abs(value) < 60) return `${Number(value.toFixed(1))} s`;
  const seconds = Math.round(value);
  if (seconds < 3600) return joinUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return joinUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function formatNumber(value: number, decimals: number): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}
