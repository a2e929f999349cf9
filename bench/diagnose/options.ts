import type { Command } from 'commander';
import {
  isGiven,
  option,
  type OptionValues,
  readOptions,
  throwProblems,
} from '../../program/option-table.js';
import { endModes, parseEnds } from '../../loadgen/plan/behaviour.js';
import { findUrlProblem } from '../../loadgen/plan/options.js';
import { clientOptions } from '../../loadgen/plan/client-options.js';
import { type Allocator, allocators, findJemalloc } from '../targets/allocator.js';
import {
  type BenchOptions,
  chooseTarget,
  clientProblems,
  durationProblems,
  expectGreeting,
  targetProblems,
} from '../options/bench-options.js';
import { benchOptionTable } from '../options/option-table.js';
import type { Cell, FactorLevels } from './factors.js';

const { connections, rate, waves, maxTime, hold, rest, baseline, interval, out, json, quiet } =
  benchOptionTable;
const {
  target,
  exec,
  cwd,
  url,
  greeting,
  compression,
  workers,
  uws,
  agent,
  sites,
  stacks,
  pprofUrl,
  processes,
  sourceIps,
  insecure,
  ca,
} = benchOptionTable;

/** Every option of `tidemark diagnose`: those of `bench`, with shorter runs, except for what the experiment varies. */
export const diagnoseOptionTable = {
  connections: { ...connections, default: 2000, summary: 'connections to open in each cell' },
  rate,
  processes,
  sourceIps,
  insecure,
  ca,
  ...clientOptions,
  waves: { ...waves, default: 1, summary: 'waves in each cell' },
  maxTime,
  hold: { ...hold, default: 2000, defaultText: '2s' },
  rest: { ...rest, default: 2000, defaultText: '2s' },
  baseline: { ...baseline, default: 2000, defaultText: '2s' },
  target,
  exec,
  cwd,
  url: { ...url, summary: 'ws:// or wss:// address of the target of --exec' },
  tlsUrl: option<string | undefined>({
    group: url.group,
    argument: 'URL',
    summary: 'wss:// address of the same target, to find out what encryption takes',
    parse: (text) => text,
    default: undefined,
    defaultText: 'encryption is not varied',
  }),
  // Without --no-greeting: whether there is one is what the cells are about.
  greeting: option<string | undefined>({
    group: greeting.group,
    argument: 'TEXT',
    summary: 'the text of the cells that have a greeting',
    parse: greeting.parse,
    default: greeting.default,
  }),
  compression,
  workers,
  uws,
  agent,
  sites,
  stacks: {
    ...stacks,
    summary:
      'then run the most expensive cell once more under heaptrack, and name the functions that call malloc for its connections',
  },
  pprofUrl,
  interval: { ...interval, default: 500, defaultText: '500ms' },
  out,
  json: {
    ...json,
    summary: 'print diagnosis.json on standard output, all else on standard error',
  },
  quiet,
};

/** Each cell has a target of its own, so none that runs already. */
const notWatched = {
  pid: undefined,
  adminUrl: undefined,
  wait: benchOptionTable.wait.default,
};

/** What `bench` can do besides, and no cell is about. */
const leftOut = {
  attach: false,
  tracemalloc: false,
  snapshots: false,
  trim: false,
  plan: false,
  generators: [],
  fillsInTurn: false,
  assert: [],
  junit: undefined,
  summaryMd: undefined,
  against: undefined,
  outShownIn: undefined,
};

type Values = OptionValues<typeof diagnoseOptionTable>;

/** The checked options of one diagnosis. */
export interface DiagnoseOptions extends Pick<
  Values,
  'out' | 'json' | 'quiet' | 'connections' | 'stacks'
> {
  /** The name of the target, for people. */
  readonly target: string;
  readonly factors: FactorLevels;
  /** Returns the options of the run of one cell, with or without stacks traced. */
  readonly runOf: (cell: Cell, stacks: boolean) => BenchOptions;
}

/**
 * Reads and checks the options of a parsed `diagnose` command.
 * @throws {UsageError} naming every problem with them.
 */
export function readDiagnoseOptions(command: Command): DiagnoseOptions {
  const values = readOptions(command, diagnoseOptionTable);
  const chosen = { ...values, ...notWatched, ...leftOut, allocator: 'glibc' as const };
  const problems = [
    ...durationProblems(values),
    ...targetProblems(chosen),
    ...clientProblems(values),
    ...tlsProblems(values),
  ];
  if (values.greeting === '' || values.greeting === undefined) {
    problems.push('--greeting is the text of the cells that have one: give some text');
  }
  throwProblems(problems);
  const isForeign = values.exec !== undefined;
  const isGreetingUnknown = isForeign && !isGiven(command, 'greeting');
  return {
    out: values.out,
    json: values.json,
    quiet: values.quiet,
    connections: values.connections,
    stacks: values.stacks,
    target: values.exec ?? values.target ?? 'uws',
    factors: {
      // What a foreign server writes on open is its own affair.
      messages: isForeign ? ['none', 'echo'] : ['none', 'empty greeting', 'greeting', 'echo'],
      deflate: ['off', 'on'],
      allocator: availableAllocators(),
      tls: values.tlsUrl === undefined ? ['off'] : ['off', 'on'],
      end: endModes,
    },
    runOf: (cell, stacks) => planRun({ ...values, stacks }, isGreetingUnknown, cell),
  };
}

function availableAllocators(): readonly Allocator[] {
  return allocators.filter((name) => name !== 'jemalloc' || findJemalloc() !== undefined);
}

function tlsProblems({ url, tlsUrl, exec }: Values): string[] {
  if (tlsUrl === undefined) return [];
  const problem = findUrlProblem(tlsUrl);
  return [
    ...(exec === undefined ? ['--tls-url is for the target of --exec'] : []),
    ...(problem === undefined ? [] : [`--tls-url ${problem}`]),
    ...(tlsUrl.startsWith('wss:') && url?.startsWith('ws:') === true
      ? []
      : ['--tls-url has to be a wss:// address, and --url a ws:// address']),
  ];
}

/** It gives back in steps, over 10 s (`dirty_decay_ms`), what it has no more use for: sooner, nearly all would seem to stay. */
const jemallocRestMs = 12_000;

/** How many times longer a hold is with stacks. */
const tracedHoldTimes = 3;

function planRun(values: Values, isGreetingUnknown: boolean, { levels }: Cell): BenchOptions {
  const greetings = {
    none: undefined,
    'empty greeting': '',
    greeting: values.greeting,
    echo: undefined,
  };
  const { [levels.messages]: greetingOfCell } = greetings;
  const target = chooseTarget({
    ...values,
    ...notWatched,
    ...leftOut,
    url: levels.tls === 'on' ? values.tlsUrl : values.url,
    greeting: greetingOfCell,
    allocator: levels.allocator,
  });
  return {
    ...values,
    ...leftOut,
    target,
    allocator: levels.allocator,
    // A traced target is slow to answer what it holds, and must do so within the hold.
    hold: values.stacks ? tracedHoldTimes * values.hold : values.hold,
    rest: levels.allocator === 'jemalloc' ? Math.max(values.rest, jemallocRestMs) : values.rest,
    deflate: levels.deflate === 'on',
    expectedGreeting: expectGreeting(greetingOfCell, isGreetingUnknown),
    // Each connection gets its turn within half a second of the hold.
    messageRate:
      levels.messages === 'echo' ? (values.messageRate ?? 2 * values.connections) : undefined,
    end: parseEnds(levels.end),
  };
}
