import type { LoadCounts } from '../../loadgen/report/counts.js';
import type { TargetCgroup } from './memory-limit-watch.js';
import { addMemory, type MemoryByOwner } from './attribution.js';
import type { ProcessReading, Reading } from './reading.js';
import {
  type CountColumn,
  countColumns,
  type Phase,
  type SampleRow,
  type WorkerRow,
} from '../results/sample-columns.js';

/** Where the run stood when a reading was taken. */
export interface Position {
  /** Number of the wave, from 1; 0 in the baseline. */
  readonly wave: number;
  readonly phase: Phase;
}

/**
 * Returns where a reading belongs that began in one phase and ended in another: in the one in which connections come
 * or go. So every row of a hold has all connections, and every row of a rest has none.
 */
export function positionOf(begun: Position, ended: Position): Position {
  const isSteady = ({ phase }: Position): boolean =>
    phase === 'baseline' || phase === 'hold' || phase === 'rest';
  if (begun.phase === ended.phase && begun.wave === ended.wave) return begun;
  if (!isSteady(begun)) return begun;
  if (!isSteady(ended)) return ended;
  // The phase in between was so short that it began and ended meanwhile.
  return begun.phase === 'hold' ? { ...begun, phase: 'drain' } : { ...ended, phase: 'ramp' };
}

/** A reading with what was known at the same moment. */
export interface PlacedReading {
  readonly reading: Reading;
  readonly position: Position;
  /** Counts of the load generator since the run began, all waves together. */
  readonly counts: LoadCounts;
  /** Worst event-loop delay since the row before, in milliseconds; undefined while no generator runs. */
  readonly lagMs: number | undefined;
  /** The control group that the target's memory is charged to. */
  readonly cgroup: TargetCgroup | undefined;
}

/** When the run began, on the wall clock and on the clock of the readings, in milliseconds. */
export interface RunStart {
  readonly wallMs: number;
  readonly atMs: number;
  /** Time between two regular samples. */
  readonly intervalMs: number;
}

/** The rows that one reading adds to samples.csv and workers.csv. */
export interface Rows {
  readonly sample: SampleRow;
  readonly workers: readonly WorkerRow[];
}

/**
 * Turns a reading into rows. Rates and CPU are over the time since the reading before. Without one they are unknown, as
 * they are less than half an interval after it, when a moment's work would look like a high rate. The CPU of a process that is
 * new since then is unknown too, and left out of the sum.
 */
export function toRows(
  start: RunStart,
  now: PlacedReading,
  before: PlacedReading | undefined,
): Rows {
  const { reading, position, counts, cgroup } = now;
  const targets = reading.processes.filter((process) => process.role === 'target');
  const loadgens = reading.processes.filter((process) => process.role === 'loadgen');
  const passedMs = before === undefined ? 0 : reading.atMs - before.reading.atMs;
  const comparable = passedMs < start.intervalMs / 2 ? undefined : before;
  const cpu = cpuPercentOf(reading, comparable?.reading);
  const memory = addKnownMemory(targets);
  const heap = addHeaps(targets);
  const elapsedMs = reading.atMs - start.atMs;
  const common = {
    timestamp: new Date(start.wallMs + elapsedMs).toISOString(),
    elapsed_s: elapsedMs / 1000,
    wave: position.wave,
    phase: position.phase,
  };
  const sample: SampleRow = {
    ...common,
    ...pickCounts(counts),
    connect_rate_per_s: ratePerSecond(now, comparable),
    target_processes: targets.length,
    cpu_percent: sumKnown(targets.map(cpu)),
    rss_bytes: memory?.rssBytes ?? sumKnown(targets.map((process) => process.rssBytes)),
    pss_bytes: memory?.pssBytes,
    js_heap_used_bytes: heap?.js_heap_used_bytes,
    js_heap_total_bytes: heap?.js_heap_total_bytes,
    js_external_bytes: heap?.js_external_bytes,
    js_array_buffers_bytes: heap?.js_array_buffers_bytes,
    native_bytes: nativeBytes(memory),
    native_malloc_bytes: memory?.mallocBytes,
    native_stacks_bytes: memory?.stacksBytes,
    native_file_bytes: memory?.fileBytes,
    native_other_bytes: memory?.otherBytes,
    unattributed_bytes: memory?.unattributedBytes,
    kernel_tcp_buffers_bytes: reading.kernel?.tcpBuffersBytes,
    kernel_sockets_bytes: reading.kernel?.socketsBytes,
    loadgen_cpu_percent: sumKnown(loadgens.map(cpu)),
    loadgen_rss_bytes: sumKnown(loadgens.map((process) => process.rssBytes)),
    loadgen_lag_ms: now.lagMs,
    sampler_cpu_percent: sumKnown(
      reading.processes.filter((process) => process.role === 'sampler').map(cpu),
    ),
    js_heap_resident_bytes: memory?.jsHeapBytes,
    lazy_free_bytes: memory?.lazyFreeBytes,
    target_connections: reading.stats?.connections,
    managed_heap_bytes: memory?.managedHeapBytes,
    cgroup_memory_bytes: cgroup?.usedBytes,
    cgroup_memory_limit_bytes: cgroup?.limitBytes,
    cgroup_oom_kills_total: cgroup?.oomKills,
    cgroup_kernel_bytes: cgroup?.ownKernelBytes,
  };
  const workers = reading.processes.map((process) => ({
    ...common,
    ...workerCells(process, reading),
    cpu_percent: cpu(process),
  }));
  return { sample, workers };
}

