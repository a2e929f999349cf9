import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { readMachineFacts } from './doctor/read-machine-facts.js';
import { columnsOf, exitStatus, messageOf, peopleStream, RunError } from '../program/failure.js';
import { addGuidance } from '../program/guidance.js';
import { addOptions } from '../program/option-table.js';
import { reportName, writeReport } from './report/write-report.js';
import { checkAssertion, formatOutcome } from './assertions/outcome.js';
import { killAllPrograms } from './targets/child-program.js';
import { watchSignals } from './ending.js';
import { runExperiment } from './experiment.js';
import { type BenchOptions, readBenchOptions } from './options/bench-options.js';
import { benchOptionTable } from './options/option-table.js';
import { demandOf, refuseTheImpossible } from './doctor/preflight.js';
import { canRedraw, openLiveView } from './terminal/live-view/live-view.js';
import { createProgressLines, noProgress, type Progress } from './terminal/progress.js';
import { formatPlan, planBench } from './doctor/run-plan.js';
import { createRunFolder, defaultRunFolder } from './results/run-folder.js';
import type { RunSummary } from './results/summary.js';
import { checkProcess } from './targets/running-process.js';
import { formatSummary } from './terminal/tables.js';
import { maskSecrets, toJson } from '../program/secrets.js';
import { describeEvent } from './results/run-event.js';
import { describeLost } from './verdict/reliability.js';
import { readEarlierRun, refuseUnwritable, writeCiFiles } from './ci/ci-files.js';

const examples = [
  {
    line: 'tidemark bench',
    does: '10,000 connections at 2,000/s to our own server, 4 waves',
  },
  {
    line: 'tidemark bench --exec "node server.js" --url ws://127.0.0.1:3000',
    does: 'your own server, started and ended with the run',
  },
  {
    line: 'tidemark bench --pid 4711 --url ws://127.0.0.1:8080 --deflate',
    does: 'a server that runs already, with clients that offer compression',
  },
  {
    line: 'tidemark bench --connections 400000 --rate max --waves 1 --hold 30s',
    does: 'as many as fit, as fast as they come',
  },
  {
    line: 'tidemark bench --connections 1000000 --rate max --plan',
    does: 'how many processes that would take, and why; runs nothing',
  },
  {
    line: "tidemark bench --quiet --assert 'bytes_per_connection<2KiB'",
    does: 'a budget in CI: exit status 3 if a connection takes more',
  },
];

/** Adds `tidemark bench`. */
export function addBenchCommand(program: Command): void {
  const command = program
    .command('bench')
    .description('Runs waves of connections against a server and records where its memory goes.');
  addOptions(command, benchOptionTable);
  addGuidance(command, benchOptionTable, examples);
  command.action(async () => {
    await runBench(readBenchOptions(command));
  });
}

async function runBench(options: BenchOptions): Promise<void> {
  refuseTheImpossible(options);
  const people = peopleStream(options.json);
  if (options.plan) {
    printPlan(options, people);
    return;
  }
  const writeLine = (line: string): void => {
    people.write(`${maskSecrets(line)}\n`);
  };
  if (options.target.kind === 'process') {
    const note = await checkProcess(options.target);
    if (note !== undefined) writeLine(note);
  }
  refuseUnwritable(options);
  const earlier = readEarlierRun(options);
  const signals = watchSignals(killAllPrograms);
  const folder = createRunFolder(options.out ?? defaultRunFolder(new Date()));
  const { outShownIn } = options;
  const shownFolder =
    outShownIn === undefined ? folder.path : join(outShownIn, basename(folder.path));
  const progress = createProgress(options, people, signals.interrupted);
  try {
    const summary = await runExperiment(options, folder, progress, signals.interrupted).finally(
      progress.end,
    );
    drawReport(folder.path, writeLine);
    signals.release();
    if (options.json) process.stdout.write(`${toJson(summary)}\n`);
    writeLine(formatSummary(summary, columnsOf(people)));
    const checked = options.assert.map((assertion) => {
      const outcome = checkAssertion(assertion, summary);
      writeLine(formatOutcome(assertion, outcome));
      return { assertion, outcome };
    });
    writeLine(`Results: ${shownFolder}`);
    const failure = findFailure(summary);
    writeCiFiles(options, summary, checked, failure, earlier);
    if (failure !== undefined) {
      throw new RunError(`${failure}; ${summary.samples} samples are kept in ${shownFolder}`);
    }
    const isAssertionFailed = checked.some(({ outcome }) => outcome.state !== 'holds');
    if (isAssertionFailed) process.exitCode = exitStatus.assertionFailed;
  } finally {
    folder.close();
  }
}

function printPlan(options: BenchOptions, people: NodeJS.WriteStream): void {
  const plan = planBench(demandOf(options), readMachineFacts());
  if (options.json) process.stdout.write(`${JSON.stringify(plan)}\n`);
  people.write(`${formatPlan(plan)}\n`);
}

/** Draws the report of a run, however that ended. A report that can't be drawn does not change how the run ended. */
function drawReport(folder: string, writeLine: (line: string) => void): void {
  try {
    writeReport(folder);
  } catch (error) {
    writeLine(`tidemark: the run has no ${reportName}: ${messageOf(error)}`);
  }
}

/** A view that is redrawn in place in a terminal, lines for pipes and files. */
function createProgress(
  options: BenchOptions,
  people: NodeJS.WriteStream,
  interrupted: AbortSignal,
): Progress {
  if (options.quiet) return noProgress;
  if (canRedraw(people, process.env)) return openLiveView(options, people, interrupted);
  return createProgressLines(options.waves, (line) => {
    people.write(`${line}\n`);
  });
}

/** Says why a run failed, or is not to be trusted; undefined if it is. */
function findFailure(summary: RunSummary): string | undefined {
  if (summary.outcome !== 'completed') return summary.reason ?? summary.outcome;
  const restarted = summary.target_workers_restarted ?? 0;
  if (restarted > 0) {
    const died = describeLost(summary.events);
    const told = died === undefined ? '' : ` (${died})`;
    const why =
      summary.oom_kill === undefined ? told : ' (killed by the kernel because memory ran out)';
    return `${restarted} of the target's workers died during the run${why} and were replaced, so its memory can't be compared`;
  }
  const stood = summary.events.find(({ kind }) => kind === 'frozen');
  if (stood !== undefined) return `${describeEvent(stood)}, so the figures can't be compared`;
  return summary.discrepancies.length === 0 ? undefined : 'The counts do not add up, see above';
}
