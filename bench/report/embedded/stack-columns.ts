/** A column of values; null: not available. */
export type Values = readonly (number | null)[];

/**
 * Stacks columns on each other, the first at the bottom: each becomes its own value plus those below it. A hidden one
 * (`undefined`) takes no room. Where a row has no value at all, the stack has a gap; a single missing value counts as 0
 * there, and so does a negative one, which no stack can show.
 */
export function stackColumns(columns: readonly (Values | undefined)[]): (number | null)[][] {
  const shown = columns.filter((column) => column !== undefined);
  const length = shown[0]?.length ?? 0;
  const sums = Array.from({ length }, (_, row): number | null =>
    shown.some((column) => typeof column[row] === 'number') ? 0 : null,
  );
  return columns.map((column) => {
    if (column === undefined) return Array.from({ length }, () => null);
    return sums.map((sum, row) => {
      if (sum === null) return null;
      const raised = sum + Math.max(0, column[row] ?? 0);
      sums[row] = raised;
      return raised;
    });
  });
}
