import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from '../bench/child-program.js';
import type { RunSummary } from '../bench/summary.js';
import { tidemarkProgram } from '../bench/tidemark-program.js';
import { median } from '../bench/wave-figures.js';
import { readTextIfThere } from '../capacity/read-text.js';
import { RunError } from '../options/failure.js';
import { parseSamples } from '../report/samples-text.js';

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
  readonly targetProcesses: number;
  /** By how much the machine's available memory fell, both ends, the kernel and the bench included, in bytes. */
  readonly memoryUsedBytes: number;
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
  const before = availableBytes();
  let least = before;
  const timer = setInterval(() => {
    least = Math.min(least, availableBytes());
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
  const { code, lastErrorLine } = await program.ended;
  clearInterval(timer);
  if (code !== 0) throw new RunError(`tidemark bench ended with ${code}: ${lastErrorLine}`);
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
    samplerCpuPercent: median(holds.map((row) => row.sampler_cpu_percent)),
    targetProcesses: holds[0]?.target_processes ?? 0,
    memoryUsedBytes: before - least,
  };
}

function availableBytes(): number {
  const meminfo = readTextIfThere('/proc/meminfo') ?? '';
  return Number(/^MemAvailable: +(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;
}
