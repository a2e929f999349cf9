import { setTimeout as sleep } from 'node:timers/promises';
import { readMemoryMap, readProcessTree } from '../../machine/procfs/read-procfs.js';
import type { TrimFigures } from '../results/summary.js';
import type { Target } from '../targets/target.js';
import { type JvmHeaps, trimNativeHeap } from './jvm/jvm-heaps.js';

/** The kernel takes pages back at once, but a program may need a moment to finish. */
const settleMs = 500;

/**
 * Makes the allocators of the target give back what they keep free, in those of its processes that can be asked: JVMs through
 * `jcmd`, Python programs through their agent. Returns how many did, and by how much resident memory has fallen.
 */
export async function trimTarget(target: Target, jvmHeaps: JvmHeaps): Promise<TrimFigures> {
  const pids = readProcessTree([target.rootPid]);
  const before = residentBytes(pids);
  const trimmed = new Set(await target.agents?.trim(pids));
  for (const pid of jvmHeaps.pids) {
    if (!target.isShared && pids.includes(pid) && (await trimNativeHeap(pid))) trimmed.add(pid);
  }
  if (trimmed.size === 0) return { processes: 0, given_back_bytes: 0 };
  await sleep(settleMs);
  return {
    processes: trimmed.size,
    given_back_bytes: Math.max(0, before - residentBytes(pids)),
  };
}

function residentBytes(pids: readonly number[]): number {
  const mappings = pids.flatMap((pid) => readMemoryMap(pid) ?? []);
  return mappings.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
}
