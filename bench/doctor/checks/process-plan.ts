import { planWorkers } from '../../../machine/worker-plan.js';
import { planProcesses } from '../../../loadgen/plan/plan.js';
import type { MachineFacts } from './machine-facts.js';

/** Processes that a run has on this machine. */
export interface ProcessPlan {
  /** Workers of our server; 0 if it is another server, or elsewhere. */
  readonly workers: number;
  /** Processes of the load generator; 0 if it is elsewhere. */
  readonly generators: number;
  /** All that is known of, with supervisor, coordinator, bench and a server of one process. */
  readonly processes: number;
}

/** Threads of a Node process: its own, V8's, libuv's pool (measured on 2 cores with Node 20: 11). */
export const threadsPerProcess = 11;

/** As {@link planRun}; undefined if the open-file limit is too low for any number of processes. */
export function planIfPossible(
  demand: RunDemand,
  facts: Pick<MachineFacts, 'openFiles' | 'cores'>,
): ProcessPlan | undefined {
  try {
    return planRun(demand, facts);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Plans the processes of a run, by the plans that server and generator make themselves. Memory is not looked at: it has
 * a check of its own.
 * @throws {RangeError} if the open-file limit is too low for any number of processes, or for those that were chosen.
 */
export function planRun(
  { connections, rate, server, holdsGenerator, fillsInTurn, ...chosen }: RunDemand,
  { openFiles, cores }: Pick<MachineFacts, 'openFiles' | 'cores'>,
): ProcessPlan {
  const demand = { connections, openFileLimit: openFiles, cores };
  const ofWorkers = chosen.workers === undefined ? {} : { workers: chosen.workers };
  const ofGenerators = chosen.generators === undefined ? {} : { processes: chosen.generators };
  const ofSpread = { isEven: fillsInTurn === true };
  const workers =
    server === 'workers' ? planWorkers({ ...demand, ...ofWorkers, ...ofSpread }).workers : 0;
  const generators = holdsGenerator
    ? planProcesses({ ...demand, rate, availableMemoryBytes: Infinity, ...ofGenerators })
    : 0;
  const others =
    (server === 'workers' || server === 'one process' ? 1 : 0) + (holdsGenerator ? 2 : 0);
  return { workers, generators, processes: workers + generators + others };
}

/** What of the server is on the machine that is looked at. */
export type ServerPlace =
  /** Our server, which starts as many workers as it takes. */
  | 'workers'
  /** A server of one process. */
  | 'one process'
  /** A server that is started with the run, and of which nobody knows how many processes it has. */
  | 'started'
  /** The same, but it runs already, under limits of its own. */
  | 'running'
  /** Nothing: it runs on another machine. */
  | 'elsewhere';

/** What a run asks of the machine that is looked at. */
export interface RunDemand {
  /** Connections open at once. */
  readonly connections: number;
  /** Connections per second. */
  readonly rate: number | 'max';
  readonly server: ServerPlace;
  /** Whether the load generator runs on this machine. */
  readonly holdsGenerator: boolean;
  /** Whether the workers of our server are filled one after the other, so that each gets exactly its share. */
  readonly fillsInTurn?: boolean;
  /** Workers of our server and processes of the load generator, where the user has chosen. */
  readonly workers?: number;
  readonly generators?: number;
}

/** Returns how many ends of each connection are on this machine, 0 to 2. */
export function endsHere({ server, holdsGenerator }: RunDemand): number {
  return (server === 'elsewhere' ? 0 : 1) + (holdsGenerator ? 1 : 0);
}
