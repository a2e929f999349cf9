import type { Judgement, Verdict } from '../results/summary.js';
import type { Slope } from './theil-sen.js';

/** Returns a slope as the fields of a judgement: the rise in bytes per connection opened, with its 95 % interval. */
export function growthFields({ slope, low, high }: Slope) {
  return {
    growth_bytes_per_connection: slope,
    growth_bytes_per_connection_low: low,
    growth_bytes_per_connection_high: high,
  };
}

/** Gives a judgement another verdict, which has no trend and asks for no waves; the figures stay. */
export function withVerdict<Judged extends Judgement>(
  judgement: Judged,
  verdict: Exclude<Verdict, 'growing'>,
  reason: string,
): Judged {
  const changed: { -readonly [Name in keyof Judged]: Judged[Name] } = {
    ...judgement,
    verdict,
    reason,
  };
  delete changed.trend;
  delete changed.waves_needed;
  return changed;
}
