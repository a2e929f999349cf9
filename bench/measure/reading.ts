import pidusage from 'pidusage';
import { attributeMemory, type MemoryByOwner } from './attribution.js';
import type { KernelSocketMemory } from '../../machine/procfs/kernel-memory.js';
import type { JvmHeaps } from './jvm/jvm-heaps.js';
import type { MemoryMapping } from '../../machine/procfs/memory-map.js';
import { readKernelSocketMemory } from '../../machine/procfs/read-procfs.js';
import { findRuntime } from '../../machine/procfs/runtime.js';
import type { ProcessMemory } from '../../machine/v8.js';
import type { Target, TargetStats } from '../targets/target.js';

/** What one look at one process found. */
export interface ProcessReading {
  readonly role: 'target' | 'loadgen' | 'sampler';
  readonly pid: number;
  /** CPU time since the process began, user and system, in milliseconds. */
  readonly cpuTimeMs: number;
  /** Resident bytes by the kernel's quick counter, which may lag behind by some pages. */
  readonly rssBytes: number;
  /** Memory by owner; undefined for processes that are not the target, without procfs, and where it was not read. */
  readonly memory: MemoryByOwner | undefined;
  /** What V8 reports for the process; undefined if it doesn't. */
  readonly v8: ProcessMemory | undefined;
}

/** What one look at everything found. */
export interface Reading {
  /** Milliseconds of `performance.now()` when the look began. */
  readonly atMs: number;
  readonly processes: readonly ProcessReading[];
  readonly stats: TargetStats | undefined;
  /** When these had come, by the same clock. */
  readonly statsMs: number;
  readonly kernel: KernelSocketMemory | undefined;
}

/**
 * Looks at the target with its processes, the load generator, the kernel and this process itself, all begun at the same moment.
 * A process that ends meanwhile is left out. `readMaps` reads the memory maps of processes in their order; what it leaves out is
 * not told of these.
 */
export async function takeReading(
  target: Target,
  targetPids: readonly number[],
  loadgenPids: readonly number[],
  jvmHeaps: JvmHeaps,
  readMaps: (pids: readonly number[]) => readonly (readonly MemoryMapping[] | undefined)[],
): Promise<Reading> {
  const atMs = performance.now();
  // Asked first, so that the answers are on their way while the memory maps are read.
  const soon = Promise.all([
    readUsage([...targetPids, ...loadgenPids]),
    target.readStats().then((told) => ({ told, statsMs: performance.now() })),
    target.agents?.readMemory(targetPids),
  ]);
  const maps = readMaps(targetPids);
  const kernel = readKernelSocketMemory();
  const [usage, { told: stats, statsMs }, v8] = await soon;
  const processes: ProcessReading[] = [];
  for (const [index, pid] of targetPids.entries()) {
    const map = maps[index];
    const used = usage.get(pid);
    if (used === undefined) continue;
    const told = v8?.get(pid) ?? stats?.processes.find((each) => each.pid === pid)?.memory;
    const memory =
      map === undefined
        ? undefined
        : attributeMemory(map, {
            jsHeapResidentBytes: told?.js_heap_resident_bytes,
            jvmHeap: findRuntime(map) === 'jvm' ? await jvmHeaps.rangeOf(pid) : undefined,
          });
    processes.push({ role: 'target', pid, ...used, memory, v8: told });
  }
  for (const pid of loadgenPids) {
    const used = usage.get(pid);
    if (used !== undefined) processes.push({ role: 'loadgen', pid, ...used, ...unsplit });
  }
  processes.push(readSelf());
  return { atMs, processes, stats, statsMs, kernel };
}

const unsplit = { memory: undefined, v8: undefined } as const;

interface Usage {
  readonly cpuTimeMs: number;
  readonly rssBytes: number;
}

/** pidusage's own `cpu` is 0 at first and depends on when it was last asked; the CPU time is exact. */
async function readUsage(pids: readonly number[]): Promise<ReadonlyMap<number, Usage>> {
  // With several pids, those that have ended are null, which its types don't say; a single one would reject.
  const readings: Readonly<Record<string, pidusage.Status | null>> = await pidusage([
    ...pids,
    process.pid,
  ]);
  const found = new Map<number, Usage>();
  for (const pid of pids) {
    const reading = readings[pid];
    if (reading === null || reading === undefined) continue;
    found.set(pid, { cpuTimeMs: reading.ctime, rssBytes: reading.memory });
  }
  return found;
}

function readSelf(): ProcessReading {
  const { user, system } = process.cpuUsage();
  return {
    role: 'sampler',
    pid: process.pid,
    cpuTimeMs: (user + system) / 1000,
    rssBytes: process.memoryUsage.rss(),
    ...unsplit,
  };
}
