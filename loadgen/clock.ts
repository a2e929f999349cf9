import { performance } from 'node:perf_hooks';

/** CLOCK_MONOTONIC at the moment that `performance.now()` calls 0; both read the same clock, so it never changes. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/**
 * Returns CLOCK_MONOTONIC in milliseconds, with fractions: the clock that all processes of one machine share.
 * `performance.now()` alone counts from the start of its own process; `hrtime.bigint()` alone allocates on every call.
 */
export function monotonicMs(): number {
  return performance.now() + originMs;
}
