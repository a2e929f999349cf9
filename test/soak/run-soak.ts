/**
 * Asks whether Tidemark itself leaks: `npm run soak`, `npm run soak -- --duration 30m`. Puts a steady load of connections that
 * come and go and of echoes on our own server, and judges the memory of server, supervisor, generators, coordinator and sampler. Prints
 * a Markdown table. Exit status 0 if nothing grows and all counts agree; 1 if something does, can't be told, or went wrong; 2
 * for a wrong command line.
 */
import { Command, CommanderError } from 'commander';
import { watchSignals } from '../../bench/ending.js';
import { defaultRunFolder } from '../../bench/results/run-folder.js';
import { killAllPrograms } from '../../bench/targets/child-program.js';
import { exitStatus, messageOf, RunError, UsageError } from '../../program/failure.js';
import { addOptions, option, readOptions } from '../../program/option-table.js';
import {
  parseChoice,
  parseSizeBytes,
  parseWholeNumber,
  timerOfAtLeast,
} from '../../program/quantities.js';
import { isLeakFree, judgeRole } from './judge-role.js';
import { growthBoundsOf } from './roles.js';
import { soak, type SoakPlan, type SoakResult } from './soak.js';
import { type SoakServer, soakServers } from './soak-server.js';
import { describeTotals, formatSoak } from './soak-table.js';

const [load, measuring] = ['Load', 'Measuring'];

const optionTable = {
  duration: option({
    group: load,
    argument: 'DURATION',
    summary: 'how long the load lasts',
    parse: timerOfAtLeast(5000),
    default: 600_000,
    defaultText: '10m',
  }),
  connections: option({
    group: load,
    argument: 'N',
    summary: 'connections that are open at once, about',
    parse: (text) => parseWholeNumber(text, 1, 100_000),
    default: 10_000,
  }),
  rate: option({
    group: load,
    argument: 'N',
    summary: 'connections opened per second, and as many closed',
    parse: (text) => parseWholeNumber(text, 1, 10_000),
    default: 500,
  }),
  messageRate: option({
    group: load,
    argument: 'N',
    summary: 'messages per second, each of which is echoed; 0: none',
    parse: (text) => parseWholeNumber(text, 0, 100_000),
    default: 5000,
  }),
  server: option<SoakServer>({
    group: load,
    argument: 'NAME',
    summary: `${soakServers.join(', ')}: our server, or one with a leak, which has to be found`,
    parse: (text) => parseChoice(text, soakServers),
    default: 'uws',
  }),
  leak: option({
    group: load,
    argument: 'SIZE',
    summary: 'what the ones with a leak leak with each connection',
    parse: parseSizeBytes,
    default: 200,
    defaultText: '200B',
  }),
  warmUp: option<number | undefined>({
    group: measuring,
    argument: 'DURATION',
    summary: 'how long memory is not judged at first',
    parse: timerOfAtLeast(0),
    default: undefined,
    defaultText: 'a fifth of --duration',
  }),
  sampleInterval: option({
    group: measuring,
    argument: 'DURATION',
    summary: 'time between two samples, before each of which garbage is collected',
    parse: timerOfAtLeast(500),
    default: 10_000,
    defaultText: '10s',
  }),
  out: option<string | undefined>({
    group: measuring,
    argument: 'FOLDER',
    summary: 'where samples.csv goes',
    parse: (text) => text,
    default: undefined,
    defaultText: 'results/<time>-soak',
  }),
};

type Options = ReturnType<typeof readOptions<typeof optionTable>>;

const command = new Command('soak').exitOverride();
addOptions(command, optionTable);
try {
  command.parse();
  process.exitCode = await run(readOptions(command, optionTable));
} catch (error) {
  if (error instanceof UsageError || error instanceof RunError) {
    process.stderr.write(`soak: ${messageOf(error)}\n`);
    process.exitCode = error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  } else throw error;
}

async function run(options: Options): Promise<number> {
  const signals = watchSignals(killAllPrograms);
  try {
    const plan = planOf(options);
    const result = await soak(plan, signals.interrupted, (line) => {
      process.stderr.write(`${line}\n`);
    });
    return report(plan, result);
  } finally {
    signals.release();
  }
}

function planOf(options: Options): SoakPlan {
  const { duration, warmUp = duration / 5 } = options;
  if (warmUp >= duration) throw new UsageError('--warm-up has to be shorter than --duration');
  return {
    server: options.server,
    leakBytes: options.leak,
    connections: options.connections,
    connectionsPerSecond: options.rate,
    messagesPerSecond: options.messageRate,
    durationMs: duration,
    warmUpMs: warmUp,
    sampleIntervalMs: options.sampleInterval,
    folder: options.out ?? `${defaultRunFolder(new Date())}-soak`,
  };
}

/** Prints the table and what is wrong, and returns the exit status. */
function report(plan: SoakPlan, { series, summary, seconds, mistakes }: SoakResult): number {
  const judged = [...series].flatMap(([role, each]) =>
    judgeRole(role, each, growthBoundsOf(role, plan.connectionsPerSecond)),
  );
  const opened = summary?.connections_opened_total ?? 0;
  const totals = {
    seconds,
    warmUpSeconds: plan.warmUpMs / 1000,
    connections: opened,
    messages: summary?.echoes_received_total ?? 0,
    errors: summary?.errors_total ?? 0,
  };
  process.stdout.write(
    `${formatSoak(judged, 3600 * plan.connectionsPerSecond)}\n\n${describeTotals(totals)}\n`,
  );
  process.stdout.write(
    mistakes.length === 0
      ? `All counts ${plan.server === 'uws' ? 'of generator and server' : 'of the generator'} agree.\n`
      : `${mistakes.map((mistake) => `Wrong: ${mistake}`).join('\n')}\n`,
  );
  process.stderr.write(`Samples are in ${plan.folder}\n`);
  return isLeakFree(judged) && mistakes.length === 0 ? exitStatus.done : exitStatus.failed;
}
