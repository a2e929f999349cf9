import type { MachineLimits } from '../machine/machine-limits.js';
import { connectionCapacity, planWorkers } from '../machine/worker-plan.js';

/** How a server's connections are shared out. */
export interface WorkerShares {
  readonly workers: number;
  /** Connections that each worker admits. */
  readonly share: number;
  /** Connections that all of them admit together: at least what was asked for, if anything was. */
  readonly maxConnections: number;
}

/**
 * Decides how many workers there are and what each admits. The share is strict, so that the workers never admit more
 * than was asked for, except for rounding up to whole shares.
 * @throws {RangeError} if the open-file limit can't hold a share.
 */
export function shareConnections(
  asked: { readonly workers: number | 'auto'; readonly maxConnections: number | undefined },
  limits: Pick<MachineLimits, 'openFiles' | 'cores'>,
): WorkerShares {
  const { openFiles, cores } = limits;
  const capacity = connectionCapacity(openFiles);
  if (capacity === 0) {
    throw new RangeError(
      `The open-file limit of ${openFiles} is too low for a server: raise it with ulimit -n`,
    );
  }
  const { maxConnections } = asked;
  if (maxConnections === undefined) {
    const workers = asked.workers === 'auto' ? cores : asked.workers;
    // An unlimited number of files does not say how many connections fit: at most what the peers of one port can open.
    const share = Number.isFinite(capacity) ? capacity : 0xffff_ffff;
    return { workers, share, maxConnections: share * workers };
  }
  const workers =
    asked.workers === 'auto'
      ? planWorkers({ connections: maxConnections, openFileLimit: openFiles, cores }).workers
      : asked.workers;
  const share = Math.ceil(maxConnections / workers);
  if (share > capacity) {
    throw new RangeError(
      `Cannot hold ${maxConnections} connections with ${workers} workers: each can open ${openFiles} files, about ` +
        `${capacity * workers} connections in all; use --workers auto or raise the limit with ulimit -n`,
    );
  }
  return { workers, share, maxConnections };
}
