/** What a server has to hold, and what the machine allows it. */
export interface WorkerDemand {
  /** Connections that will be open at once, 1 or more. */
  readonly connections: number;
  /** Open files that one process may hold. */
  readonly openFileLimit: number;
  /** Cores of the machine, 1 or more. */
  readonly cores: number;
  /** Whether each worker gets exactly its share, rather than what the kernel deals out. */
  readonly isEven?: boolean;
  /** Worker processes, if the user has chosen; otherwise as many as the cores and the open-file limit require. */
  readonly workers?: number;
}

/** How many processes share a listening port, and what each admits. */
export interface WorkerPlan {
  readonly workers: number;
  /** Connections that each worker admits: its even share plus head-room for the uneven spread. */
  readonly connectionsPerWorker: number;
  /** What all workers admit together. */
  readonly maxConnections: number;
}

/**
 * Descriptors of a process that are not connections: event loop, pipes, files, listening socket, and the sockets that
 * were accepted but are not upgraded yet. A worker process with nothing open holds about 25 here.
 */
export const reservedDescriptors = 128;

/** Standard deviations of head-room for the spread over workers: exceeded once in 3.5 million shares. */
const headroomDeviations = 5;

/**
 * Plans the workers that share one port through SO_REUSEPORT.
 *
 * The kernel picks the listening socket by a hash of the address pair (`reuseport_select_sock()` in
 * `net/core/sock_reuseport.c`), so a worker's share is binomial: mean n = N/W, deviation just under √n.
 * Each worker admits n + 5√n, and there are enough workers to keep that within the open-file limit. Where clients fill each
 * worker at an address of its own there is nothing to spread, and it admits n.
 * @throws {RangeError} if the chosen number of workers can't hold the connections, or no number can.
 */
export function planWorkers(demand: WorkerDemand): WorkerPlan {
  const { connections, openFileLimit, cores } = demand;
  const capacity = connectionCapacity(openFileLimit);
  if (demand.workers !== undefined) {
    const plan = planFor(demand, demand.workers);
    if (plan.connectionsPerWorker <= capacity) return plan;
    const all = capacity * demand.workers;
    throw new RangeError(
      `${connections} connections need more than ${demand.workers} workers: each can open ${openFileLimit} files, ` +
        `about ${all} connections in all; use --workers auto or raise the limit with ulimit -n`,
    );
  }
  if (capacity < 2 * headroomDeviations ** 2) {
    throw new RangeError(
      `The open-file limit of ${openFileLimit} is too low for a server: raise it with ulimit -n`,
    );
  }
  let workers = cores;
  while (planFor(demand, workers).connectionsPerWorker > capacity) workers++;
  return planFor(demand, workers);
}

/** Returns how many connections a process can hold under an open-file limit, 0 or more. */
export function connectionCapacity(openFileLimit: number): number {
  return Math.max(0, openFileLimit - reservedDescriptors);
}

function planFor({ connections, isEven }: WorkerDemand, workers: number): WorkerPlan {
  const mean = connections / workers;
  const headroom = workers === 1 || isEven === true ? 0 : headroomDeviations * Math.sqrt(mean);
  const connectionsPerWorker = Math.ceil(mean + headroom);
  return { workers, connectionsPerWorker, maxConnections: connectionsPerWorker * workers };
}
