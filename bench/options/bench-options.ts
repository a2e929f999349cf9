import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { formatDuration } from '../../program/quantities.js';
import type { GreetingExpectation } from '../../loadgen/plan/greeting.js';
import { type ClientOptions, findClientContradictions } from '../../loadgen/plan/client-options.js';
import { isReplacing } from '../../loadgen/plan/behaviour.js';
import {
  behaviourOf,
  findTemplateProblems,
  hasSilentEnds,
  nameFiles,
} from '../../loadgen/plan/client-plan.js';
import { findUrlProblem } from '../../loadgen/plan/options.js';
import {
  isGiven,
  type OptionValues,
  readOptions,
  throwProblems,
} from '../../program/option-table.js';
import { benchOptionTable } from './option-table.js';
import { canTraceStacks, heaptrackMissing } from '../targets/stack-tracing.js';
import type { TargetChoice } from '../targets/target.js';

/** The checked options of one run. */
export type BenchOptions = Omit<
  OptionValues<typeof benchOptionTable>,
  | 'target'
  | 'exec'
  | 'cwd'
  | 'pid'
  | 'url'
  | 'adminUrl'
  | 'wait'
  | 'greeting'
  | 'compression'
  | 'workers'
  | 'uws'
  | 'spread'
> & {
  readonly target: TargetChoice;
  /** Whether the clients fill the workers of our own server one after the other. */
  readonly fillsInTurn: boolean;
  readonly expectedGreeting: GreetingExpectation;
};

/** Fewest samples within a rest: the floor is their median. */
const samplesPerRest = 2;
const shortestIntervalMs = 100;

/**
 * Reads and checks the options of a parsed `bench` command.
 * @throws {UsageError} naming every problem with them.
 */
export function readBenchOptions(command: Command): BenchOptions {
  const values = readOptions(command, benchOptionTable);
  throwProblems([
    ...findClientContradictions((name) => isGiven(command, name)),
    ...durationProblems(values),
    ...(values.waves !== 'auto' && isGiven(command, 'maxTime')
      ? ['--max-time is for --waves auto: a number of waves takes as long as it takes']
      : []),
    ...(values.against !== undefined && values.summaryMd === undefined
      ? ['--against is for --summary-md, which tells the differences: tidemark compare does too']
      : []),
    ...targetProblems(values),
    ...clientProblems(values),
    ...spreadProblems(values),
  ]);
  const target = chooseTarget(values);
  return {
    ...values,
    target,
    fillsInTurn:
      values.spread === 'in-turn' ||
      (values.spread === 'auto' && values.rate === 'max' && canFillInTurn(values)),
    expectedGreeting: expectGreeting(
      values.greeting,
      target.kind !== 'bundled' && !isGiven(command, 'greeting'),
    ),
  };
}

type Values = OptionValues<typeof benchOptionTable>;

/** Only our own server has ports for its workers; the generators of `--generators` each fill all of them at once. */
function canFillInTurn(values: Values): boolean {
  const { target = 'uws', exec, pid, generators } = values;
  const isOurs = target === 'uws' && exec === undefined && pid === undefined;
  return isOurs && generators.length === 0 && !isReplacing(behaviourOf(values, true));
}

function spreadProblems(values: Values): string[] {
  if (values.spread !== 'in-turn' || canFillInTurn(values)) return [];
  return [
    '--spread in-turn is for the uws target and connections that stay open, without --generators',
  ];
}

/** Says what is wrong with the durations of a run, in words. */
export function durationProblems({
  interval,
  rest,
  hold,
}: Pick<Values, 'interval' | 'rest' | 'hold'>): string[] {
  const problems: string[] = [];
  if (interval < shortestIntervalMs) {
    problems.push(`--interval ${formatDuration(interval)} is too short: at least 100ms`);
  }
  for (const [flag, duration] of [
    ['--rest', rest],
    ['--hold', hold],
  ] as const) {
    if (duration >= samplesPerRest * interval) continue;
    problems.push(
      `${flag} ${formatDuration(duration)} is too short: at least ${samplesPerRest} times the interval of ${formatDuration(interval)}`,
    );
  }
  return problems;
}

/** Says what is wrong with what the clients are to say, in words. */
export function clientProblems(
  values: ClientOptions & Pick<Values, 'url' | 'connections'> & { generators?: readonly string[] },
): string[] {
  const { url = 'ws://localhost', connections, generators = [] } = values;
  if (findUrlProblem(url) !== undefined) return [];
  if (generators.length > 0 && nameFiles(url, values)) {
    return [
      '{line:FILE} and --send @FILE name files of this machine, which --generators can not read',
    ];
  }
  if (generators.length > 0 && hasSilentEnds(values)) {
    return [
      '--end silent needs the generator on this machine: those of --generators take no other run while they keep connections',
    ];
  }
  return findTemplateProblems(url, values, connections);
}

