import { autoWaves } from '../../options/wave-plan.js';
import { connectionsOf, type LiveState } from './live-state.js';

/** How far the connections are, and how long the rest will take. */
export interface Outlook {
  /** Connections open now. */
  readonly open: number;
  /** Mean over the ramp so far; undefined outside of a ramp and at its very beginning. */
  readonly ratePerSecond: number | undefined;
  /** Until the ramp has all connections at this rate; undefined outside of a ramp, or if nothing opens. */
  readonly rampLeftMs: number | undefined;
  /** How long a phase of set length lasts; undefined for ramp and drain. */
  readonly phaseLengthMs: number | undefined;
  /** Until the run is over; undefined as long as the length of a wave can't be guessed. */
  readonly runLeftMs: number | undefined;
}

/** The rate of a shorter time says little. */
const shortestRampMs = 400;

/** Looks ahead from a moment of the run. */
export function lookAhead(state: LiveState, nowMs: number): Outlook {
  const { position } = state;
  const counts = state.counts.get(position.wave);
  const rampMs = nowMs - state.phaseBeganMs;
  const isRamp = position.phase === 'ramp' && counts !== undefined && rampMs >= shortestRampMs;
  const ratePerSecond = isRamp ? (1000 * counts.connections_opened_total) / rampMs : undefined;
  const missing =
    connectionsOf(state) -
    (counts?.connections_opened_total ?? 0) -
    (counts?.connect_errors_total ?? 0);
  const rampLeftMs =
    ratePerSecond === undefined || ratePerSecond === 0
      ? undefined
      : (1000 * Math.max(0, missing)) / ratePerSecond;
  return {
    open: position.phase === 'rest' ? 0 : (counts?.connections ?? 0),
    ratePerSecond,
    rampLeftMs,
    phaseLengthMs: phaseLengthMs(state),
    runLeftMs: runLeftMs(state, nowMs),
  };
}

function phaseLengthMs({ plan, position }: LiveState): number | undefined {
  switch (position.phase) {
    case 'baseline':
      return plan.baseline;
    case 'hold':
      return plan.hold;
    case 'rest':
      return plan.rest;
    case 'ramp':
    case 'drain':
      return undefined;
  }
}

/** A wave takes as long as the one before; the first as long as planned, if a rate was set. Drains are short. */
function runLeftMs(state: LiveState, nowMs: number): number | undefined {
  const { plan, position, waveBeganMs } = state;
  const waveMs = state.lastWaveMs ?? plannedWaveMs(state);
  if (waveMs === undefined) return undefined;
  const waves = plan.waves === 'auto' ? autoWaves.fewest : plan.waves;
  const laterMs = Math.max(0, waves - position.wave) * waveMs;
  const thisEndsMs =
    waveBeganMs === undefined ? state.beganMs + plan.baseline : waveBeganMs + waveMs;
  const restEndsMs = position.phase === 'rest' ? state.phaseBeganMs + plan.rest : thisEndsMs;
  return laterMs + Math.max(0, restEndsMs - nowMs);
}

function plannedWaveMs({ plan }: LiveState): number | undefined {
  if (plan.rate === 'max') return undefined;
  return (1000 * plan.connections) / plan.rate + plan.hold + plan.rest;
}
