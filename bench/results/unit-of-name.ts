/** Names end with their unit; the first that fits counts. */
const units: readonly (readonly [ending: RegExp, unit: string])[] = [
  [/per_connection(_over_baseline)?\.\w+_bytes$/, 'bytes per connection'],
  [/(^|[._])bytes_per_connection(_low|_high)?$/, 'bytes per connection'],
  [/_per_connection$/, 'per connection'],
  [/_bytes$/, 'bytes'],
  [/_percent$/, '% of one core'],
  [/_per_s$/, 'per second'],
  [/_s$/, 'seconds'],
  [/_ms$/, 'milliseconds'],
  [/(^|[._])connections$|_total$/, 'count'],
];

/**
 * Returns the unit of a column, or of a field of summary.json by its path, such as `waves[0].floor.rss_bytes`: our names tell
 * it. The text is empty for what has no unit, such as a number of a wave.
 */
export function unitOfName(name: string): string {
  return units.find(([ending]) => ending.test(name))?.[1] ?? '';
}
