import { readFileSync, rmSync } from 'node:fs';
import type { MallocCensus } from '../../../machine/malloc/census.js';
import { readProcessTree, readRuntime } from '../../../machine/procfs/read-procfs.js';
import type { JsHoldings } from '../../../machine/v8.js';
import {
  addKind,
  type CountedKind,
  type Holdings,
  type LiveMemory,
  type LiveSource,
  type Sites,
  withShowableNames,
} from '../../results/live-memory.js';
import type { JsMemory, PythonObjects, SampledAllocations } from '../../targets/agent/protocol.js';
import type { Target } from '../../targets/target.js';
import { type JvmHeaps, readClassHistogram } from '../jvm/jvm-heaps.js';
import { type GoHeap, readGoHeap } from './go-heap.js';
import { readHeapSnapshot } from './heap-snapshot.js';
import type { JsSites } from './js-sites.js';
import { sumPythonSites } from './python-sites.js';

/** What to ask. */
export interface LiveSetting {
  readonly target: Target;
  readonly jvmHeaps: JvmHeaps;
  /** Names the lines of Node programs. */
  readonly jsSites: JsSites;
  /** Where a Go program would serve its heap profile; undefined if it must not be asked. */
  readonly goProfileUrl: string | undefined;
}

type Kinds = ReadonlyMap<string, CountedKind>;

/** What a Node program answers, through its agent or its inspector; only the agent takes samples. */
type CountedJs = JsHoldings & Pick<JsMemory, 'allocations' | 'snapshot'>;

/**
 * Makes every runtime of the target that can be asked collect its garbage, and returns what is alive after that. A kind of
 * memory is missing if there is none, or nothing reports it. A server that others use is left alone.
 */
export async function collectAndCount(setting: LiveSetting): Promise<LiveMemory> {
  const { target, jvmHeaps, jsSites, goProfileUrl } = setting;
  const pids = readProcessTree([target.rootPid]);
  const js = await collectJsGarbage(target, pids);
  const python = await target.agents?.collectGarbage('py', pids);
  const runtimes = new Map(pids.map((pid) => [pid, readRuntime(pid)]));
  const jvmPids = pids.filter((pid) => runtimes.get(pid) === 'jvm');
  // No sample may have seen them yet.
  for (const pid of jvmPids) await jvmHeaps.rangeOf(pid);
  const jvms = target.isShared ? [] : await readAll(jvmPids);
  // A server of another kind may never answer a request for a path that it does not know.
  const isGo = [...runtimes.values()].includes('go');
  const go = isGo && goProfileUrl !== undefined ? await readGoHeap(goProfileUrl) : undefined;
  return withShowableNames({
    ...holdingsOfV8(js, jsSites),
    ...holdingsOfPython([...(python?.values() ?? [])]),
    ...holdingsOf('jvm_heap', jvms),
    ...holdingsOfGo(go),
  });
}

/** What the processes that are Node programs hold after a collection; empty if none of them can be asked. */
async function collectJsGarbage(
  target: Target,
  pids: readonly number[],
): Promise<readonly CountedJs[]> {
  const collected = await target.agents?.collectGarbage('js', pids);
  if (collected !== undefined && collected.size > 0) return [...collected.values()];
  return (await target.collectGarbage?.(pids)) ?? [];
}

function holdingsOfV8(processes: readonly CountedJs[], names: JsSites): LiveMemory {
  if (processes.length === 0) return {};
  const sum = (name: 'js_heap_used_bytes' | 'js_array_buffers_bytes'): number =>
    processes.reduce((total, memory) => total + memory[name], 0);
  const holdings = (bytes: number, outsideMallocBytes: number): Holdings => ({
    bytes,
    outsideMallocBytes,
    processes: processes.length,
    kinds: new Map(),
  });
  const heapBytes = sum('js_heap_used_bytes');
  const allocated = processes.flatMap(({ allocations = [] }) => allocations);
  const { heapKinds, bufferKinds } = readSnapshots(
    processes.flatMap(({ snapshot = [] }) => snapshot),
  );
  return {
    js_heap: {
      ...holdings(heapBytes, heapBytes),
      ...sitesField(allocated, names),
      ...heapKinds,
    },
    array_buffers: { ...holdings(sum('js_array_buffers_bytes'), 0), ...bufferKinds },
  };
}

