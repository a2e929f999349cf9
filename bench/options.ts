import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { type Allocator, allocators } from './targets/allocator.js';
import { type Assertion, parseAssertions } from './assertions/assertion.js';
import { orAuto, parseChoice } from '../program/choice.js';
import type { GreetingExpectation } from '../loadgen/greeting.js';
import { findUrlProblem, loadgenOptions } from '../loadgen/options.js';
import {
  isGiven,
  option,
  type OptionValues,
  readOptions,
  switchOption,
  throwProblems,
} from '../program/option-table.js';
import {
  formatDuration,
  parsePositiveNumber,
  parseTimerMs,
  parseWholeNumber,
} from '../program/quantities.js';
import { serverOptionTable } from '../server/options.js';

/** Targets that the bench starts by name: our own server, and peers to compare it with. */
export const bundledTargets = ['uws', 'ws', 'netty'] as const;

/** A target that the bench starts by name. */
export type BundledTarget = (typeof bundledTargets)[number];

const load = 'Load';
const waves = 'Waves';
const target = 'Target';
const output = 'Output';

/** Every option of `tidemark bench`. */
export const benchOptionTable = {
  connections: option({
    group: load,
    argument: 'N',
    summary: 'connections to open in each wave',
    parse: (text) => parseWholeNumber(text, 1),
    default: 10_000,
  }),
  rate: option<number | 'max'>({
    group: load,
    argument: 'R|max',
    summary: 'connections per second; max: as fast as the generator can',
    parse: (text) => (text === 'max' ? text : parsePositiveNumber(text)),
    default: 2000,
  }),
  deflate: option<boolean>({
    group: load,
    summary: 'have the clients offer permessage-deflate',
    parse: (text) => text === 'true',
    default: false,
    negation: { summary: 'do not offer permessage-deflate (default)', value: false },
  }),
  messageRate: { ...loadgenOptions.messageRate, group: load },
  payloadSize: { ...loadgenOptions.payloadSize, group: load },
  processes: { ...loadgenOptions.processes, group: load },
  insecure: { ...loadgenOptions.insecure, group: load },
  ca: { ...loadgenOptions.ca, group: load },
  sourceIps: { ...loadgenOptions.sourceIps, group: load },
  generators: option<readonly string[]>({
    group: load,
    argument: 'URL,…',
    summary:
      'load generators that wait (tidemark loadgen --stand-by), such as http://loadgen:9091: all that these names lead to share the connections',
    parse: parseHttpAddresses,
    default: [],
    defaultText: 'one is started here',
  }),
  waves: option({
    group: waves,
    argument: 'N',
    summary: 'how often to ramp, hold, drain and rest',
    parse: (text) => parseWholeNumber(text, 1),
    default: 4,
  }),
  hold: durationOption(waves, 'how long all connections stay open', 5000),
  rest: durationOption(waves, 'how long to wait with none open before the floor is read', 5000),
  baseline: durationOption(waves, 'how long to watch the target before the first wave', 3000),
  target: option<BundledTarget | undefined>({
    group: target,
    argument: 'NAME',
    summary: `bundled server to start: ${bundledTargets.join(', ')} (default: uws)`,
    parse: (text) => parseChoice(text, bundledTargets),
    default: undefined,
  }),
  exec: textOption(target, 'COMMAND', 'start this command as the target (needs --url)'),
  cwd: textOption(target, 'DIR', 'folder in which the command of --exec runs (default: this one)'),
  pid: option<number | 'auto' | undefined>({
    group: target,
    argument: 'PID|auto',
    summary: 'watch a server that runs already (needs --url); auto: the one that listens there',
    parse: orAuto((text) => parseWholeNumber(text, 1)),
    default: undefined,
  }),
  adminUrl: option<string | undefined>({
    group: target,
    argument: 'URL|auto',
    summary:
      'admin port of a tidemark server that is watched by --pid, such as http://127.0.0.1:9090: its JS heap and its own counts; auto: port 9090 of the same host, if one is there',
    parse: orAuto(parseHttpAddress),
    default: undefined,
  }),
  wait: durationOption(target, 'how long a server that is watched may take until it listens', 2000),
  url: textOption(target, 'URL', 'ws:// or wss:// address of the target of --exec or --pid'),
  greeting: option<string | undefined>({
    group: target,
    argument: 'TEXT',
    summary: 'what the target writes on open, checked on each connection',
    parse: (text) => text,
    default: serverOptionTable.greeting.default,
    negation: { summary: 'the target writes nothing on open', value: undefined },
  }),
  compression: textOption(
    target,
    'MODE',
    'compression of a bundled target: off, shared, dedicated-3kb … dedicated-256kb for uws (default: off); off or deflate for the others (default: deflate, which is used if the clients offer it)',
  ),
  workers: option<number | 'auto'>({
    group: target,
    argument: 'N|auto',
    summary: 'worker processes of the uws target; auto: what cores and files ask for',
    parse: orAuto((text) => parseWholeNumber(text, 1)),
    default: 'auto',
  }),
  uws: {
    ...serverOptionTable.uws,
    group: target,
    summary: `of the uws target: ${serverOptionTable.uws.summary}`,
  },
  allocator: option<Allocator>({
    group: target,
    argument: 'NAME',
    summary: `malloc of a target that is started: ${allocators.join(', ')}`,
    parse: (text) => parseChoice(text, allocators),
    default: 'glibc',
  }),
  agent: option<boolean>({
    group: target,
    summary:
      'preload an agent into Node programs of a target that is started: it tells their JS heap, and collects garbage before a floor is read',
    parse: (text) => text === 'true',
    default: true,
    negation: { summary: 'start the target as it is', value: false },
  }),
  interval: durationOption(output, 'time between samples, 100ms or more', 1000),
  assert: option<readonly Assertion[]>({
    group: output,
    argument: 'EXPR',
    summary:
      "what must hold of summary.json, such as 'bytes_per_connection<2KiB', else the exit status is 3; may be repeated",
    parse: parseAssertions,
    default: [],
    defaultText: 'none',
    repeats: true,
  }),
  out: textOption(output, 'DIR', 'folder for the results (default: results/<UTC time>)'),
  plan: switchOption(
    output,
    'print how many processes the run would have, and why, and run nothing',
  ),
  json: switchOption(output, 'print summary.json on standard output, all else on standard error'),
  quiet: switchOption(output, 'show no progress'),
};

