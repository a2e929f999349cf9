import { autoWaves, type Waves } from '../options/wave-plan.js';
import { formatDuration } from '../../program/quantities.js';
import type { VerdictFields } from '../results/summary.js';

/** Whether there is to be another wave. */
export interface NextWave {
  readonly goesOn: boolean;
  /** Why, in words; undefined where nothing had to be decided. */
  readonly why: string | undefined;
}

/** How far a run is. */
export interface RunSoFar {
  readonly waves: Waves;
  readonly wavesDone: number;
  /** Time since the run began, and the length of its last wave with its rest, in milliseconds. */
  readonly elapsedMs: number;
  readonly lastWaveMs: number;
  readonly maxTimeMs: number;
  /** Judges the run so far; called only where the answer matters. */
  readonly judge: () => Pick<
    VerdictFields,
    'verdict' | 'trend' | 'verdict_reason' | 'waves_needed'
  >;
}

/** A leak is a serious claim, and two more waves are cheap. */
const wavesForGrowth = 6;

/** Decides whether a run has another wave: as many as asked for, or with `auto` as long as the answer is open. */
export function decideNextWave(run: RunSoFar): NextWave {
  const { waves, wavesDone, elapsedMs, lastWaveMs, maxTimeMs } = run;
  if (waves !== 'auto') return { goesOn: wavesDone < waves, why: undefined };
  const next = wavesDone < autoWaves.fewest ? { goesOn: true, why: undefined } : askVerdict(run);
  if (next.goesOn && wavesDone > 0 && elapsedMs + lastWaveMs > maxTimeMs) {
    return {
      goesOn: false,
      why: `another wave would not fit into --max-time ${formatDuration(maxTimeMs)}`,
    };
  }
  return next;
}

function askVerdict({ wavesDone, judge }: RunSoFar): NextWave {
  const { verdict, trend, verdict_reason: reason, waves_needed: needed } = judge();
  const isAtEnd = wavesDone >= autoWaves.most;
  switch (verdict) {
    case 'released':
    case 'retained':
      return { goesOn: false, why: `${wavesDone} waves answered it` };
    case 'growing':
      if (trend === 'slowing' && !isAtEnd) {
        return { goesOn: true, why: 'it rises more and more slowly: does it level off?' };
      }
      return wavesDone < wavesForGrowth
        ? { goesOn: true, why: 'it looks like a leak: does it go on?' }
        : { goesOn: false, why: `${wavesDone} waves answered it` };
    case 'inconclusive':
      // More waves would not help.
      if (needed === undefined) return { goesOn: false, why: reason };
      return isAtEnd
        ? { goesOn: false, why: `${autoWaves.most} waves did not answer it` }
        : { goesOn: true, why: reason };
  }
}
