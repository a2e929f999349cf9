/**
 * A column of numbers in few characters: sums of whole numbers of steps, each the difference from the value before.
 * Memory comes in pages and counters change little, so that most differences have one or two digits.
 */
export interface EncodedColumn {
  /** Values are (sum of `deltas` so far) × `step` ÷ `divisor`. */
  readonly step: number;
  readonly divisor: number;
  /** null: not available, which does not change the sum. */
  readonly deltas: readonly (number | null)[];
}

/** Columns of equal length, by name. */
export type EncodedTable = Readonly<Record<string, EncodedColumn>>;

/** Decimal places that a column keeps, as samples.csv does. */
const decimalPlaces = 3;

/** Encodes a column; values are rounded to three decimals. */
export function encodeColumn(values: readonly (number | null | undefined)[]): EncodedColumn {
  const known = values.filter((value) => typeof value === 'number');
  const divisor = known.every(Number.isInteger) ? 1 : 10 ** decimalPlaces;
  const whole = values.map((value) =>
    typeof value === 'number' ? Math.round(value * divisor) : null,
  );
  const step = whole.reduce<number>((common, value) => greatestDivisor(common, value ?? 0), 0) || 1;
  let before = 0;
  const deltas = whole.map((value) => {
    if (value === null) return null;
    const delta = (value - before) / step;
    before = value;
    return delta;
  });
  return { step, divisor, deltas };
}

/** Decodes a column. */
export function decodeColumn({ step, divisor, deltas }: EncodedColumn): (number | null)[] {
  let sum = 0;
  return deltas.map((delta) => {
    if (delta === null) return null;
    sum += delta;
    return (sum * step) / divisor;
  });
}

/** Euclid's algorithm; 0 divides nothing, so that it returns the other number. */
function greatestDivisor(one: number, other: number): number {
  let [a, b] = [Math.abs(one), Math.abs(other)];
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
