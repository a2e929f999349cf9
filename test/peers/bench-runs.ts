import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram, tidemarkProgram } from '../../bench/targets/child-program.js';
import { describeEnvironment } from '../../bench/results/environment.js';
import type { SampleRow } from '../../bench/results/sample-columns.js';
import type { RunSummary } from '../../bench/results/summary.js';
import { median } from '../../bench/results/wave-figures.js';
import { readTextIfThere } from '../../machine/read-text.js';
import { RunError } from '../../program/failure.js';
import { parseSamples } from '../../bench/results/read-samples.js';
import { kilobytesOf } from './tree-cost.js';

/** What a run of `tidemark bench` with one wave has shown. */
export interface BenchFigures {
  readonly connections: number;
  readonly summary: RunSummary;
  readonly rampSeconds: number;
  readonly connectionsPerSecond: number;
  /** Growth of the target's proportional share of memory per connection; undefined if not known. */
  readonly pssBytesPerConnection: number | undefined;
  /** CPU of the bench itself during the hold, 100 being one core. */
  readonly samplerCpuPercent: number | undefined;
  /** CPU of the target and of the generator in the hold, with nothing to do, 100 being one core; undefined if not known. */
  readonly idleTargetCpuPercent: number | undefined;
  readonly idleLoadgenCpuPercent: number | undefined;
  /** Connections opened per second in the last tenth of the ramp ÷ in the first; undefined if it had too few samples. */
  readonly lastTenthOverFirst: number | undefined;
  /** Growth of the target's private memory per connection; undefined if not known. */
  readonly privateBytesPerConnection: number | undefined;
  /** How long it took at the floor to count what the target holds, in milliseconds; undefined if it was not counted. */
  readonly floorCountingMs: number | undefined;
  readonly targetProcesses: number;
  /** By how much less memory was free, caches aside, with both ends, the kernel and the bench, in bytes. */
  readonly memoryUsedBytes: number;
  /**
   * The same by MemAvailable, as `free` tells it: less, for the kernel takes the inodes and names of open sockets for
   * memory that can be reclaimed.
   */
  readonly memoryUnavailableBytes: number;
}

/** How often the available memory is read, in milliseconds. */
const memoryIntervalMs = 500;

/**
 * Runs `tidemark bench --waves 1` with these arguments, and reads its files.
 * @throws {RunError} if it does not end well.
 */
export async function runBench(
  folder: string,
  connections: number,
  ...args: readonly string[]
): Promise<BenchFigures> {
  const out = join(mkdtempSync(join(folder, 'run-')), 'results');
  const before = readFreeMemory();
  let leastFree = before.freeBytes;
  let leastAvailable = before.availableBytes;
  const timer = setInterval(() => {
    const now = readFreeMemory();
    leastFree = Math.min(leastFree, now.freeBytes);
    leastAvailable = Math.min(leastAvailable, now.availableBytes);
  }, memoryIntervalMs);
  const program = await startProgram({
    name: 'tidemark bench',
    command: process.execPath,
    args: [
      tidemarkProgram,
      'bench',
      `--connections=${connections}`,
      '--waves=1',
      '--quiet',
      `--out=${out}`,
      ...args,
    ],
    hasChannel: false,
    onLine: () => undefined,
  });
  const { code, errorLine } = await program.ended;
  clearInterval(timer);
  if (code !== 0) throw new RunError(`tidemark bench ended with ${code}: ${errorLine}`);
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as RunSummary;
  const { rows } = parseSamples(readFileSync(join(out, 'samples.csv'), 'utf8'));
  const holds = rows.filter(({ phase }) => phase === 'hold');
  const [wave] = summary.waves;
  if (wave === undefined) throw new RunError('tidemark bench has no wave in its summary');
  return {
    connections,
    summary,
    rampSeconds: wave.ramp_s,
    connectionsPerSecond: wave.connect_rate_per_s,
    pssBytesPerConnection: summary.pss_bytes_per_connection,
    privateBytesPerConnection: summary.private_bytes_per_connection,
    idleTargetCpuPercent: median(holds.map((row) => row.cpu_percent)),
    idleLoadgenCpuPercent: median(holds.map((row) => row.loadgen_cpu_percent)),
    lastTenthOverFirst: compareTenths(rows, connections),
    samplerCpuPercent: median(holds.map((row) => row.sampler_cpu_percent)),
    floorCountingMs: wave.floor_counting_ms,
    targetProcesses: holds[0]?.target_processes ?? 0,
    memoryUsedBytes: before.freeBytes - leastFree,
    memoryUnavailableBytes: before.availableBytes - leastAvailable,
  };
}

/** Returns how fast the last tenth of the connections was opened, over the first, from the first sample that has each. */
function compareTenths(rows: readonly SampleRow[], connections: number): number | undefined {
  const open = (row: SampleRow): number => row.connections ?? 0;
  const ramp = rows.filter(({ phase }) => phase === 'ramp' || phase === 'hold');
  const began = rows.findLast((row) => row.phase === 'ramp' && open(row) === 0);
  const first = ramp.find((row) => open(row) >= 0.1 * connections);
  const ninth = ramp.find((row) => open(row) >= 0.9 * connections);
  const last = ramp.find((row) => open(row) >= connections);
  const rate = (from: SampleRow | undefined, to: SampleRow | undefined): number =>
    from === undefined || to === undefined
      ? NaN
      : (open(to) - open(from)) / ((to.elapsed_s ?? NaN) - (from.elapsed_s ?? NaN));
  const ratio = rate(ninth, last) / rate(began, first);
  return Number.isFinite(ratio) ? ratio : undefined;
}

/** Says in a few words on what a table was measured. */
export function describeMachine(): string {
  const { cores, distribution, kernel, node_version: node } = describeEnvironment();
  return `${cores} cores, ${distribution ?? ''}, Linux ${kernel}, Node ${node}`;
}

/** What `/proc/meminfo` says of free memory (proc_meminfo(5)), in bytes; caches count as free. */
function readFreeMemory(): { readonly freeBytes: number; readonly availableBytes: number } {
  const meminfo = readTextIfThere('/proc/meminfo') ?? '';
  const bytesOf = (field: string): number => kilobytesOf(meminfo, field) * 1024;
  return {
    freeBytes: bytesOf('MemFree') + bytesOf('Buffers') + bytesOf('Cached'),
    availableBytes: bytesOf('MemAvailable'),
  };
}
