import { formatBytes, formatCount } from '../../program/quantities.js';
import { median } from '../../bench/results/wave-figures.js';
import { type BenchmarkResults, findPeer, medians, type RampPair } from './results.js';

/** What we want to reach, and what was measured. */
export interface TargetRow {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  /** undefined if it was not measured. */
  readonly isMet: boolean | undefined;
}

const kibibyte = 1024;

/** Holds what was measured against what we want to reach. */
export function checkTargets(results: BenchmarkResults): TargetRow[] {
  const uws = medians(findPeer(results.servers, 'uws'));
  const ws = medians(findPeer(results.servers, 'ws'));
  const bun = medians(findPeer(results.servers, 'Bun'));
  const ours = medians(findPeer(results.generators, 'tidemark'));
  const baseline = medians(findPeer(results.generators, 'C,'));
  const bareUws = medians(findPeer(results.servers, 'uWebSockets.js alone'));
  const bareSockets = medians(findPeer(results.generators, 'Node’s TCP sockets'));
  const { ramps, sampler, churn, growth } = results;
  const million = growth.find(({ connections }) => connections >= 1_000_000);
  const [smallest] = ramps;
  const size = formatCount(smallest?.figures.connections ?? 400_000);
  const pairs = ramps.filter(
    ({ figures }) => figures.connections === smallest?.figures.connections,
  );
  const millionPair = ramps.find(({ figures }) => figures === million);
  const bunRatio = ratio(uws?.cpuMicrosPerConnection, bun?.cpuMicrosPerConnection);
  const echoToBun = ratio(uws?.cpuMicrosPerEcho, bun?.cpuMicrosPerEcho);
  const echoToWs = ratio(uws?.cpuMicrosPerEcho, ws?.cpuMicrosPerEcho);
  const overBareUws = ratio(uws?.cpuMicrosPerConnection, bareUws?.cpuMicrosPerConnection);
  const echoOverBareUws = ratio(uws?.cpuMicrosPerEcho, bareUws?.cpuMicrosPerEcho);
  const ramp = median(pairs.map(({ figures }) => figures.rampSeconds));
  const atLeastHalf = (value: number): boolean => value >= 0.5;
  return [
    row(
      `the C client’s own ramp of ${size} ÷ ours`,
      '0.50 or more',
      median(pairs.map(rampRatio)),
      atLeastHalf,
      (value) =>
        `${value.toFixed(2)}: ${seconds(median(pairs.map(({ cSeconds }) => cSeconds)))} ÷ ${seconds(ramp)}`,
    ),
    row(
      'the C client’s own ramp of 1,000,000 ÷ ours',
      '0.50 or more',
      millionPair === undefined ? undefined : rampRatio(millionPair),
      atLeastHalf,
      (value) =>
        `${value.toFixed(2)}: ${seconds(millionPair?.cSeconds)} ÷ ${seconds(million?.rampSeconds)}`,
    ),
    row(
      'rate of its last tenth ÷ that of its first',
      '0.50 or more',
      million?.lastTenthOverFirst,
      atLeastHalf,
      twoDigits,
    ),
    row(
      'CPU of 1,000,000 idle connections, server',
      '5 % of a core or less',
      million?.idleTargetCpuPercent,
      5,
      percent,
    ),
    row(
      'CPU of 1,000,000 idle connections, generators',
      '5 % of a core or less',
      million?.idleLoadgenCpuPercent,
      5,
      percent,
    ),
    row(
      'memory used in all at 1,000,000, by `free`',
      '12 GB or less',
      million?.memoryUnavailableBytes,
      12e9,
      (bytes) => `${(bytes / 1e9).toFixed(1)} GB`,
    ),
    row('connections lost at 1,000,000', '0', million?.summary.connections_lost, 0, String),
    row(
      `private bytes of the server per connection at ${size}`,
      '560 B or less at 400,000',
      median(pairs.map(({ figures }) => figures.privateBytesPerConnection)),
      560,
      formatBytes,
    ),
    row(
      'server CPU per connection opened and greeted, over Bun’s',
      '1.00 or less',
      bunRatio,
      1,
      (value) => `${value.toFixed(2)}: ${micros(uws?.cpuMicrosPerConnection)}`,
    ),
    row(
      'server CPU per echo, over Bun’s',
      '1.05 or less',
      echoToBun,
      1.05,
      (value) => `${value.toFixed(2)}: ${micros(uws?.cpuMicrosPerEcho)}`,
    ),
    row(
      'server CPU per connection, over uWebSockets.js alone',
      '1.10 or less',
      overBareUws,
      1.1,
      twoDigits,
    ),
    row(
      'server CPU per echo, over uWebSockets.js alone',
      '1.10 or less',
      echoOverBareUws,
      1.1,
      twoDigits,
    ),
    row('server CPU per echo, over that of ws', '0.6 or less', echoToWs, 0.6, twoDigits),
    row(
      'generator CPU per connection, over the C client’s',
      '2.5 or less',
      ratio(ours?.cpuMicrosPerConnection, baseline?.cpuMicrosPerConnection),
      2.5,
      (value) => `${value.toFixed(2)}: ${micros(ours?.cpuMicrosPerConnection)}`,
    ),
    row(
      'generator CPU per connection, over Node’s TCP sockets alone',
      '1.30 or less',
      ratio(ours?.cpuMicrosPerConnection, bareSockets?.cpuMicrosPerConnection),
      1.3,
      twoDigits,
    ),
    row(
      'generator PSS per connection',
      '3.0 KiB or less',
      ours?.pssBytesPerConnection,
      3 * kibibyte,
      formatBytes,
    ),
    row(
      `sampler, ${sampler.fewProcesses.targetProcesses} target processes at 1 s`,
      '1 % of a core or less',
      sampler.fewProcesses.samplerCpuPercent,
      1,
      percent,
    ),
    row(
      `sampler, ${million?.targetProcesses ?? 54} target processes at 1 s`,
      '8 % of a core or less',
      million?.samplerCpuPercent,
      8,
      percent,
    ),
    row(
      `sampler, ${sampler.manyProcesses.targetProcesses} target processes at 1 s`,
      '8 % of a core or less',
      sampler.manyProcesses.samplerCpuPercent,
      8,
      percent,
    ),
    row(
      'counting what is held, at a floor of 10,000 connections',
      '500 ms or less',
      growth.find(({ connections }) => connections === 10_000)?.floorCountingMs,
      500,
      (value) => `${value.toFixed(0)} ms`,
    ),
    row(
      'churn of 2,000/s with 50,000 open, generator lag p99',
      'under 50 ms',
      churn?.lagP99Ms,
      50,
      (ms) => `${ms.toFixed(1)} ms at ${perSecond(churn?.achievedPerSecond)}`,
    ),
  ];
}

/** How fast our ramp is, as a share of the C client's own. */
function rampRatio({ figures, cSeconds }: RampPair): number {
  return cSeconds / figures.rampSeconds;
}

function seconds(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(0)} s`;
}

function row(
  what: string,
  target: string,
  value: number | undefined,
  bound: number | ((value: number) => boolean),
  format: (value: number) => string,
): TargetRow {
  return {
    what,
    target,
    measured: value === undefined ? 'not measured' : format(value),
    isMet: value === undefined ? undefined : isWithin(value, bound),
  };
}

/** A number is the most that a figure may come to. */
function isWithin(value: number, bound: number | ((value: number) => boolean)): boolean {
  return typeof bound === 'number' ? value <= bound : bound(value);
}

function ratio(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined ? undefined : value / base;
}

const twoDigits = (value: number): string => value.toFixed(2);

function micros(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(1)} µs`;
}

function perSecond(value: number | undefined): string {
  return value === undefined ? '–' : `${formatCount(value)}/s`;
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}
