import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type AdminPort, openAdminPort } from '../program/admin-port.js';
import { endIfHungUp, endingSignals } from '../program/ending-signals.js';
import { exitStatus, messageOf, RunError, UsageError } from '../program/failure.js';
import { addGuidance } from '../program/guidance.js';
import { addOptions, isGiven, readOptions, throwProblems } from '../program/option-table.js';
import { waitUntilListening } from '../program/wait-until-listening.js';
import { Coordinator } from './run/coordinator.js';
import { findTemplateProblems, headersOf, subprotocolsOf } from './plan/client-plan.js';
import { withPresetPath } from './plan/presets.js';
import { planLoad } from './plan/load.js';
import {
  findConflicts,
  findContradictions,
  findUrlProblem,
  loadgenOptions,
  type LoadgenOptions,
  standByPort,
} from './plan/options.js';
import { LoadMetrics, metricsRoutes } from './report/metrics.js';
import type { SummaryLine } from './report/report-lines.js';
import { resolveTarget } from './plan/resolve-target.js';
import { RunOutput } from './run/run-output.js';
import { standBy } from './stand-by/stand-by.js';

/** Time to look names up and start the processes, before the first connection is due. */
const lookUpLeadMs = 3000;

const examples = [
  {
    line: 'tidemark loadgen ws://127.0.0.1:8080 --connections 10000 --hold 30s',
    does: 'opens 10,000 connections, holds them for 30 s and closes them',
  },
  {
    line: 'tidemark loadgen ws://127.0.0.1:8080 --lifetime exp:1s --duration 20s',
    does: '500 opens and closes per second, about 500 open at once',
  },
  {
    line: 'tidemark loadgen wss://[::1]:8443 --message-rate 1000 --duration 1m --json',
    does: '1,000 echoes per second over 1,000 connections; the summary as JSON',
  },
  {
    line: 'tidemark loadgen ws://127.0.0.1:8080 --connections 100',
    does: 'without --duration and --hold they stay open until Ctrl-C',
  },
];

/** Adds `tidemark loadgen` to the program. */
export function addLoadgenCommand(program: Command): void {
  const command = program
    .command('loadgen')
    .description('Opens WebSocket connections to any server, holds, churns and loads them.')
    .argument(
      '[url...]',
      'the server, such as ws://127.0.0.1:8080 or wss://host/path; several share the connections',
    )
    .action(async (urls: readonly string[]) => {
      const options = readRequest(command, urls);
      if (options.standBy) await waitForRuns(options);
      else await run(urls, options);
    });
  addOptions(command, loadgenOptions);
  addGuidance(command, loadgenOptions, examples);
}

/** Reads and checks the command line; reports all problems together. */
function readRequest(command: Command, urls: readonly string[]): LoadgenOptions {
  const isWaiting = command.getOptionValue('standBy') === true;
  const problems: string[] = [];
  if (urls.length === 0 && !isWaiting) problems.push("missing required argument 'url'");
  if (urls.length > 0 && isWaiting)
    problems.push('--stand-by takes no URL: each run brings its own');
  const urlProblems = urls.flatMap((url) => findUrlProblem(url) ?? []);
  problems.push(...urlProblems);
  problems.push(...findContradictions((name) => isGiven(command, name)));
  let options: LoadgenOptions;
  try {
    options = readOptions(command, loadgenOptions);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError([...problems, messageOf(error)].join('; '), { cause: error });
  }
  if (urlProblems.length === 0) {
    problems.push(
      ...urls.flatMap((url) => findTemplateProblems(url, options, options.connections)),
    );
  }
  throwProblems([...problems, ...findConflicts(options)]);
  return options;
}

async function waitForRuns(options: LoadgenOptions): Promise<void> {
  const { adminHost, adminPort = standByPort, json, jsonLines, quiet } = options;
  await standBy({ adminHost, adminPort }, (url) => {
    if (json || jsonLines) process.stdout.write(`${JSON.stringify({ url })}\n`);
    else if (!quiet) process.stderr.write(`Waiting for runs at ${url}\n`);
  });
}

