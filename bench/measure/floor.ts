import { setTimeout as sleep } from 'node:timers/promises';
import type { MallocCensus } from '../../machine/malloc/census.js';
import type { LiveMemory } from '../results/live-memory.js';
import { takeTargetCensus } from './live/malloc-census.js';
import { addMalloc, collectAndCount, type LiveSetting } from './live/read-live-memory.js';
import { type JvmHeaps, readNativeMemory } from './jvm/jvm-heaps.js';
import type { NativeMemory } from '../results/summary.js';
import { countDescriptors, readProcessTree } from '../../machine/procfs/read-procfs.js';
import type { Sampler } from './sampler.js';
import type { SampleRow } from '../results/sample-columns.js';
import { floorRows, privateBytes } from '../results/wave-figures.js';

/** What a pause with no connection open needs to know. */
export interface FloorSetting extends LiveSetting {
  readonly sampler: Sampler;
  readonly intervalMs: number;
  /** All samples of the run so far. */
  readonly rows: readonly SampleRow[];
}

/** What was found at a floor besides the samples. */
export interface FloorFacts {
  /** What the target holds, as far as that can be counted. */
  readonly live: LiveMemory;
  /** How long it took to count it, in milliseconds: the rest is longer by that. */
  readonly countingMs: number;
  /** What each JVM of the target has committed natively, by its process id; empty if none reports it. */
  readonly jvmNativeMemory: Readonly<Record<string, NativeMemory>>;
  /** What glibc's malloc holds in all processes of the target; undefined if that can't be known. */
  readonly malloc: MallocCensus | undefined;
  /** Files and sockets that the target has open; undefined if that can't be seen. */
  readonly descriptors: number | undefined;
}

/** How much longer a rest may become, in milliseconds: jemalloc gives back within 10 s what it no longer needs. */
const longestExtraMs = 15_000;

/** Memory has stopped falling if, over the rows of a floor, it falls by less than this share of itself or than these bytes. */
const leastFallShare = 0.01;
const leastFallBytes = 512 * 1024;

/** Tells whether private memory was still falling over the last rows. */
export function isFalling(rows: readonly SampleRow[]): boolean {
  const [first, last] = [rows.at(-floorRows), rows.at(-1)];
  if (first === undefined || last === undefined || first.phase !== last.phase) return false;
  const [before, now] = [privateBytes(first), privateBytes(last)];
  if (before === undefined || now === undefined) return false;
  return before - now > Math.max(leastFallBytes, leastFallShare * before);
}

/**
 * Waits with no connection open, and ends on samples that a floor can be read from: shortly before, processes that can be
 * asked to collect their garbage do so, so that those samples hold what is alive. It waits for longer, up to
 * {@link longestExtraMs}, as long as memory still falls.
 */
export async function waitForFloor(setting: FloorSetting, durationMs: number): Promise<FloorFacts> {
  const { target, sampler, jvmHeaps, intervalMs } = setting;
  const settleMs = Math.min(durationMs / 2, floorRows * intervalMs);
  await sleep(durationMs - settleMs);
  const collectedFromMs = performance.now();
  const collected = await collectAndCount(setting);
  const collectingMs = performance.now() - collectedFromMs;
  await sleep(settleMs);
  await sampler.sampleNow();
  const endMs = performance.now() + longestExtraMs;
  while (isFalling(setting.rows) && performance.now() < endMs) {
    await sleep(settleMs);
    await sampler.sampleNow();
  }
  const pids = readProcessTree([target.rootPid]);
  const censusFromMs = performance.now();
  const malloc = takeTargetCensus(pids);
  return {
    countingMs: collectingMs + performance.now() - censusFromMs,
    live: addMalloc(collected, malloc, pids.length),
    malloc,
    jvmNativeMemory: await readJvms(jvmHeaps),
    descriptors: countDescriptors(pids),
  };
}

/**
 * Counts what the target holds with its connections open. Processes that can be asked to collect their garbage do so first,
 * and stand still meanwhile.
 */
export async function countInHold(setting: FloorSetting): Promise<LiveMemory> {
  const collected = await collectAndCount(setting);
  const pids = readProcessTree([setting.target.rootPid]);
  return addMalloc(collected, takeTargetCensus(pids), pids.length);
}

async function readJvms(heaps: JvmHeaps): Promise<Record<string, NativeMemory>> {
  const found: Record<string, NativeMemory> = {};
  for (const pid of heaps.pids) {
    const memory = await readNativeMemory(pid);
    if (memory !== undefined) found[pid] = memory;
  }
  return found;
}
