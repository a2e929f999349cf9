import { setTimeout as sleep } from 'node:timers/promises';
import { errorCodeOf, RunError } from '../../options/failure.js';
import type { Target } from './target.js';
import { waitUntilListening } from './wait-until-listening.js';

const listenTimeoutMs = 2000;
const alivePauseMs = 250;

/**
 * Watches a server that runs already. It is never signalled.
 * @throws {RunError} if there is no such process, or nothing listens at its address.
 */
export async function attachToProcess(pid: number, url: string): Promise<Target> {
  if (!isAlive(pid))
    throw new RunError(`There is no process ${pid}: give --pid the server's process id`);
  await waitUntilListening(url, listenTimeoutMs);
  const watching = new AbortController();
  return {
    name: `pid ${pid}`,
    url,
    rootPid: pid,
    facts: { pid },
    readStats: () => Promise.resolve(undefined),
    ended: whenGone(pid, watching.signal),
    stop: () => {
      watching.abort();
      return Promise.resolve(undefined);
    },
    kill: () => {
      watching.abort();
    },
  };
}

/** A process that is not our child can't be waited for, so it is looked for. */
async function whenGone(pid: number, signal: AbortSignal): Promise<string> {
  while (!signal.aborted && isAlive(pid)) await sleep(alivePauseMs);
  return signal.aborted ? `process ${pid} is no longer watched` : `process ${pid} has ended`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but belongs to somebody else.
    return errorCodeOf(error) === 'EPERM';
  }
}