/** The options that say which server is measured. */
export type TargetValues = Pick<
  Values,
  | 'target'
  | 'exec'
  | 'cwd'
  | 'pid'
  | 'url'
  | 'adminUrl'
  | 'attach'
  | 'wait'
  | 'greeting'
  | 'compression'
  | 'workers'
  | 'uws'
  | 'allocator'
  | 'stacks'
  | 'tracemalloc'
  | 'snapshots'
  | 'agent'
>;

/** Says what is wrong with the choice of the target, in words. */
export function targetProblems(values: TargetValues): string[] {
  const problems: string[] = [];
  const chosen = (['target', 'exec', 'pid'] as const).filter((name) => values[name] !== undefined);
  const isForeign = values.exec !== undefined || values.pid !== undefined;
  if (chosen.length > 1) {
    problems.push(
      `${chosen.map((name) => `--${name}`).join(' and ')} exclude each other: give one`,
    );
  }
  if (isForeign && values.url === undefined) {
    problems.push('--exec and --pid need --url, the WebSocket address to connect to');
  }
  if (!isForeign && values.url !== undefined) {
    problems.push(
      '--url needs --exec or --pid: memory can be measured only of a process that is known',
    );
  }
  const urlProblem = values.url === undefined ? undefined : findUrlProblem(values.url);
  if (urlProblem !== undefined) problems.push(`--url ${urlProblem}`);
  if (isForeign && values.compression !== undefined) {
    problems.push('--compression is for the bundled targets: other servers set their own');
  }
  const isPeer = values.target === 'ws' || values.target === 'netty';
  if (isPeer && !['off', 'deflate', undefined].includes(values.compression)) {
    problems.push(`--compression of the ${values.target} target is off or deflate`);
  }
  if (values.cwd !== undefined && values.exec === undefined) {
    problems.push('--cwd is the folder of the command of --exec');
  }
  if (values.cwd !== undefined && !isFolder(values.cwd)) {
    problems.push(`--cwd ${JSON.stringify(values.cwd)} is not a folder`);
  }
  if (values.attach && values.pid === undefined) {
    problems.push('--attach is for a server that is watched by --pid: others are asked anyway');
  }
  if (values.adminUrl !== undefined && values.pid === undefined) {
    problems.push('--admin-url is for a server that is watched by --pid');
  }
  if (values.pid !== undefined && values.allocator !== 'glibc') {
    problems.push('--allocator is for a target that is started: --pid runs already');
  }
  for (const name of ['tracemalloc', 'snapshots'] as const) {
    if (values[name] && (values.pid !== undefined || !values.agent)) {
      problems.push(`--${name} needs the agent, in a target that is started`);
    }
  }
  if (values.tracemalloc && values.stacks) {
    problems.push('--tracemalloc and --stacks exclude each other: each would trace the other');
  }
  if (values.stacks) problems.push(...stackProblems(values));
  if ((isForeign || isPeer) && values.workers !== 'auto') {
    problems.push('--workers is for the uws target: other servers set their own');
  }
  if (isPeer && values.uws !== undefined) {
    problems.push('--uws is for the uws target');
  }
  return problems;
}

function stackProblems({ pid, allocator }: TargetValues): string[] {
  if (pid !== undefined) return ['--stacks is for a target that is started: --pid runs already'];
  if (allocator === 'jemalloc') {
    return ['--stacks traces the malloc of the C library: it goes without --allocator jemalloc'];
  }
  return canTraceStacks() ? [] : [heaptrackMissing];
}

/** Returns the target that the options choose; they have no problems. */
export function chooseTarget(values: TargetValues): TargetChoice {
  const { exec, cwd, pid, url = '', adminUrl, wait } = values;
  if (exec !== undefined) return { kind: 'command', command: exec, url, cwd };
  if (pid !== undefined) {
    return { kind: 'process', pid, url, adminUrl, mayAsk: values.attach, waitMs: wait };
  }
  const { target: name = 'uws', greeting, workers, uws } = values;
  const { compression = name === 'uws' ? 'off' : 'deflate' } = values;
  return { kind: 'bundled', name, greeting, compression, workers, uws };
}

/** Returns what the clients expect on open: what a foreign server writes is known only if the user said so. */
export function expectGreeting(text: string | undefined, isUnknown: boolean): GreetingExpectation {
  if (isUnknown) return { kind: 'any' };
  return text === undefined ? { kind: 'none' } : { kind: 'text', text };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
