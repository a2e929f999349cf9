/**
 * Memory of an open connection that has been greeted and is idle, in bytes, rounded up from a run of 400,000 on Linux 6.18
 * with Node 20, after which 5.75 GB less were free: generator 1.9 KB, our server 0.65 KB, kernel 9.8 KB for both ends. The
 * kernel's `MemAvailable` fell by less, 4.6 GB, because it counts the inodes and names of open sockets as memory that can be
 * reclaimed. What other servers take is not known.
 */
export const bytesPerConnection = { generator: 2000, server: 700, kernelEnd: 4900 } as const;

/** Private memory of a process before its first connection, in bytes, rounded up from the same run. */
export const bytesPerProcess = { generator: 24 * 1024 ** 2, worker: 10 * 1024 ** 2 } as const;

/** What takes memory on one machine. */
export interface MemoryDemand {
  readonly connections: number;
  /** Processes of the generator; 0 if the generator is elsewhere. */
  readonly generators: number;
  /** Workers of our server; 0 if it is another one, or elsewhere. */
  readonly workers: number;
  /** Whether the server's ends of the connections are here. */
  readonly holdsServer: boolean;
}

/** Returns the memory that connections take on one machine, in bytes, including the kernel's for the ends that it holds. */
export function memoryNeed(demand: MemoryDemand): number {
  const { connections, generators, workers, holdsServer } = demand;
  const { generator, server, kernelEnd } = bytesPerConnection;
  const each =
    (generators === 0 ? 0 : generator + kernelEnd) + (holdsServer ? server + kernelEnd : 0);
  return (
    connections * each + generators * bytesPerProcess.generator + workers * bytesPerProcess.worker
  );
}

/** Returns the largest whole number of 0 to `most` that fits, if all below one that fits do. */
export function largestFitting(most: number, fits: (value: number) => boolean): number {
  let low = 0;
  let high = most + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