/** The server under test, as the user has chosen it. */
export type TargetChoice =
  | {
      readonly kind: 'bundled';
      readonly name: BundledTarget;
      readonly greeting: string | undefined;
      readonly compression: string;
      readonly workers: number | 'auto';
      /** Package folder or `.node` file of uWebSockets.js for our own server; undefined for the installed package. */
      readonly uws?: string | undefined;
    }
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly url: string;
      /** Folder in which it runs; undefined for the present one. */
      readonly cwd?: string | undefined;
    }
  | {
      readonly kind: 'process';
      readonly pid: number | 'auto';
      readonly url: string;
      /** Admin port of a Tidemark server, or `auto` to look for one; undefined for others. */
      readonly adminUrl: string | undefined;
      /** How long it may take until it listens. */
      readonly waitMs: number;
    };

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
> & {
  readonly target: TargetChoice;
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
  throwProblems([...durationProblems(values), ...targetProblems(values)]);
  const target = chooseTarget(values);
  return {
    ...values,
    target,
    expectedGreeting: expectGreeting(
      values.greeting,
      target.kind !== 'bundled' && !isGiven(command, 'greeting'),
    ),
  };
}

type Values = OptionValues<typeof benchOptionTable>;

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

/** The options that say which server is measured. */
export type TargetValues = Pick<
  Values,
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
  | 'allocator'
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
    problems.push(`--cwd ${JSON.stringify(values.cwd)} is no folder`);
  }
  if (values.adminUrl !== undefined && values.pid === undefined) {
    problems.push('--admin-url is for a server that is watched by --pid');
  }
  if (values.pid !== undefined && values.allocator !== 'glibc') {
    problems.push('--allocator is for a target that is started: --pid runs already');
  }
  if ((isForeign || isPeer) && values.workers !== 'auto') {
    problems.push('--workers is for the uws target: other servers set their own');
  }
  if (isPeer && values.uws !== undefined) {
    problems.push('--uws is for the uws target');
  }
  return problems;
}

/** Returns the target that the options choose; they have no problems. */
export function chooseTarget(values: TargetValues): TargetChoice {
  const { exec, cwd, pid, url = '', adminUrl, wait } = values;
  if (exec !== undefined) return { kind: 'command', command: exec, url, cwd };
  if (pid !== undefined) return { kind: 'process', pid, url, adminUrl, waitMs: wait };
  const { target: name = 'uws', greeting, workers, uws } = values;
  const { compression = name === 'uws' ? 'off' : 'deflate' } = values;
  return { kind: 'bundled', name, greeting, compression, workers, uws };
}

/** Returns what the clients expect on open: what a foreign server writes is known only if the user said so. */
export function expectGreeting(text: string | undefined, isUnknown: boolean): GreetingExpectation {
  if (isUnknown) return { kind: 'any' };
  return text === undefined ? { kind: 'none' } : { kind: 'text', text };
}

function durationOption(group: string, summary: string, defaultMs: number) {
  return option({
    group,
    argument: 'DURATION',
    summary,
    parse: parseTimerMs,
    default: defaultMs,
    defaultText: formatDuration(defaultMs),
  });
}

function textOption(group: string, argument: string, summary: string) {
  return option<string | undefined>({
    group,
    argument,
    summary,
    parse: (text) => text,
    default: undefined,
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function parseHttpAddresses(text: string): readonly string[] {
  return text.split(',').map((each) => parseHttpAddress(each.trim()));
}

/** Returns the address without a slash at its end. */
function parseHttpAddress(text: string): string {
  if (URL.canParse(text) && new URL(text).protocol === 'http:') return text.replace(/\/+$/, '');
  throw new RangeError(`${JSON.stringify(text)} is not an http:// address`);
}
