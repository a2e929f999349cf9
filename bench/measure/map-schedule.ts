import type { Phase } from '../results/sample-columns.js';

/** With no more processes than this, every sample reads all memory maps: they take some milliseconds each. */
const fewProcesses = 8;

/** Part of a core that the maps of more processes may take while connections come or go, and in a long hold. */
const share = 0.04;

/** So many samples of a hold read them in any case, which is enough for a median. */
const holdSamples = 5;

/**
 * Decides which samples read the memory maps of the target. With its maps, each process of a server of a million connections costs
 * 5 ms a sample, those of 53 workers a quarter of a core, which is then missing where the connections come from. So while they come
 * or go, the maps of many processes are read now and then only, and so they are in a hold, once it has enough of them; in the baseline
 * and in rests, which end on floors, always.
 */
export class MapSchedule {
  #dueMs = -Infinity;
  #phase: Phase = 'baseline';
  /** Samples of this phase that have read them. */
  #readInPhase = 0;

  /** Tells whether a sample that begins now, in this phase of the run, is to read the maps of so many processes. */
  isDue(phase: Phase, processes: number, nowMs: number): boolean {
    if (processes <= fewProcesses || phase === 'baseline' || phase === 'rest') return true;
    const readInPhase = phase === this.#phase ? this.#readInPhase : 0;
    return (phase === 'hold' && readInPhase < holdSamples) || nowMs >= this.#dueMs;
  }

  /** Takes note of a sample that has read them: its phase, when it began, and what they cost, in milliseconds. */
  noteCost(phase: Phase, beganMs: number, cpuMs: number): void {
    this.#readInPhase = phase === this.#phase ? this.#readInPhase + 1 : 1;
    this.#phase = phase;
    this.#dueMs = beganMs + cpuMs / share;
  }
}
