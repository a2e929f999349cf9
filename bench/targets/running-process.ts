import { setTimeout as sleep } from 'node:timers/promises';
import { errorCodeOf, RunError } from '../../options/failure.js';
import { serverOptionTable } from '../../server/options.js';
import type { TargetChoice } from '../options.js';
import { findServer } from './find-server.js';
import { collectServerGarbage, readStats } from './server-stats.js';
import type { Target, TargetStats } from './target.js';
import { waitUntilListening } from './wait-until-listening.js';

const alivePauseMs = 250;

/**
 * Watches a server that runs already, or that somebody else starts in time. It is never signalled.
 * @throws {RunError} if there is no such process, or nothing listens at its address.
 */
export async function attachToProcess(
  choice: Extract<TargetChoice, { kind: 'process' }>,
): Promise<Target> {
  const { url } = choice;
  if (choice.pid !== 'auto') refuseMissing(choice.pid);
  const watching = new AbortController();
  await waitUntilListening(url, choice.waitMs, watching.signal);
  const adminUrl = await findAdminUrl(choice);
  const before = adminUrl === undefined ? undefined : await readFirstStats(adminUrl);
  const told = before?.processes.map((each) => each.pid) ?? [];
  const pid = choice.pid === 'auto' ? await findServer(url, told) : choice.pid;
  return {
    name: `pid ${pid}`,
    url,
    rootPid: pid,
    facts: { pid, ...(adminUrl === undefined ? {} : { admin_url: adminUrl }) },
    readStats: async () =>
      adminUrl === undefined ? undefined : since(before, await readStats(`${adminUrl}/stats`)),
    ...(adminUrl === undefined ? {} : { collectGarbage: () => collectServerGarbage(adminUrl) }),
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

/** Port of a Tidemark server's admin port, unless it was given another. */
const { default: usualAdminPort } = serverOptionTable.adminPort;

async function findAdminUrl({
  url,
  adminUrl,
}: Pick<Extract<TargetChoice, { kind: 'process' }>, 'url' | 'adminUrl'>): Promise<
  string | undefined
> {
  if (adminUrl !== 'auto') return adminUrl;
  const usual = `http://${new URL(url).hostname}:${usualAdminPort}`;
  return (await readStats(`${usual}/stats`)) === undefined ? undefined : usual;
}

async function readFirstStats(adminUrl: string): Promise<TargetStats> {
  const stats = await readStats(`${adminUrl}/stats`);
  if (stats !== undefined) return stats;
  throw new RunError(
    `Nothing answers at ${adminUrl}/stats: correct --admin-url, the admin port of a tidemark server`,
  );
}

/** A server that has run before the bench came counts from its own start. */
function since(
  before: TargetStats | undefined,
  now: TargetStats | undefined,
): TargetStats | undefined {
  if (before === undefined || now === undefined) return now;
  return {
    ...now,
    openedTotal: now.openedTotal - before.openedTotal,
    greetingsSentTotal: now.greetingsSentTotal - before.greetingsSentTotal,
    workersRestartedTotal: now.workersRestartedTotal - before.workersRestartedTotal,
  };
}

function refuseMissing(pid: number): void {
  if (!isAlive(pid))
    throw new RunError(`There is no process ${pid}: give --pid the server's process id`);
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
