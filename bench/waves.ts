import { RunError } from '../program/failure.js';
import { sleepUnlessAborted } from '../program/sleep.js';
import { waveSize } from './options/wave-plan.js';
import { startWaveLoad } from './load/wave-load.js';
import { countInHold, type FloorSetting, waitForFloor } from './measure/floor.js';
import { profileUrlOf } from './measure/live/go-heap.js';
import { JsSites } from './measure/live/js-sites.js';
import type { Sampler } from './measure/sampler.js';
import type { BenchOptions } from './options/bench-options.js';
import { type LiveMemory, withoutProfiles } from './results/live-memory.js';
import type { RunState } from './run-state.js';
import { agentProgram } from './targets/agent/agent-clients.js';
import type { Target } from './targets/target.js';
import { decideNextWave } from './verdict/next-wave.js';
import { judgeSoFar } from './verdict/verdict-fields.js';

/** What is held is counted after this share of a hold. */
const countAfterShare = 0.7;

/**
 * Watches the target idle, then runs wave after wave: ramp, hold, drain and rest. What each has found is in the state.
 * @throws {RunError} if a wave was not completed
 */
export async function runWaves(state: RunState, target: Target, sampler: Sampler): Promise<void> {
  const { options, ending, jvmHeaps } = state;
  const setting: FloorSetting = {
    target,
    sampler,
    jvmHeaps,
    jsSites: new JsSites(agentProgram.href),
    goProfileUrl: goProfileUrlOf(options, target),
    intervalMs: options.interval,
    rows: state.rows,
  };
  state.floors.push(await ending.orEnd(waitForFloor(setting, options.baseline)));
  const begunMs = performance.now();
  let waveBegunMs = begunMs;
  for (let wave = 1; ; wave++) {
    const nowMs = performance.now();
    const next = decideNextWave({
      waves: options.waves,
      wavesDone: wave - 1,
      elapsedMs: nowMs - begunMs,
      lastWaveMs: nowMs - waveBegunMs,
      maxTimeMs: options.maxTime,
      judge: () => judgeSoFar({ ...state, waves: state.finished, events: state.log.events }),
    });
    if (!next.goesOn) {
      state.wavesWhy = next.why;
      return;
    }
    waveBegunMs = nowMs;
    const connections = waveSize(options.waves, options.connections, wave);
    state.waveSizes.push(connections);
    state.progress.wave({ wave, connections, why: next.why });
    await ending.orEnd(runLoad(state, setting, wave, connections));
    state.position = { wave, phase: 'rest' };
    state.progress.phase(state.position);
    state.floors.push(await ending.orEnd(waitForFloor(setting, options.rest)));
    keepProfilesOfEnds(state);
  }
}

/** Whole stacks are written of the first hold and the last floor. */
function keepProfilesOfEnds({ floors, holds }: RunState): void {
  const [before, hold] = [floors.at(-2), holds.length > 1 ? holds.at(-1) : undefined];
  if (before !== undefined)
    floors[floors.length - 2] = { ...before, live: withoutProfiles(before.live) };
  if (hold !== undefined) holds[holds.length - 1] = withoutProfiles(hold);
}

/** A Go program that others use is asked only where the user says so. */
function goProfileUrlOf({ pprofUrl }: BenchOptions, target: Target): string | undefined {
  if (pprofUrl !== undefined) return pprofUrl;
  return target.isShared ? undefined : profileUrlOf(target.url);
}

/** One wave up to its drain. The generator says when its ramp, hold and drain begin. */
async function runLoad(
  state: RunState,
  setting: FloorSetting,
  wave: number,
  connections: number,
): Promise<void> {
  const { options, generators } = state;
  let counting: Promise<LiveMemory | undefined> | undefined;
  const over = new AbortController();
  state.load = await startWaveLoad(
    setting.target.workerUrls ?? [setting.target.url],
    { ...options, connections },
    wave,
    generators,
    {
      phase: (phase) => {
        if (phase === 'ended') return;
        state.position = { wave, phase };
        state.progress.phase(state.position);
        if (phase === 'hold') counting = countLate(state, setting, over.signal);
      },
      counts: (counts) => {
        state.progress.counts(wave, counts);
      },
    },
  );
  state.loads.push(state.load);
  const { load } = state;
  const summary = await load.finished
    .catch((error: unknown) => {
      const counts = load.lastCounts();
      if (counts !== undefined) state.lastTold = { wave, counts };
      throw error;
    })
    .finally(() => {
      state.load = undefined;
      over.abort();
    });
  state.finished.push(summary);
  state.holds.push(await counting);
  if (summary.outcome !== 'completed') {
    throw new RunError(`Wave ${wave} was not completed: ${summary.reason ?? summary.outcome}`);
  }
}

/**
 * Counts what is held late in a hold, so that most of its rows show the target as it is by itself, garbage included. Undefined
 * if the hold was over before the counting was.
 */
async function countLate(
  state: RunState,
  setting: FloorSetting,
  over: AbortSignal,
): Promise<LiveMemory | undefined> {
  const { position } = state;
  await sleepUnlessAborted(countAfterShare * state.options.hold, over);
  const isHeld = (): boolean => state.position === position && !over.aborted;
  const live = isHeld() ? await countInHold(setting) : undefined;
  return isHeld() ? live : undefined;
}
