import { fileURLToPath } from 'node:url';
import { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import { startAnnouncedProgram } from '../../bench/targets/announced-program.js';
import { endAtOnce } from '../../bench/targets/child-program.js';
import type { FuzzTarget } from './fuzz.js';
import type { PlantedFault } from './planted-faults.js';
import { ServerMemory } from './server-memory.js';
import { type ConformanceServer, startConformanceServer } from './servers.js';

const faultyServer = fileURLToPath(new URL('./faulty-server.js', import.meta.url));

/**
 * Runs something with a server of its own, whose processes have agents, and ends the server.
 * @throws {RunError} if it does not start.
 */
export function withServer<Result>(
  server: ConformanceServer,
  use: (target: FuzzTarget) => Promise<Result>,
): Promise<Result> {
  return withTarget(server, (agents) => startConformanceServer(server, false, { agents }), use);
}

/**
 * The same with a `ws` server that has a fault, or none.
 * @throws {RunError} if it does not start.
 */
export function withFaultyServer<Result>(
  fault: PlantedFault,
  use: (target: FuzzTarget) => Promise<Result>,
): Promise<Result> {
  const start = async (agents: AgentClients): Promise<Started> => {
    const { program, firstLine } = await startAnnouncedProgram({
      name: `server with the fault ${fault}`,
      command: process.execPath,
      args: [faultyServer, fault],
      hasChannel: true,
      environment: agents.environment,
    });
    const { url } = JSON.parse(firstLine) as { readonly url: string };
    return { url, rootPid: program.pid, kill: program.kill, ended: program.ended };
  };
  return withTarget('ws', start, use);
}

interface Started {
  readonly url: string;
  readonly rootPid: number;
  readonly kill: () => void;
  readonly ended: Promise<unknown>;
}

async function withTarget<Result>(
  server: ConformanceServer,
  start: (agents: AgentClients) => Promise<Started>,
  use: (target: FuzzTarget) => Promise<Result>,
): Promise<Result> {
  const agents = new AgentClients({
    samplingBytes: undefined,
    tracesPython: false,
    takesSnapshots: false,
  });
  try {
    const started = await start(agents);
    try {
      const memory = new ServerMemory(started.rootPid, agents);
      return await use({ port: Number(new URL(started.url).port), server, memory });
    } finally {
      await endAtOnce(started);
    }
  } finally {
    agents.close();
  }
}
