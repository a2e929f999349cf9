import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { planWorkers } from '../../capacity/worker-plan.js';
import { readMachineLimits } from '../../capacity/machine-limits.js';
import { messageOf, RunError } from '../../options/failure.js';
import { type ListeningDocument, type StatsDocument } from '../../server/documents.js';
import { describeEnd } from '../child-program.js';
import type { TargetChoice } from '../options.js';
import { tidemarkProgram } from '../tidemark-program.js';
import { startAnnouncedProgram } from './announced-program.js';
import type { Target, TargetDemand, TargetStats } from './target.js';

/** The server closes its connections within its own time limit of 10 s; this is a little more. */
const stopGraceMs = 15_000;

/** One connection for all questions: `fetch()` costs the sampler twice the CPU, 4.2 instead of 2.1 ms. */
const keptOpen = new Agent({ keepAlive: true, maxSockets: 1 });

/** Longest wait for `/stats`; a row without the target's figures is better than a row too late. */
const statsTimeoutMs = 2000;

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
    environment: { ...demand.environment, ...demand.agents?.environment },
  });
  const document = JSON.parse(firstLine) as ListeningDocument;
  return {
    name: 'uws',
    url: document.url,
    rootPid: program.pid,
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
    ...(choice.workers === 'auto' ? {} : { workers: choice.workers }),
  });
  const { greeting } = choice;
  return [
    '--json',
    '--port=0',
    '--admin-port=0',
    `--workers=${plan.workers}`,
    `--max-connections=${plan.maxConnections}`,
    `--compression=${choice.compression}`,
    greeting === undefined ? '--no-greeting' : `--greeting=${greeting}`,
  ];
}

async function readStats(url: string): Promise<TargetStats | undefined> {
  let document: StatsDocument;
  try {
    const request = get(url, { agent: keptOpen, signal: AbortSignal.timeout(statsTimeoutMs) });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await text(response);
    if (response.statusCode !== 200) return undefined;
    document = JSON.parse(body) as StatsDocument;
  } catch (error) {
    // Busy, or ending: the row goes without. A server that has ended is noticed by its process.
    if (error instanceof SyntaxError) throw new RunError(`Cannot read ${url}: ${messageOf(error)}`);
    return undefined;
  }
  return {
    connections: document.connections,
    openedTotal: document.connections_opened_total,
    greetingsSentTotal: document.greetings_sent_total,
    workersRestartedTotal: document.workers_restarted_total,
    processes: [{ ...document.supervisor, connections: undefined }, ...document.workers],
  };
}
