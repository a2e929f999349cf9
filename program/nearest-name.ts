/** More changes than this, or than this share of the letters, make another word of it. */
const mostChanges = 3;
const mostChangesShare = 0.25;

/** Returns the name that fewest inserted, removed or replaced letters turn into `wanted`; undefined if none is near. */
export function findNearestName(wanted: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.min(mostChanges, mostChangesShare * wanted.length);
  for (const name of names) {
    const changes = countChanges(wanted, name);
    if (changes > fewest || (changes === fewest && nearest !== undefined)) continue;
    nearest = name;
    fewest = changes;
  }
  return nearest;
}

/** Levenshtein distance, one row of the matrix at a time (Wagner and Fischer, Journal of the ACM 21 (1974), 168–173). */
function countChanges(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let fromIndex = 0; fromIndex < from.length; fromIndex++) {
    const next = [fromIndex + 1];
    for (let index = 0; index < to.length; index++) {
      const replaced = (row[index] ?? 0) + (from[fromIndex] === to[index] ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
