import { readProcessTree } from '../../../machine/procfs/read-procfs.js';
import type { ProcessMemory } from '../../../machine/v8.js';
import type { Holdings, LiveMemory } from '../../results/live-memory.js';
import type { Target } from '../../targets/target.js';

/**
 * Has every runtime of the target that can be asked collect its garbage, and returns what is alive after it. A kind of memory
 * is missing if there is none, or nobody tells.
 */
export async function collectAndCount(target: Target): Promise<LiveMemory> {
  const pids = readProcessTree([target.rootPid]);
  return holdingsOfV8(await collectJsGarbage(target, pids));
}

/** What the processes that are Node programs hold after a collection; empty if none of them can be asked. */
async function collectJsGarbage(
  target: Target,
  pids: readonly number[],
): Promise<readonly ProcessMemory[]> {
  const collected = await target.agents?.collectGarbage(pids);
  if (collected !== undefined && collected.size > 0) return [...collected.values()];
  if ((await target.collectGarbage?.()) !== true) return [];
  return (await target.readStats())?.processes.map(({ memory }) => memory) ?? [];
}

function holdingsOfV8(processes: readonly ProcessMemory[]): LiveMemory {
  if (processes.length === 0) return {};
  const sum = (name: 'js_heap_used_bytes' | 'js_array_buffers_bytes'): Holdings => ({
    bytes: processes.reduce((total, memory) => total + memory[name], 0),
    processes: processes.length,
    kinds: new Map(),
  });
  return { js_heap: sum('js_heap_used_bytes'), array_buffers: sum('js_array_buffers_bytes') };
}
