import type { Phase } from './sample-columns.js';

/** Whose process it can be. */
export const processRoles = ['target', 'loadgen', 'bench'] as const;

/** Whose process it is. */
export type ProcessRole = (typeof processRoles)[number];

/**
 * What can happen in a run besides what was planned:
 * - `frozen`: a process was stopped (SIGSTOP, a debugger), or did nothing at all when it should have;
 * - `process_ended`, `process_started`: of the target, after the run had begun;
 * - `clock_step`: somebody set the clock;
 * - `port_away`: nothing listened at the target's address;
 * - `counts_disagree`: those of the generator and of the target contradict each other.
 */
export const eventKinds = [
  'frozen',
  'process_ended',
  'process_started',
  'clock_step',
  'port_away',
  'counts_disagree',
] as const;

/** One of {@link eventKinds}. */
export type EventKind = (typeof eventKinds)[number];

/** Something that happened in a run, as it stands in summary.json. */
export interface RunEvent {
  readonly kind: EventKind;
  /** When it began, or was first seen: UTC by the clock at the start of the run, and seconds since then. */
  readonly at: string;
  readonly elapsed_s: number;
  readonly wave: number;
  readonly phase: Phase;
  /** How long it lasted, in seconds; missing if it is of a moment, or went on when the run ended. */
  readonly duration_s?: number;
  readonly role?: ProcessRole;
  readonly pid?: number;
  /** What happened, in words. */
  readonly text: string;
}

/** Names a process in a sentence. */
export function nameProcess(role: Exclude<ProcessRole, 'bench'>, pid: number): string {
  return `process ${pid} of the ${role === 'target' ? 'target' : 'load generator'}`;
}

/** Writes an event as a sentence without its full stop: `At 12.3 s (wave 1, hold), for 5.0 s: process 42 of the target was stopped`. */
export function describeEvent(event: RunEvent): string {
  const { elapsed_s: elapsed, wave, phase, duration_s: duration, text } = event;
  const where = wave === 0 ? phase : `wave ${wave}, ${phase}`;
  const long = duration === undefined ? '' : `, for ${duration.toFixed(1)} s`;
  return `At ${elapsed.toFixed(1)} s (${where})${long}: ${text}`;
}
