/**
 * Measures server, generator and bench against each other and against their peers: `npm run benchmark` in under three
 * minutes, `npm run benchmark -- --full` for all of it. Prints Markdown, and writes it with the raw figures to a folder.
 */
import { Command, CommanderError } from 'commander';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAtOnce, killAllPrograms } from '../../bench/targets/child-program.js';
import { killAllOnSignal } from '../../bench/ending.js';
import { describeEnvironment } from '../../bench/results/environment.js';
import { localGenerator } from '../../bench/load/generator-run.js';
import { plainDemand } from '../../bench/targets/target.js';
import { startTarget } from '../../bench/targets/start-target.js';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { exitStatus, messageOf, RunError, UsageError } from '../../program/failure.js';
import { addOptions, readOptions, switchOption, option } from '../../program/option-table.js';
import { parseWholeNumber } from '../../program/quantities.js';
import { type Baselines, compileBaselines, missingForBaselines } from './baselines.js';
import { runBench } from './bench-runs.js';
import { measureCRamp } from './c-ramp.js';
import { generatorPeers } from './generator-peers.js';
import { writeMarkdown } from './markdown.js';
import { measureServer } from './measure-servers.js';
import type { BenchmarkResults, ChurnFigures, PeerResult, RampPair } from './results.js';
import { greeting, serverPeers } from './server-peers.js';

const optionTable = {
  full: switchOption('Benchmark', 'all of it, with a million connections: about half an hour'),
  runs: option<number | undefined>({
    group: 'Benchmark',
    argument: 'N',
    summary: 'how often each peer is measured (default: 1, with --full 3)',
    parse: (text) => parseWholeNumber(text, 1, 99),
    default: undefined,
  }),
  out: option<string | undefined>({
    group: 'Benchmark',
    argument: 'FOLDER',
    summary: 'where the results go (default: results/benchmark-<UTC time>)',
    parse: (text) => text,
    default: undefined,
  }),
};

/** Connections of each peer: all have them in one process, within an open-file limit of 20,000. */
const serverConnections = 15_000;
const generatorConnections = 18_000;

const command = new Command('benchmark').exitOverride();
addOptions(command, optionTable);
killAllOnSignal('Interrupted: no results\n');
try {
  command.parse();
  await main();
} catch (error) {
  killAllPrograms();
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  }
  if (!(error instanceof RunError) && !(error instanceof UsageError)) throw error;
  process.stderr.write(`benchmark: ${messageOf(error)}\n`);
  return error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
}

