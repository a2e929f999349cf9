/** What the name of a field says about its unit. A rate per second is a plain number. */
export type Unit = 'bytes' | 'ms' | 's' | 'per_s' | 'none';

/** Tells the unit of a field from its name. An index at the end belongs to the list before it. */
export function unitOf(field: string): Unit {
  const name = field.split('.').findLast((part) => !/^\d+$/.test(part)) ?? '';
  if (/(?:^|_)bytes(?:_|$)/.test(name)) return 'bytes';
  if (name.endsWith('_ms')) return 'ms';
  if (name.endsWith('_per_s')) return 'per_s';
  return name.endsWith('_s') ? 's' : 'none';
}

const unitWords = {
  bytes: 'bytes',
  ms: 'milliseconds',
  s: 'seconds',
  per_s: 'per second',
} as const;

/**
 * Returns the unit of a column, or of a field of summary.json by its path, such as `waves[0].floor.rss_bytes`, in words for people.
 * The text is empty for what has no unit, such as the number of a wave.
 */
export function unitOfName(name: string): string {
  const unit = unitOf(name);
  if (unit === 'bytes' && name.includes('per_connection')) return 'bytes per connection';
  if (unit !== 'none') return unitWords[unit];
  if (name.endsWith('_percent')) return '% of one core';
  if (name.endsWith('_per_connection')) return 'per connection';
  return /(^|[._])connections$|_total$/.test(name) ? 'count' : '';
}
