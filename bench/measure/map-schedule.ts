import type { Phase } from '../results/sample-columns.js';

/** With no more processes than this, every sample reads all memory maps: they take some milliseconds each. */
const fewProcesses = 8;

/** Part of a core that the maps of more processes may take while connections come or go. */
const share = 0.04;

/**
 * Decides which samples read the memory maps of the target. With its maps, each process of a server of a million connections costs
 * 5 ms a sample, those of 53 workers a quarter of a core, which is then missing where the connections come from. So while they come
 * or go, the maps of many processes are read now and then only; in the baseline, holds and rests always.
 */
export class MapSchedule {
  #dueMs = -Infinity;

  /** Tells whether a sample that begins now, in this phase of the run, is to read the maps of so many processes. */
  isDue(phase: Phase, processes: number, nowMs: number): boolean {
    const isMoving = phase === 'ramp' || phase === 'drain';
    return !isMoving || processes <= fewProcesses || nowMs >= this.#dueMs;
  }

  /** Takes note of what a sample that has read them cost, and when it began. All in milliseconds. */
  noteCost(beganMs: number, cpuMs: number): void {
    this.#dueMs = beganMs + cpuMs / share;
  }
}
