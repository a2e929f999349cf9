import { type Allocator, allocators } from '../targets/allocator.js';
import { type Assertion, parseAssertions } from '../assertions/assertion.js';
import {
  formatDuration,
  orAuto,
  parsePositiveNumber,
  parseTimerMs,
  parseWholeNumber,
} from '../../program/quantities.js';
import { clientOptions } from '../../loadgen/plan/client-options.js';
import { type Route, spreads } from '../../loadgen/connection/route.js';
import { loadgenOptions } from '../../loadgen/plan/options.js';
import { profilePath } from '../measure/live/go-heap.js';
import { autoWaves, type Waves } from './wave-plan.js';
import { choiceOption, option, switchOption } from '../../program/option-table.js';
import { compressionModes } from '../../server/compression.js';
import { serverOptionTable } from '../../server/options.js';
import { type BundledTarget, bundledTargets } from '../targets/target.js';

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
  spread: choiceOption<'auto' | Route['spread']>({
    group: load,
    summary:
      'how connections reach the workers of our own server; in-turn: they fill one after the other, each at a port of its own; even: the kernel spreads them over one port; auto: in-turn at --rate max',
    choices: ['auto', ...spreads],
    default: 'auto',
  }),
  deflate: option<boolean>({
    group: load,
    summary: 'have the clients offer permessage-deflate',
    parse: (text) => text === 'true',
    default: false,
    negation: { summary: 'do not offer permessage-deflate (default)', value: false },
  }),
  ...clientOptions,
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
  waves: option<Waves>({
    group: waves,
    argument: 'N|auto',
    summary: `how often to ramp, hold, drain and rest; auto: ${autoWaves.fewest} times, then on until the verdict is clear, up to ${autoWaves.most} times`,
    parse: orAuto((text) => parseWholeNumber(text, 1)),
    default: 'auto',
  }),
  maxTime: durationOption(
    waves,
    'with --waves auto: no wave begins that would end later than this',
    30 * 60_000,
  ),
  hold: durationOption(waves, 'how long all connections stay open', 5000),
  rest: durationOption(waves, 'how long to wait with none open before the floor is read', 5000),
  trim: switchOption(
    waves,
    'after the last floor, have the allocator give back what it keeps free, and say how much came back: JVMs by jcmd, Python programs by their agent',
  ),
  baseline: durationOption(waves, 'how long to watch the target before the first wave', 3000),
  target: choiceOption<BundledTarget | undefined>({
    group: target,
    argument: 'NAME',
    summary: `bundled server to start: ${bundledTargets.join(', ')} (default: uws)`,
    choices: bundledTargets,
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
  attach: switchOption(
    target,
    'with --pid: have the server collect its garbage and count what is alive, though others may use it: a Node program through its inspector (SIGUSR1), a JVM by jcmd, a Go program by net/http/pprof; it stands still meanwhile',
  ),
  pprofUrl: option<string | undefined>({
    group: target,
    argument: 'URL',
    summary:
      'where a Go target serves net/http/pprof, such as http://127.0.0.1:6060: what is alive on its heap is counted after a collection (default: the address of --url, for a target that is started)',
    parse: (text) => `${parseHttpAddress(text).replace(/\/debug\/pprof.*$/, '')}${profilePath}`,
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
  compression: {
    ...textOption(
      target,
      'MODE',
      'compression of a bundled target: off, shared, dedicated-3kb … dedicated-256kb for uws (default: off); off or deflate for the others (default: deflate, which is used if the clients offer it)',
    ),
    choices: [...compressionModes, 'deflate'],
  },
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
  allocator: choiceOption<Allocator>({
    group: target,
    argument: 'NAME',
    summary: `malloc of a target that is started: ${allocators.join(', ')}`,
    choices: allocators,
    default: 'glibc',
  }),
  agent: option<boolean>({
    group: target,
    summary:
      'preload an agent into Node and Python programs of a target that is started: it tells their heaps, and collects garbage before a floor is read',
    parse: (text) => text === 'true',
    default: true,
    negation: { summary: 'start the target as it is', value: false },
  }),
  sites: option<boolean>({
    group: target,
    summary:
      'with the agent: sample what Node programs allocate, so that the lines can be named whose objects a connection holds',
    parse: (text) => text === 'true',
    default: true,
    negation: { summary: 'take no samples', value: false },
  }),
  snapshots: switchOption(
    target,
    'with the agent: have Node programs take a heap snapshot whenever they are counted, so that the classes can be named whose objects stay, and what keeps them; they stand still for seconds, so it is for small waves',
  ),
  tracemalloc: switchOption(
    target,
    'with the agent: have Python programs trace what they allocate, so that the lines can be named whose objects a connection holds; they need about twice the memory and time',
  ),
  stacks: switchOption(
    target,
    'trace under heaptrack where a target that is started calls malloc, so that the functions can be named whose blocks a connection holds: slower, with figures of its own',
  ),
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
  junit: textOption(
    output,
    'FILE',
    'write what came of the assertions as a JUnit report, for CI servers',
  ),
  summaryMd: textOption(
    output,
    'FILE',
    'add a short summary in Markdown to this file, such as $GITHUB_STEP_SUMMARY; also for an issue',
  ),
  against: textOption(
    output,
    'RUN',
    'folder of an earlier run: --summary-md also tells what the key figures differ by from it, and whether that is more than noise',
  ),
  out: textOption(output, 'DIR', 'folder for the results (default: results/<UTC time>)'),
  outShownIn: textOption(
    output,
    'DIR',
    'where people find that folder, if not where the bench does, such as on the host of its container; it is named so',
  ),
  plan: switchOption(
    output,
    'print how many processes the run would have, and why, and run nothing',
  ),
  json: switchOption(output, 'print summary.json on standard output, all else on standard error'),
  quiet: switchOption(output, 'show no progress'),
};

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

function parseHttpAddresses(text: string): readonly string[] {
  return text.split(',').map((each) => parseHttpAddress(each.trim()));
}

/** Returns the address without a slash at its end. */
function parseHttpAddress(text: string): string {
  if (URL.canParse(text) && new URL(text).protocol === 'http:') return text.replace(/\/+$/, '');
  throw new RangeError(`${JSON.stringify(text)} is not an http:// address`);
}
