/** Two-sided 95 % quantile of the normal distribution. */
const z = 1.959964;

/** Two-sided 95 % quantiles for 1 to 10 degrees of freedom. */
const tabulated = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const;

/**
 * Returns the quantile of Student's t that bounds 95 % of it on both sides, for whole degrees of freedom from 1.
 *
 * Sources: NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, up to 10; the expansion 26.7.5 of
 * Abramowitz and Stegun, "Handbook of Mathematical Functions", beyond, which is exact to 0.0002 there.
 */
export function studentT95(degreesOfFreedom: number): number {
  const known = tabulated[degreesOfFreedom - 1];
  if (known !== undefined) return known;
  const n = degreesOfFreedom;
  return (
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
  );
}
