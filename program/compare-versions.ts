/** Compares two versions number by number: `6.9.1` comes before `6.13`, and `6.13` before `6.13.2-amd64`. As `sort()` wants it. */
export function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