async function main(): Promise<void> {
  const { full, runs = full ? 3 : 1, out } = readOptions(command, optionTable);
  const missing = missingForBaselines();
  if (missing !== undefined) throw new RunError(`Cannot compile the C baselines: ${missing}`);
  const began = new Date();
  const folder =
    out ?? join('results', `benchmark-${began.toISOString().replaceAll(':', '-').slice(0, 19)}Z`);
  const scratch = mkdtempSync(join(tmpdir(), 'tidemark-benchmark-'));
  try {
    const results = await measureAll(scratch, full, runs);
    const environment = describeEnvironment();
    const markdown = writeMarkdown(results, {
      command: `npm run benchmark -- ${full ? '--full ' : ''}--runs ${runs}`,
      runs,
      machine: `${environment.cores} cores (${environment.processor ?? 'unknown'}), ${(environment.memory_bytes / 1e9).toFixed(0)} GB, ${environment.distribution ?? ''}, Linux ${environment.kernel}, open-file limit ${environment.open_file_limit.toLocaleString('en-US')}`,
      versions: `Node ${environment.node_version}, ws ${environment.dependencies['ws'] ?? ''}`,
      minutes: (Date.now() - began.getTime()) / 60_000,
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'benchmark.md'), `${markdown}\n`);
    writeFileSync(
      join(folder, 'benchmark.json'),
      `${JSON.stringify({ began_at: began.toISOString(), environment, results }, undefined, 2)}\n`,
    );
    process.stdout.write(`${markdown}\n`);
    process.stderr.write(`Results: ${folder}\n`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measureAll(scratch: string, full: boolean, runs: number): Promise<BenchmarkResults> {
  const baselines = compileBaselines(scratch);
  const echoSeconds = full ? 5 : 2;
  const servers = await measurePeers(serverPeers, runs, (peer) =>
    measureServer(peer, scratch, baselines, { connections: serverConnections, echoSeconds }),
  );
  const generators = await measureGenerators(scratch, baselines, runs);
  const ramps = [];
  for (let run = 1; run <= runs; run++) {
    ramps.push(await measureRamps(scratch, baselines, full ? 400_000 : 60_000, '10s'));
  }
  const sampler = {
    fewProcesses: await tell('sampler, few processes', () =>
      runBench(scratch, 2000, '--workers=1', `--hold=${full ? 30 : 8}s`),
    ),
    manyProcesses: await tell('sampler, many processes', () =>
      runBench(scratch, 2000, '--workers=24', `--hold=${full ? 30 : 8}s`),
    ),
  };
  const churn = full ? await tell('churn', measureChurn) : undefined;
  const growth = [];
  for (const connections of full ? [1000, 10_000, 100_000] : []) {
    growth.push(
      await tell(`${connections} connections`, () =>
        runBench(scratch, connections, '--rate=max', '--hold=10s'),
      ),
    );
  }
  if (full) {
    const million = await measureRamps(scratch, baselines, 1_000_000, '60s');
    ramps.push(million);
    growth.push(million.figures);
  }
  return { servers, generators, ramps, sampler, churn, growth };
}

/** Measures each peer that is there, in turns, so that what changes on the machine meets all alike. */
async function measurePeers<
  Peer extends { name: string; missing: () => string | undefined },
  Figures,
>(
  peers: readonly Peer[],
  runs: number,
  measure: (peer: Peer) => Promise<Figures>,
): Promise<PeerResult<Figures>[]> {
  const found = peers.map((peer) => ({ peer, missing: peer.missing(), runs: [] as Figures[] }));
  for (let run = 1; run <= runs; run++) {
    for (const each of found) {
      if (each.missing !== undefined) continue;
      each.runs.push(await tell(`${each.peer.name}, ${run} of ${runs}`, () => measure(each.peer)));
    }
  }
  return found.map(({ peer: { name }, missing, runs: done }) =>
    missing === undefined ? { name, runs: done } : { name, skipped: missing },
  );
}

/** Has every generator open connections to a server of its own: the same one, fresh each time. */
function measureGenerators(
  scratch: string,
  baselines: Baselines,
  runs: number,
): Promise<BenchmarkResults['generators']> {
  return measurePeers(generatorPeers, runs, (generator) =>
    withOurServer(scratch, (port) => generator.measure(port, generatorConnections, baselines)),
  );
}

/** One after the other, so that what changes on the machine meets both. */
async function measureRamps(
  scratch: string,
  { connect }: Baselines,
  connections: number,
  hold: string,
): Promise<RampPair> {
  const figures = await tell(`ramp of ${connections}`, () =>
    runBench(scratch, connections, '--rate=max', `--hold=${hold}`),
  );
  const cSeconds = await tell(`the C client's ramp of ${connections}`, () =>
    measureCRamp(connect, connections),
  );
  return { figures, cSeconds };
}

async function withOurServer<Value>(
  scratch: string,
  use: (port: string) => Promise<Value>,
): Promise<Value> {
  const ours = serverPeers.find(
    (peer) => peer.name.startsWith('uws') && peer.missing() === undefined,
  );
  if (ours === undefined) throw new RunError('no native build of uWebSockets.js loads here');
  const target = await ours.start(scratch);
  try {
    return await use(new URL(target.url).port);
  } finally {
    await endAtOnce(target);
  }
}

/** Has 2,000 connections a second close and open again while 50,000 are open. */
async function measureChurn(): Promise<ChurnFigures> {
  const open = 50_000;
  const ratePerSecond = 2000;
  let summary: SummaryLine | undefined;
  const server = await startTarget(
    { kind: 'bundled', name: 'uws', greeting, compression: 'off', workers: 'auto' },
    plainDemand(open),
  );
  try {
    const run = await localGenerator(30_000)(
      [
        server.url,
        `--connections=${open}`,
        `--rate=${ratePerSecond}`,
        `--lifetime=${open / ratePerSecond}s`,
        '--duration=60s',
      ],
      (line) => {
        if (line.kind === 'summary') summary = line;
      },
    );
    const end = await run.ended;
    if (summary === undefined) throw new RunError(`the load generator ${end} without a summary`);
    return {
      open,
      ratePerSecond,
      achievedPerSecond: summary.rate_achieved_per_s,
      lagP99Ms: summary.latency.lag.p99_ms,
    };
  } finally {
    await endAtOnce(server);
  }
}

async function tell<Value>(what: string, measure: () => Promise<Value>): Promise<Value> {
  process.stderr.write(`${what} …\n`);
  return measure();
}
