import { planWorkers } from '../../machine/worker-plan.js';
import { readMachineLimits } from '../../machine/machine-limits.js';
import type { ListeningDocument } from '../../server/documents.js';
import { describeBinding } from '../../server/native-binding.js';
import { describeEnd, tidemarkProgram } from './child-program.js';
import type { Target, TargetChoice, TargetDemand } from './target.js';
import { startAnnouncedProgram } from './announced-program.js';
import { readStats } from './server-stats.js';

/** The server closes its connections within its own time limit of 10 s; this is a little more. */
const stopGraceMs = 15_000;

/** Starts our own uWebSockets.js server on free ports and waits until all of its workers accept connections. */
export async function startUwsServer(
  choice: Extract<TargetChoice, { kind: 'bundled' }>,
  demand: TargetDemand,
): Promise<Target> {
  const { program, firstLine } = await startAnnouncedProgram({
    name: 'server',
    command: process.execPath,
    args: [tidemarkProgram, 'server', ...serverArguments(choice, demand)],
    hasChannel: true,
    niceness: demand.niceness,
    environment: { ...demand.environment, ...demand.preload, ...demand.agents?.environment },
    ...(demand.output === undefined ? {} : { output: demand.output }),
  });
  const document = JSON.parse(firstLine) as ListeningDocument;
  return {
    name: 'uws',
    url: document.url,
    ...(demand.fillsInTurn ? { workerUrls: document.worker_urls } : {}),
    isShared: false,
    rootPid: program.pid,
    build: describeBinding(document.uws),
    facts: { ...document, greeting: choice.greeting, compression: choice.compression },
    ...(demand.agents === undefined ? {} : { agents: demand.agents }),
    readStats: () => readStats(`${document.admin_url}/stats`),
    ended: program.ended.then((end) => `the server (pid ${program.pid}) ${describeEnd(end)}`),
    stop: async () => {
      const end = await program.stop(stopGraceMs);
      return end.code === 0 ? undefined : `the server ${describeEnd(end)}`;
    },
    kill: program.kill,
  };
}

function serverArguments(
  choice: Extract<TargetChoice, { kind: 'bundled' }>,
  demand: TargetDemand,
): string[] {
  const { openFiles, cores } = readMachineLimits();
  const plan = planWorkers({
    connections: demand.connections,
    openFileLimit: openFiles,
    cores,
    isEven: demand.fillsInTurn,
    ...(choice.workers === 'auto' ? {} : { workers: choice.workers }),
  });
  const { greeting, uws } = choice;
  return [
    '--json',
    '--port=0',
    '--admin-port=0',
    `--workers=${plan.workers}`,
    `--max-connections=${plan.maxConnections}`,
    ...(demand.fillsInTurn ? ['--worker-ports'] : []),
    `--compression=${choice.compression}`,
    ...(uws === undefined ? [] : [`--uws=${uws}`]),
    greeting === undefined ? '--no-greeting' : `--greeting=${greeting}`,
  ];
}
