import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import { startAnnouncedProgram } from '../../bench/targets/announced-program.js';
import { describeEnd } from '../../bench/targets/child-program.js';
import { startTarget } from '../../bench/targets/start-target.js';
import { plainDemand, type Target } from '../../bench/targets/target.js';
import type { StatsDocument } from '../../server/documents.js';
import { serverOptionTable } from '../../server/options.js';

/** What can be soaked: our server, or one that leaks native memory or JS heap with each connection, which has to be found. */
export const soakServers = ['uws', 'leak-native', 'leak-js'] as const;

/** One of {@link soakServers}. */
export type SoakServer = (typeof soakServers)[number];

/** A server, and how it is asked for its counts. */
export interface RunningServer {
  readonly target: Target;
  /** The process that starts the workers and serves no connections itself; undefined if there is none. */
  readonly supervisorPid: number | undefined;
  readonly adminUrl: string | undefined;
  /** Reads its counts once no connection is open any more; undefined if it has none, or does not answer. */
  readonly readTotals: () => Promise<StatsDocument | undefined>;
}

const knownTarget = fileURLToPath(new URL('../ground-truth/known-target.js', import.meta.url));

/** The kernel spreads connections unevenly over the workers, so each has room for more than its share. */
const roomFactor = 2;

const stopGraceMs = 15_000;

/** How long the server may take to close its side of the last connections, and its workers to report it. */
const settleTimeoutMs = 15_000;
const settlePauseMs = 500;

/**
 * Starts a server, its processes with agents. The leaking ones leak `leakBytes` with each connection.
 * @throws {RunError} if it does not start.
 */
export async function startSoakServer(
  server: SoakServer,
  leakBytes: number,
  connections: number,
  agents: AgentClients,
): Promise<RunningServer> {
  if (server !== 'uws') {
    const target = await startLeaking(`--${server}=${leakBytes}B`, agents);
    return {
      target,
      supervisorPid: undefined,
      adminUrl: undefined,
      readTotals: () => Promise.resolve(undefined),
    };
  }
  const target = await startTarget(
    {
      kind: 'bundled',
      name: 'uws',
      greeting: serverOptionTable.greeting.default,
      compression: 'off',
      workers: 'auto',
    },
    { ...plainDemand(roomFactor * connections), agents },
  );
  const adminUrl = String(target.facts['admin_url']);
  return {
    target,
    supervisorPid: target.rootPid,
    adminUrl,
    readTotals: () => readSettled(`${adminUrl}/stats`),
  };
}

async function startLeaking(leak: string, agents: AgentClients): Promise<Target> {
  const { program, firstLine } = await startAnnouncedProgram({
    name: 'leaking server',
    command: process.execPath,
    args: [knownTarget, '--port=0', leak],
    hasChannel: true,
    environment: agents.environment,
  });
  const { url } = JSON.parse(firstLine) as { readonly url: string };
  return {
    name: 'leaking',
    url,
    isShared: false,
    rootPid: program.pid,
    facts: {},
    agents,
    readStats: () => Promise.resolve(undefined),
    ended: program.ended.then((end) => `the leaking server ${describeEnd(end)}`),
    stop: async () => {
      await program.stop(stopGraceMs);
      return undefined;
    },
    kill: program.kill,
  };
}

async function readSettled(url: string): Promise<StatsDocument | undefined> {
  for (let waitedMs = 0; ; waitedMs += settlePauseMs) {
    const stats = await readDocument(url);
    // A worker reports each second, so that the first figures without connections may yet lack messages.
    if (stats?.connections === 0) {
      await sleep(2 * settlePauseMs + 500);
      return readDocument(url);
    }
    if (waitedMs >= settleTimeoutMs) return stats;
    await sleep(settlePauseMs);
  }
}

async function readDocument(url: string): Promise<StatsDocument | undefined> {
  try {
    return (await (await fetch(url)).json()) as StatsDocument;
  } catch {
    // It has ended, or hangs: that there are no counts is reported.
    return undefined;
  }
}
