import { memoryNeed } from '../../machine/memory-need.js';
import { connectionCapacity } from '../../machine/worker-plan.js';
import type { MachineFacts } from './checks/machine-facts.js';
import { formatLimit } from './checks/finding.js';
import { endsHere, planRun, type RunDemand } from './checks/process-plan.js';
import {
  mostConnectionsPerProcess,
  processesForRate,
  ratePerProcess,
} from '../../loadgen/plan/plan.js';
import { formatBytes, formatCount } from '../../program/quantities.js';

/** What a run would have, with the reasons. */
export interface RunPlan {
  readonly connections: number;
  /** Processes of our server that accept connections; 0 for another server. */
  readonly workers: number;
  readonly workers_reason: string;
  /** Processes of the load generator; 0 if others stand by. */
  readonly generators: number;
  readonly generators_reason: string;
  /** Generator processes that start connections at the same time. */
  readonly generators_at_once: number;
  /** Memory that both ends take here with the kernel's part, in bytes; that of a server other than ours is not known. */
  readonly memory_bytes: number;
  readonly available_memory_bytes: number;
  /** Sockets of both ends. */
  readonly sockets: number;
  /** Seconds that a ramp takes at the rate asked; undefined for `max`. */
  readonly ramp_s: number | undefined;
}

/**
 * Plans a run without running it.
 * @throws {RangeError} if the open-file limit is too low for any number of processes, or for those that were chosen.
 */
export function planBench(demand: RunDemand, facts: MachineFacts): RunPlan {
  const { connections, rate, server, holdsGenerator } = demand;
  const { workers, generators } = planRun(demand, facts);
  const holdsServer = server !== 'elsewhere';
  return {
    connections,
    workers,
    workers_reason: explainWorkers(demand, facts, workers),
    generators,
    generators_reason: explainGenerators(demand, facts),
    generators_at_once: holdsGenerator
      ? Math.min(generators, processesForRate(rate, facts.cores))
      : 0,
    memory_bytes: memoryNeed({ connections, workers, generators, holdsServer }),
    available_memory_bytes: facts.availableMemoryBytes,
    sockets: connections * endsHere(demand),
    ramp_s: rate === 'max' ? undefined : connections / rate,
  };
}

function explainWorkers(
  { server, workers: chosen, fillsInTurn }: RunDemand,
  { openFiles, cores }: MachineFacts,
  workers: number,
): string {
  if (server !== 'workers') return 'a server other than ours has as many as it has';
  if (chosen !== undefined) return 'as --workers says';
  if (workers <= cores) return `one per core (${cores})`;
  if (fillsInTurn === true) {
    return `each may open ${formatLimit(openFiles)} files, and they are filled one after the other; one per core would be ${cores}`;
  }
  return `each may open ${formatLimit(openFiles)} files, and SO_REUSEPORT spreads unevenly, so that room for five deviations is left; one per core would be ${cores}`;
}

function explainGenerators(demand: RunDemand, { openFiles, cores }: MachineFacts): string {
  if (!demand.holdsGenerator) return 'others stand by';
  if (demand.generators !== undefined) return 'as --processes says';
  const capacity = connectionCapacity(openFiles);
  const perProcess = Math.min(capacity, mostConnectionsPerProcess);
  const forConnections = Math.ceil(demand.connections / perProcess);
  const forRate = processesForRate(demand.rate, cores);
  if (forConnections <= forRate) {
    return demand.rate === 'max'
      ? `one per core (${cores}), as the rate is max`
      : `one per ${formatCount(ratePerProcess)}/s, at most one per core (${cores})`;
  }
  return capacity <= mostConnectionsPerProcess
    ? `each may open ${formatLimit(openFiles)} files, ${formatCount(capacity)} of them for connections`
    : `${formatCount(mostConnectionsPerProcess)} connections each, so that no full garbage collection delays the others for long`;
}

/** Writes a plan for people. */
export function formatPlan(plan: RunPlan): string {
  const { connections, workers, generators } = plan;
  const rows: readonly (readonly [string, string])[] = [
    [
      'connections',
      `${formatCount(connections)}, that is ${formatCount(plan.sockets)} sockets here`,
    ],
    [
      'server',
      workers === 0 ? plan.workers_reason : `${count(workers, 'worker')}: ${plan.workers_reason}`,
    ],
    [
      'generator',
      generators === 0
        ? plan.generators_reason
        : `${count(generators, 'process', 'processes')}, ${formatCount(plan.generators_at_once)} at a time: ${plan.generators_reason}`,
    ],
    [
      'memory',
      `about ${formatBytes(plan.memory_bytes)} of ${formatBytes(plan.available_memory_bytes)} available, with the kernel's part`,
    ],
    [
      'ramp',
      plan.ramp_s === undefined
        ? 'as fast as it can be'
        : `${plan.ramp_s.toFixed(1)} s at the rate asked`,
    ],
  ];
  return rows.map(([name, text]) => `${name.padEnd(13)}${text}`).join('\n');
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}
