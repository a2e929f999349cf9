import { type MachineLimits, readMachineLimits } from '../capacity/machine-limits.js';
import { connectionCapacity, planWorkers } from '../capacity/worker-plan.js';
import { RunError } from '../options/failure.js';
import type { BenchOptions } from './options.js';

/** What a run asks of the machine that it runs on, generator and target together. */
export interface RunDemand {
  readonly connections: number;
  /** True if the bench starts the target itself, so that its memory counts too. */
  readonly startsTarget: boolean;
}

/**
 * Memory of an open connection that has been greeted, in bytes, rounded up from figures measured on Linux 6.18 with
 * Node 20: generator 5.3 KB, server 0.75 KB, kernel 9.8 KB for both ends.
 */
const bytesPerConnection = { generator: 6000, server: 1000, kernel: 10_000 };

/** Private memory of a Node process before its first connection, in bytes, rounded up. */
const bytesPerProcess = 45_000_000;

/**
 * Refuses a run that can't be carried through, before anything starts.
 * @throws {RunError} if the machine can't open so many connections.
 */
export function refuseTheImpossible({
  connections,
  target,
}: Pick<BenchOptions, 'connections' | 'target'>): void {
  const demand = { connections, startsTarget: target.kind !== 'process' };
  const obstacle = findObstacle(demand, readMachineLimits());
  if (obstacle !== undefined) throw new RunError(obstacle);
}

/**
 * Returns, in words, why the machine can't open this many connections, with the largest number that it can;
 * undefined if nothing is known to stop it. It does not look at ports: loopback has 16 million addresses, and for
 * other targets the generator plans them itself.
 */
export function findObstacle(demand: RunDemand, limits: MachineLimits): string | undefined {
  const { connections } = demand;
  const largest = largestRun(demand, limits);
  if (connections <= largest.connections) return undefined;
  return `Cannot open ${connections} connections: ${largest.reason}, which is enough for about ${largest.connections}`;
}

function largestRun(
  demand: RunDemand,
  limits: MachineLimits,
): { readonly connections: number; readonly reason: string } {
  const byMemory = largestByMemory(demand, limits);
  // Each connection is two open files, one at each end, if the target runs here; it always does, as its pid is known.
  const byFiles = Math.floor(limits.systemOpenFiles / 2);
  if (byFiles < byMemory) {
    return {
      connections: byFiles,
      reason: `the machine allows ${limits.systemOpenFiles} open files in all (fs.file-max)`,
    };
  }
  const mebibytes = Math.floor(limits.availableMemoryBytes / 1024 ** 2);
  return { connections: byMemory, reason: `${mebibytes} MiB of memory are free` };
}

/** The largest number whose memory fits, to three significant digits; need grows with the number, so it is searched. */
function largestByMemory(demand: RunDemand, limits: MachineLimits): number {
  let low = 0;
  let high = 100_000_000;
  while (high - low > Math.max(1, low / 1000)) {
    const middle = Math.floor((low + high) / 2);
    if (memoryNeed(middle, demand.startsTarget, limits) <= limits.availableMemoryBytes)
      low = middle;
    else high = middle;
  }
  return low;
}

function memoryNeed(connections: number, startsTarget: boolean, limits: MachineLimits): number {
  const { generator, server, kernel } = bytesPerConnection;
  const perProcess = Math.max(1, connectionCapacity(limits.openFiles));
  const generators = Math.ceil(connections / perProcess);
  const workers = startsTarget
    ? planWorkers({ connections, openFileLimit: limits.openFiles, cores: limits.cores }).workers
    : 0;
  const each = generator + kernel + (startsTarget ? server : 0);
  return connections * each + (generators + workers) * bytesPerProcess;
}
