import { setTimeout as sleep } from 'node:timers/promises';
import { endAtOnce } from '../../bench/targets/child-program.js';
import { readProcessTree } from '../../machine/procfs/read-procfs.js';
import { type Baselines, measureEchoes, openConnections } from './baselines.js';
import type { ServerPeer } from './server-peers.js';
import { readTreeCost } from './tree-cost.js';

/** What connections and echoes cost a server. */
export interface ServerFigures {
  /** Growth of resident memory per open connection, in bytes. */
  readonly rssBytesPerConnection: number;
  /** CPU to open and greet a connection, in microseconds. */
  readonly cpuMicrosPerConnection: number;
  /** Connections opened per second by the C client, which also waits for the greeting. */
  readonly connectionsPerSecond: number;
  readonly echoesPerSecond: number;
  /** CPU to take and answer a 100-byte message, in microseconds. */
  readonly cpuMicrosPerEcho: number;
}

/** How much is asked of each server. */
export interface ServerLoad {
  readonly connections: number;
  readonly echoSeconds: number;
}

/** How long a server may take to be idle after its start, and after its last connection, in milliseconds. */
const settleMs = 1000;

/** Starts a server, has it hold connections, then answer echoes, and ends it. */
export async function measureServer(
  peer: ServerPeer,
  folder: string,
  { connect, echo }: Baselines,
  load: ServerLoad,
): Promise<ServerFigures> {
  const target = await peer.start(folder);
  try {
    await sleep(settleMs);
    const { port } = new URL(target.url);
    const before = readTreeCost(target.rootPid);
    const held = await openConnections(connect, port, load.connections);
    await sleep(settleMs);
    const holding = readTreeCost(target.rootPid);
    await endAtOnce(held.program);
    await sleep(settleMs);
    const pids = readProcessTree([target.rootPid]);
    const echoes = await measureEchoes(echo, port, load.echoSeconds, pids);
    return {
      rssBytesPerConnection: (holding.rssBytes - before.rssBytes) / load.connections,
      cpuMicrosPerConnection: (1e6 * (holding.cpuSeconds - before.cpuSeconds)) / load.connections,
      connectionsPerSecond: held.perSecond,
      echoesPerSecond: echoes.perSecond,
      cpuMicrosPerEcho: echoes.serverMicros,
    };
  } finally {
    await endAtOnce(target);
  }
}