async function run(urls: readonly string[], options: LoadgenOptions): Promise<void> {
  // Names that a cluster hands out may be another server's by then.
  if (options.startAt !== undefined) await sleep(options.startAt - lookUpLeadMs - Date.now());
  // Without time to wait, the connections themselves say what is wrong.
  if (options.wait > 0) {
    await Promise.all(urls.map((url) => waitUntilListening(url, options.wait)));
  }
  const demand = {
    headers: headersOf(options),
    subprotocols: subprotocolsOf(options),
    isDeflateOffered: options.deflate,
    isInsecure: options.insecure,
    canReset: options.end.some(({ mode }) => mode === 'reset'),
    ca: options.ca === undefined ? undefined : readFileSync(options.ca, 'utf8'),
  };
  const [first, ...others] = await Promise.all(
    urls.map((url) => resolveTarget(withPresetPath(url, options.preset), demand)),
  );
  if (first === undefined) throw new UsageError("missing required argument 'url'");
  const { spread, connections } = options;
  const load = planLoad(options, { targets: [first, ...others], spread, connections });
  const output = new RunOutput(options, process.stdout, process.stderr);
  if (options.startAt !== undefined && options.startAt < Date.now()) {
    process.stderr.write('tidemark: --start-at has passed already, starting at once\n');
  }
  output.printLoad(load);
  const metrics = new LoadMetrics();
  const admin = await openMetricsPort(options, metrics);
  const coordinator = new Coordinator(load, (line) => {
    output.printLine(line);
    metrics.take(line);
  });
  const stopListening = interruptOnSignals(coordinator);
  let summary: SummaryLine;
  try {
    summary = await coordinator.run();
    stopListening();
    output.printSummary(summary);
    if (summary.connections_silent > 0 && options.linger > 0) await linger(options.linger);
  } finally {
    stopListening();
    coordinator.release();
    admin?.close();
  }
  endIfHungUp();
  if (summary.outcome !== 'completed') {
    throw new RunError(summary.reason ?? `The run was ${summary.outcome}`);
  }
  if (summary.discrepancies.length > 0) {
    throw new RunError(`The counts do not reconcile: ${summary.discrepancies.join('; ')}`);
  }
}

/** Waits so long, or until a signal, or until the program that started this one is gone. */
async function linger(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    process.once('disconnect', end);
    for (const signal of endingSignals) process.once(signal, end);
  });
}

async function openMetricsPort(
  { adminHost, adminPort }: LoadgenOptions,
  metrics: LoadMetrics,
): Promise<AdminPort | undefined> {
  if (adminPort === undefined) return undefined;
  return openAdminPort(adminHost, adminPort, metricsRoutes(metrics));
}

/** Lets the first signal drain the run and the second one end it at once. Returns what undoes it. */
function interruptOnSignals(coordinator: Coordinator): () => void {
  let hasInterrupted = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (hasInterrupted) {
      coordinator.kill();
      process.exit(exitStatus.failed);
    }
    hasInterrupted = true;
    coordinator.interrupt(`Interrupted by ${signal}`);
  };
  const onDisconnect = (): void => {
    coordinator.interrupt('Interrupted: the program that started this one has ended');
  };
  const onOutputError = (error: Error): void => {
    coordinator.interrupt(`Interrupted: cannot write to standard output: ${error.message}`);
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  process.stdout.on('error', onOutputError);
  // What people are told is lost with their terminal; it must not end the run without a summary.
  process.stderr.on('error', () => undefined);
  // The channel of a parent that forked this program tells of the parent's death; it must not keep it alive.
  process.channel?.unref();
  return () => {
    for (const signal of endingSignals) process.off(signal, onSignal);
    process.off('disconnect', onDisconnect);
  };
}
