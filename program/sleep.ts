import { setTimeout as sleep } from 'node:timers/promises';

/** Sleeps so long, or until the signal is aborted if that comes first; returns at once for what is not positive. */
export async function sleepUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.max(0, milliseconds), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
