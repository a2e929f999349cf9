import { setTimeout as sleep } from 'node:timers/promises';
import type { MallocCensus } from '../../machine/malloc/census.js';
import type { Holdings, LiveMemory } from '../results/live-memory.js';
import { takeTargetCensus } from './live/malloc-census.js';
import { collectAndCount } from './live/read-live-memory.js';
import { type JvmHeaps, readNativeMemory } from './jvm/jvm-heaps.js';
import type { NativeMemory } from '../results/summary.js';
import { countDescriptors, readProcessTree } from '../../machine/procfs/read-procfs.js';
import type { Sampler } from './sampler.js';
import type { Target } from '../targets/target.js';
import { floorRows } from '../results/wave-figures.js';

/** What a pause with no connection open needs to know. */
export interface FloorSetting {
  readonly target: Target;
  readonly sampler: Sampler;
  readonly jvmHeaps: JvmHeaps;
  /** Where a Go program would serve its heap profile; undefined if it is not to be asked. */
  readonly goProfileUrl: string | undefined;
  readonly intervalMs: number;
}

/** What was found out at a floor besides the samples. */
export interface FloorFacts {
  /** What the target holds, as far as that can be counted. */
  readonly live: LiveMemory;
  /** What each JVM of the target has committed natively, by its process id; empty if none tells. */
  readonly jvmNativeMemory: Readonly<Record<string, NativeMemory>>;
  /** What glibc's malloc holds in all processes of the target; undefined if that can't be known. */
  readonly malloc: MallocCensus | undefined;
  /** Files and sockets that the target has open; undefined if that can't be seen. */
  readonly descriptors: number | undefined;
}

/**
 * Waits with no connection open, and ends on samples that a floor can be read from: shortly before, the garbage of
 * processes that can be asked to is collected, so that those samples hold what is alive.
 */
export async function waitForFloor(setting: FloorSetting, durationMs: number): Promise<FloorFacts> {
  const { target, sampler, jvmHeaps, intervalMs } = setting;
  const settleMs = Math.min(durationMs / 2, floorRows * intervalMs);
  await sleep(durationMs - settleMs);
  const collected = await collectAndCount(setting);
  await sleep(settleMs);
  await sampler.sampleNow();
  const pids = readProcessTree([target.rootPid]);
  const malloc = takeTargetCensus(pids);
  return {
    live: withMalloc(collected, malloc, pids.length),
    malloc,
    jvmNativeMemory: await readJvms(jvmHeaps),
    descriptors: countDescriptors(pids),
  };
}

/**
 * Counts what the target holds with its connections open. Processes that can be asked to collect their garbage before, and
 * stand still meanwhile.
 */
export async function countInHold(setting: FloorSetting): Promise<LiveMemory> {
  const collected = await collectAndCount(setting);
  const pids = readProcessTree([setting.target.rootPid]);
  return withMalloc(collected, takeTargetCensus(pids), pids.length);
}

function withMalloc(
  live: LiveMemory,
  malloc: MallocCensus | undefined,
  processes: number,
): LiveMemory {
  return malloc === undefined ? live : { ...live, malloc: holdingsOf(malloc, processes) };
}

function holdingsOf({ blocks, usedBytes }: MallocCensus, processes: number): Holdings {
  const kinds = [...blocks].map(
    ([size, count]) => [String(size), { count, bytes: size * count }] as const,
  );
  return { bytes: usedBytes, outsideMallocBytes: 0, processes, kinds: new Map(kinds) };
}

async function readJvms(heaps: JvmHeaps): Promise<Record<string, NativeMemory>> {
  const found: Record<string, NativeMemory> = {};
  for (const pid of heaps.pids) {
    const memory = await readNativeMemory(pid);
    if (memory !== undefined) found[pid] = memory;
  }
  return found;
}
