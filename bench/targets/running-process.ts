import { closeSync, openSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCodeOf, messageOf, RunError, UsageError } from '../../program/failure.js';
import { readTextIfThere } from '../../machine/read-text.js';
import { serverOptionTable } from '../../server/options.js';
import type { JsHoldings } from '../../machine/v8.js';
import { collectThroughInspector } from './attach/node-inspector.js';
import type { Target, TargetChoice, TargetStats } from './target.js';
import { findServerRoot } from '../../machine/procfs/listening-sockets.js';
import { readProcessTree } from '../../machine/procfs/read-procfs.js';
import { findListeners, findServer, isListener } from './attach/find-server.js';
import { collectServerGarbage, readStats } from './server-stats.js';
import { waitUntilListening } from '../../program/wait-until-listening.js';

const alivePauseMs = 250;

/**
 * Watches a server that is already running, or that somebody else starts in time. Tidemark never ends it.
 * @throws {RunError} if there is no such process, or nothing listens at its address.
 */
export async function attachToProcess(
  choice: Extract<TargetChoice, { kind: 'process' }>,
): Promise<Target> {
  const { url } = choice;
  const watching = new AbortController();
  await waitUntilListening(url, choice.waitMs, watching.signal);
  const adminUrl = await findAdminUrl(choice);
  const before = adminUrl === undefined ? undefined : await readFirstStats(adminUrl);
  const told = before?.processes.map((each) => each.pid) ?? [];
  const pid = choice.pid === 'auto' ? await findServer(url, told) : choice.pid;
  refuseUnreadable(pid);
  return {
    name: `pid ${pid}`,
    url,
    isShared: !choice.mayAsk,
    rootPid: pid,
    facts: { pid, ...(adminUrl === undefined ? {} : { admin_url: adminUrl }) },
    readStats: async () =>
      adminUrl === undefined ? undefined : since(before, await readStats(`${adminUrl}/stats`)),
    ...collectorOf(choice, adminUrl),
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

/** A Tidemark server is asked through its admin port, another Node program through its inspector, if the user allows it. */
function collectorOf(
  { mayAsk }: Extract<TargetChoice, { kind: 'process' }>,
  adminUrl: string | undefined,
): Pick<Target, 'collectGarbage'> {
  if (adminUrl !== undefined) {
    return {
      collectGarbage: async () => {
        if (!(await collectServerGarbage(adminUrl))) return [];
        return (await readStats(`${adminUrl}/stats`))?.processes.map(({ memory }) => memory) ?? [];
      },
    };
  }
  if (!mayAsk) return {};
  return {
    // One after another: they share the inspector port.
    collectGarbage: async (pids) => {
      const found: JsHoldings[] = [];
      for (const pid of pids) {
        const holdings = await collectThroughInspector(pid);
        if (holdings !== undefined) found.push(holdings);
      }
      return found;
    },
  };
}

/**
 * Makes sure, before anything starts, that a process given by its id is the server at the address, and can be
 * measured. Returns what the user should know if it listens at another address than the one that the clients connect to.
 * @throws {UsageError} if it is the wrong one: there is no such process, or it does not listen, and another one does.
 * @throws {RunError} if its memory can't be read, or nothing listens at the address.
 */
export async function checkProcess(
  choice: Extract<TargetChoice, { kind: 'process' }>,
): Promise<string | undefined> {
  const { pid, url, waitMs } = choice;
  if (pid === 'auto') return undefined;
  if (!isAlive(pid)) {
    throw new UsageError(`There is no process ${pid}: give --pid the server's process id, or auto`);
  }
  refuseUnreadable(pid);
  await waitUntilListening(url, waitMs);
  if (process.platform !== 'linux' || isInOtherNetwork(pid)) return undefined;
  const listeners = await findListeners(url);
  const root = findServerRoot(listeners);
  const tree = readProcessTree([pid]);
  const isRelated = listeners.some(
    (listener) => tree.includes(listener.pid) || readProcessTree([listener.pid]).includes(pid),
  );
  if (root === undefined || isRelated) return undefined;
  const who = `process ${root} (${nameOf(root)}) listens at ${url}, not process ${pid} (${nameOf(pid)})`;
  if (!tree.some((each) => isListener(each)))
    throw new UsageError(`${who}: give --pid ${root}, or --pid auto`);
  return `Note: ${who}, which is measured: that is right if the one passes the connections on to the other`;
}

/** A process in another network namespace, such as in a container, listens where others forward to. */
function isInOtherNetwork(pid: number): boolean {
  const namespaceOf = (of: number | 'self'): string => readlinkSync(`/proc/${of}/ns/net`);
  return namespaceOf(pid) !== namespaceOf('self');
}

function nameOf(pid: number): string {
  return readTextIfThere(`/proc/${pid}/comm`) ?? 'unknown';
}

/**
 * Makes sure that the memory map of a process can be read: proc_pid_smaps(5) requires ptrace permission to read it.
 * @throws {RunError} if not.
 */
function refuseUnreadable(pid: number): void {
  const path = `/proc/${pid}/smaps`;
  if (process.platform !== 'linux') return;
  try {
    closeSync(openSync(path, 'r'));
  } catch (error) {
    const owner = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
    const whose = owner === undefined ? '' : `, of user ${owner},`;
    throw new RunError(
      `Cannot read the memory of process ${pid} (${nameOf(pid)})${whose} as user ${process.getuid?.() ?? ''}: ${messageOf(error)}; ` +
        'run tidemark as that user or as root, or with the capability CAP_SYS_PTRACE',
      { cause: error },
    );
  }
}

/** A Tidemark server's admin port, unless it was given another. */
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

/** A server that was running before the bench came counts from its own start. */
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

/** A process that is not our child can't be waited for, so this checks for it again and again. */
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
