import { formatBytes, formatCount } from '../../program/quantities.js';
import { type BenchmarkResults, findPeer, medians } from './results.js';

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
  const { ramp, sampler, churn, growth } = results;
  const million = growth.find(({ connections }) => connections >= 1_000_000);
  const rampRatio =
    ramp === undefined ? undefined : ramp.figures.connectionsPerSecond / ramp.baselinePerSecond;
  const bunRatio = ratio(uws?.cpuMicrosPerConnection, bun?.cpuMicrosPerConnection);
  const echoToBun = ratio(uws?.cpuMicrosPerEcho, bun?.cpuMicrosPerEcho);
  const echoToWs = ratio(uws?.cpuMicrosPerEcho, ws?.cpuMicrosPerEcho);
  return [
    row(
      'ramp of 1,000,000 connections, each greeted',
      '120 s or less',
      million?.rampSeconds,
      120,
      (s) => `${s.toFixed(0)} s`,
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
      `server PSS per connection at ${formatCount(ramp?.figures.connections ?? 400_000)}`,
      '0.45 KB or less at 400,000',
      ramp?.figures.pssBytesPerConnection,
      450,
      (bytes) => `${(bytes / 1000).toFixed(2)} KB`,
    ),
    row(
      'server RSS per connection, one process',
      '0.9 KiB or less',
      uws?.rssBytesPerConnection,
      0.9 * kibibyte,
      formatBytes,
    ),
    row(
      'server CPU per connection opened and greeted',
      'level with Bun: 1.1 × or less',
      bunRatio,
      1.1,
      (value) => `${micros(uws?.cpuMicrosPerConnection)}, ${value.toFixed(2)} × Bun`,
    ),
    row(
      'generator CPU per connection',
      '75 µs where the C client takes 18, so 4.2 × C or less',
      ratio(ours?.cpuMicrosPerConnection, baseline?.cpuMicrosPerConnection),
      75 / 18,
      (value) => `${micros(ours?.cpuMicrosPerConnection)}, ${value.toFixed(2)} × C`,
    ),
    row(
      'generator PSS per connection',
      '3.0 KB or less',
      ours?.pssBytesPerConnection,
      3000,
      (bytes) => `${(bytes / 1000).toFixed(1)} KB`,
    ),
    row(
      `ramp end to end, ${formatCount(ramp?.figures.connections ?? 0)} connections, over the C client’s rate`,
      '0.40 or more',
      rampRatio,
      (value) => value >= 0.4,
      (value) => `${value.toFixed(2)}: ${perSecond(ramp?.figures.connectionsPerSecond)}`,
    ),
    row(
      'server CPU per echo, over Bun’s',
      '1.1 or less',
      echoToBun,
      1.1,
      (value) => `${value.toFixed(2)}: ${micros(uws?.cpuMicrosPerEcho)}`,
    ),
    row('server CPU per echo, over that of ws', '0.6 or less', echoToWs, 0.6, (value) =>
      value.toFixed(2),
    ),
    row(
      `sampler, ${sampler.fewProcesses.targetProcesses} target processes at 1 s`,
      '2 % of a core or less',
      sampler.fewProcesses.samplerCpuPercent,
      2,
      percent,
    ),
    row(
      'counting what is held, at the floor of the ramp',
      '500 ms or less',
      ramp?.figures.floorCountingMs,
      500,
      (value) => `${value.toFixed(0)} ms`,
    ),
    row(
      `sampler, ${sampler.manyProcesses.targetProcesses} target processes at 1 s`,
      '10 % of a core or less',
      sampler.manyProcesses.samplerCpuPercent,
      10,
      percent,
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

function micros(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(1)} µs`;
}

function perSecond(value: number | undefined): string {
  return value === undefined ? '–' : `${formatCount(value)}/s`;
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}