/** What heap snapshots say of the heap and of ArrayBuffers. */
interface SnapshotFields {
  readonly heapKinds?: Pick<Holdings, 'kinds' | 'keptBy'>;
  readonly bufferKinds?: Pick<Holdings, 'kinds' | 'keptBy'>;
}

/** Counts the objects in heap snapshots by class, and removes the files: each is as large as the heap. */
function readSnapshots(files: readonly string[]): SnapshotFields {
  if (files.length === 0) return {};
  const kinds = new Map<string, CountedKind>();
  const keptBy = new Map<string, string>();
  const buffers = new Map<string, CountedKind>();
  const buffersKeptBy = new Map<string, string>();
  for (const file of files) {
    const snapshot = readHeapSnapshot(readFileSync(file, 'utf8'));
    rmSync(file);
    for (const [name, kind] of snapshot.kinds) addKind(kinds, name, kind);
    for (const [name, way] of snapshot.keptBy) keptBy.set(name, way);
    addKind(buffers, 'ArrayBuffer', snapshot.buffers);
    if (snapshot.buffers.keptBy !== undefined) {
      buffersKeptBy.set('ArrayBuffer', snapshot.buffers.keptBy);
    }
  }
  return {
    heapKinds: { kinds, keptBy },
    bufferKinds: { kinds: buffers, keptBy: buffersKeptBy },
  };
}

function sitesField(
  processes: readonly SampledAllocations[],
  names: JsSites,
): Pick<Holdings, 'sites'> {
  const [first] = processes;
  if (first === undefined) return {};
  const profiles = processes.map(({ head }) => head);
  return { sites: { everyBytes: first.every_bytes, bytes: names.sum(profiles), profiles } };
}

/** One after the other: each stands still meanwhile. */
async function readAll(pids: readonly number[]): Promise<readonly Kinds[]> {
  const found: Kinds[] = [];
  for (const pid of pids) {
    const classes = await readClassHistogram(pid);
    if (classes !== undefined) found.push(classes);
  }
  return found;
}

function holdingsOfGo(heap: GoHeap | undefined): LiveMemory {
  if (heap === undefined) return {};
  const { kinds, sites } = heap;
  return holdingsOf('go_heap', [kinds], { sites });
}

function holdingsOfPython(processes: readonly PythonObjects[]): LiveMemory {
  const outsideMallocBytes = processes.reduce((sum, each) => sum + each.small_bytes, 0);
  const kinds = processes.map(
    (each): Kinds =>
      new Map(Object.entries(each.kinds).map(([name, [count, bytes]]) => [name, { count, bytes }])),
  );
  const sites = sumPythonSites(
    processes.flatMap(({ traces }) => (traces === undefined ? [] : [traces])),
  );
  return holdingsOf('python_objects', kinds, { outsideMallocBytes, sites });
}

/** Adds up what processes hold; nothing if there are none. All of it is outside malloc unless stated otherwise. */
function holdingsOf(
  source: LiveSource,
  processes: readonly Kinds[],
  {
    outsideMallocBytes,
    sites,
  }: { readonly outsideMallocBytes?: number; readonly sites?: Sites | undefined } = {},
): LiveMemory {
  if (processes.length === 0) return {};
  const kinds = new Map<string, CountedKind>();
  for (const each of processes) for (const [name, kind] of each) addKind(kinds, name, kind);
  const bytes = [...kinds.values()].reduce((sum, kind) => sum + kind.bytes, 0);
  return {
    [source]: {
      bytes,
      outsideMallocBytes: outsideMallocBytes ?? bytes,
      processes: processes.length,
      kinds,
      ...(sites === undefined ? {} : { sites }),
    },
  };
}

/** Adds what a census of malloc counted in that many processes, if there is one. */
export function addMalloc(
  live: LiveMemory,
  census: MallocCensus | undefined,
  processes: number,
): LiveMemory {
  if (census === undefined) return live;
  const { blocks, usedBytes } = census;
  const kinds = [...blocks].map(
    ([size, count]) => [String(size), { count, bytes: size * count }] as const,
  );
  const malloc = {
    bytes: usedBytes,
    outsideMallocBytes: 0,
    processes,
    kinds: new Map(kinds),
    countedAtMs: Date.now(),
  };
  return { ...live, malloc };
}
