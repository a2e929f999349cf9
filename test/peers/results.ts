import { median } from '../../bench/results/wave-figures.js';
import type { BenchFigures } from './bench-runs.js';
import type { GeneratorFigures } from './generator-peers.js';
import type { ServerFigures } from './measure-servers.js';

/** What was measured of one peer, several times, or why it was not. */
export type PeerResult<Figures> =
  | { readonly name: string; readonly runs: readonly Figures[] }
  | { readonly name: string; readonly skipped: string };

/** What a run of the benchmark has measured. What its form leaves out is undefined. */
export interface BenchmarkResults {
  readonly servers: readonly PeerResult<ServerFigures>[];
  readonly generators: readonly PeerResult<GeneratorFigures>[];
  /** Ramps of the bench at full rate, in turns with the C client's own of as many connections to a server like the bench's. */
  readonly ramps: readonly RampPair[];
  readonly sampler: {
    readonly fewProcesses: BenchFigures;
    readonly manyProcesses: BenchFigures;
  };
  readonly churn: ChurnFigures | undefined;
  /** Runs of more and more connections, the smallest first. */
  readonly growth: readonly BenchFigures[];
}

/** A ramp of the bench, and the C client's own beside it. */
export interface RampPair {
  readonly figures: BenchFigures;
  readonly cSeconds: number;
}

/** How closes and opens at a rate went, with many connections open. */
export interface ChurnFigures {
  readonly open: number;
  readonly ratePerSecond: number;
  readonly achievedPerSecond: number;
  readonly lagP99Ms: number;
}

/** Returns the median of each figure over the runs; undefined if the peer was skipped. */
export function medians<Figures extends object>(
  result: PeerResult<Figures> | undefined,
): Readonly<Record<keyof Figures, number>> | undefined {
  if (result === undefined || 'skipped' in result) return undefined;
  const [first] = result.runs;
  if (first === undefined) return undefined;
  const names = Object.keys(first) as (keyof Figures)[];
  const entries = names.map((name) => [
    name,
    median(result.runs.map((run) => Number(run[name]))) ?? NaN,
  ]);
  return Object.fromEntries(entries) as Record<keyof Figures, number>;
}

/** Returns the result of the first peer whose name begins so. */
export function findPeer<Figures>(
  results: readonly PeerResult<Figures>[],
  name: string,
): PeerResult<Figures> | undefined {
  return results.find((result) => result.name.startsWith(name) && 'runs' in result);
}
