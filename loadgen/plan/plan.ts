import { largestFitting, memoryNeed } from '../../machine/memory-need.js';
import { connectionCapacity } from '../../machine/worker-plan.js';
import type { Rate } from './arrivals.js';

/** What the processes of the generator have to hold, and what the machine allows them. */
export interface ProcessDemand {
  /** Connections open at once, 1 or more. */
  readonly connections: number;
  /** Connections started per second. */
  readonly rate: Rate;
  /** Open files that one process may hold. */
  readonly openFileLimit: number;
  readonly cores: number;
  readonly availableMemoryBytes: number;
  /** Processes, if the user has chosen. */
  readonly processes?: number;
}

/** Connections per second that one process starts with half a core to spare (measured: 115 µs of CPU each). */
export const ratePerProcess = 4000;

/** With more in one process, a full garbage collection stops it for longer than the lag that counts as saturated. */
export const mostConnectionsPerProcess = 50_000;

/**
 * Plans how many processes share the connections: as many as the open-file limit and the rate require, but for the
 * rate no more than there are cores.
 * @throws {RangeError} if that many connections are not possible; the message says how many are.
 */
export function planProcesses(demand: ProcessDemand): number {
  const { connections, rate, openFileLimit, cores } = demand;
  const capacity = connectionCapacity(openFileLimit);
  if (capacity === 0) {
    throw new RangeError(
      `The open-file limit of ${openFileLimit} is too low for a load generator: raise it with ulimit -n`,
    );
  }
  const perProcess = Math.min(capacity, mostConnectionsPerProcess);
  const chosen =
    demand.processes ??
    Math.max(Math.ceil(connections / perProcess), processesForRate(rate, cores));
  const processes = Math.min(chosen, connections);
  if (Math.ceil(connections / processes) > capacity) {
    throw new RangeError(
      `Cannot open ${connections} connections from ${processes} ${processes === 1 ? 'process' : 'processes'}: ` +
        `each can open ${openFileLimit} files, which is ${capacity * processes} connections at most; ` +
        'use --processes auto or raise the limit with ulimit -n',
    );
  }
  refuseMoreThanMemory(demand, processes, perProcess);
  return processes;
}

/** Returns how many processes it takes to start connections at a rate: no more than there are cores. */
export function processesForRate(rate: Rate, cores: number): number {
  return rate === 'max' ? cores : Math.min(cores, Math.ceil(rate / ratePerProcess));
}

function refuseMoreThanMemory(demand: ProcessDemand, processes: number, perProcess: number): void {
  const { connections, availableMemoryBytes } = demand;
  const fits = (count: number): boolean => {
    const generators = demand.processes ?? Math.max(processes, Math.ceil(count / perProcess));
    const need = { connections: count, generators, workers: 0, holdsServer: false };
    return memoryNeed(need) <= availableMemoryBytes;
  };
  if (fits(connections)) return;
  throw new RangeError(
    `Cannot open ${connections} connections: the ${Math.floor(availableMemoryBytes / 1024 ** 2)} MiB of memory that ` +
      `are free suffice for about ${largestFitting(connections, fits)}`,
  );
}