/** The cells of those counts that have a column, under the same name. */
function pickCounts(counts: LoadCounts): Pick<SampleRow, CountColumn> {
  return Object.fromEntries(countColumns.map((name) => [name, counts[name]])) as Pick<
    SampleRow,
    CountColumn
  >;
}

function workerCells(
  { role, pid, rssBytes, memory, v8 }: ProcessReading,
  reading: Reading,
): Omit<WorkerRow, 'timestamp' | 'elapsed_s' | 'wave' | 'phase' | 'cpu_percent'> {
  const told = reading.stats?.processes.find((candidate) => candidate.pid === pid);
  return {
    role,
    pid,
    connections: told?.connections,
    rss_bytes: memory?.rssBytes ?? rssBytes,
    pss_bytes: memory?.pssBytes,
    js_heap_used_bytes: v8?.js_heap_used_bytes,
    js_heap_total_bytes: v8?.js_heap_total_bytes,
    js_heap_resident_bytes: v8?.js_heap_resident_bytes,
    js_external_bytes: v8?.js_external_bytes,
    native_malloc_bytes: memory?.mallocBytes,
    native_stacks_bytes: memory?.stacksBytes,
    native_file_bytes: memory?.fileBytes,
    native_other_bytes: memory?.otherBytes,
    managed_heap_bytes: memory?.managedHeapBytes,
  };
}

/** Returns a function that tells the CPU percentage of a process, 100 being one core. */
function cpuPercentOf(
  now: Reading,
  before: Reading | undefined,
): (process: ProcessReading) => number | undefined {
  const earlier = new Map(before?.processes.map((process) => [process.pid, process.cpuTimeMs]));
  const passedMs = now.atMs - (before?.atMs ?? now.atMs);
  return ({ pid, cpuTimeMs }) => {
    const earlierMs = earlier.get(pid);
    if (earlierMs === undefined || passedMs <= 0) return undefined;
    return Math.max(0, (100 * (cpuTimeMs - earlierMs)) / passedMs);
  };
}

function ratePerSecond(now: PlacedReading, before: PlacedReading | undefined): number | undefined {
  if (before === undefined) return undefined;
  const passedSeconds = (now.reading.atMs - before.reading.atMs) / 1000;
  return (
    (now.counts.connections_opened_total - before.counts.connections_opened_total) / passedSeconds
  );
}

/** The memory of all processes; undefined if that of one is unknown, because a sum without it would be wrong. */
function addKnownMemory(processes: readonly ProcessReading[]): MemoryByOwner | undefined {
  const known = processes.flatMap(({ memory }) => (memory === undefined ? [] : [memory]));
  return known.length === 0 || known.length < processes.length ? undefined : addMemory(known);
}

/** What is not in the heap of V8, the JVM or Go; undefined if there is such a heap and its size is unknown. */
function nativeBytes(memory: MemoryByOwner | undefined): number | undefined {
  if (memory === undefined || memory.isHeapUnknown) return undefined;
  return memory.rssBytes - (memory.jsHeapBytes ?? 0) - (memory.managedHeapBytes ?? 0);
}

function addHeaps(processes: readonly ProcessReading[]) {
  const heaps = processes.flatMap(({ v8 }) => (v8 === undefined ? [] : [v8]));
  if (heaps.length === 0) return undefined;
  return heaps.reduce((sum, heap) => ({
    rss_bytes: sum.rss_bytes + heap.rss_bytes,
    js_heap_used_bytes: sum.js_heap_used_bytes + heap.js_heap_used_bytes,
    js_heap_total_bytes: sum.js_heap_total_bytes + heap.js_heap_total_bytes,
    js_heap_resident_bytes: sum.js_heap_resident_bytes + heap.js_heap_resident_bytes,
    js_external_bytes: sum.js_external_bytes + heap.js_external_bytes,
    js_array_buffers_bytes: sum.js_array_buffers_bytes + heap.js_array_buffers_bytes,
  }));
}

function sumKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}
