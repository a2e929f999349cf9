import { median, type MemoryFigure } from '../../results/wave-figures.js';
import type { NamedLatencies } from '../charts/latency-chart.js';
import { formatValue } from '../embedded/format-value.js';
import type { StoredRun } from '../../results/read-run.js';
import type { RunFacts } from '../facts/run-facts.js';

/** A figure that people look for first. */
export interface Card {
  readonly label: string;
  readonly value: string;
  /** What it compares with, or what it is made of. */
  readonly note: string;
}

/** Chooses the figures that come first. One that could not be had is `–`. */
export function writeCards(
  run: StoredRun,
  facts: RunFacts,
  latencies: readonly NamedLatencies[],
): Card[] {
  return [
    costCard(facts),
    staysCard(facts),
    kernelCard(facts),
    peakCard(run),
    connectionsCard(run),
    rateCard(run),
    latencyCard(latencies),
    cpuCard(run),
  ];
}

function costCard({ cost }: RunFacts): Card {
  const label = 'Memory per open connection';
  if (cost === undefined) return { label, value: '–', note: 'no ramp was sampled' };
  const { slope, low, high } = cost;
  return {
    label,
    value: formatValue(slope, 'bytes'),
    note: `95 % interval ${formatValue(low, 'bytes')} to ${formatValue(high, 'bytes')}; private memory`,
  };
}

function staysCard({ judgements: [whole] }: RunFacts): Card {
  const peak = whole?.peak_growth_bytes;
  return {
    label: 'Stays after the last wave',
    value: formatValue(whole?.retained_bytes, 'bytes'),
    note:
      peak === undefined
        ? 'no wave was finished'
        : `of ${formatValue(peak, 'bytes')} above the baseline at the peak`,
  };
}

function kernelCard({ waves }: RunFacts): Card {
  const middle = (figure: MemoryFigure): number | undefined =>
    median(waves.map(({ memory }) => memory?.per_connection_over_baseline[figure]));
  const ofTarget = middle('cgroup_kernel_bytes');
  const ofMachine = middle('kernel_bytes');
  const card = (bytes: number | undefined, note: string): Card => ({
    label: 'Kernel, per connection',
    value: formatValue(bytes, 'bytes'),
    note,
  });
  if (ofTarget !== undefined) {
    return card(ofTarget, 'charged to the target’s control group: its own end');
  }
  if (ofMachine === undefined) return card(undefined, 'needs root and /proc/slabinfo');
  return ofMachine > 0
    ? card(ofMachine, 'sockets and buffers, of the whole machine')
    : card(undefined, 'other programs closed more sockets than this run opened');
}

function peakCard({ rows }: StoredRun): Card {
  let highest: (typeof rows)[number] | undefined;
  for (const row of rows) {
    if ((row.rss_bytes ?? -1) > (highest?.rss_bytes ?? -1)) highest = row;
  }
  return {
    label: 'Peak resident memory',
    value: formatValue(highest?.rss_bytes, 'bytes'),
    note:
      highest?.rss_bytes === undefined
        ? 'never measured'
        : `after ${formatValue(highest.elapsed_s, 'seconds')}, with ${formatValue(highest.connections, 'count')} open`,
  };
}

function connectionsCard({ rows, summary }: StoredRun): Card {
  const last = rows.at(-1);
  const opened = summary?.connections_opened ?? last?.connections_opened_total;
  const asked = summary?.connections_asked;
  const failed = summary?.connect_errors ?? last?.connect_errors_total;
  const lost = summary?.connections_lost ?? last?.connections_lost_total;
  const greeted = summary?.greetings_received ?? last?.greetings_received_total;
  const count = (value: number | undefined): string => formatValue(value, 'count');
  return {
    label: 'Connections opened',
    value: count(opened),
    note: `${asked === undefined ? '' : `of ${count(asked)} asked; `}${count(greeted)} greeted, ${count(failed)} failed, ${count(lost)} lost`,
  };
}

function rateCard({ rows, summary }: StoredRun): Card {
  const ramps = rows.filter(({ phase }) => phase === 'ramp');
  const achieved =
    summary?.connect_rate_per_s ?? median(ramps.map((row) => row.connect_rate_per_s));
  const asked = summary?.connect_rate_asked_per_s;
  return {
    label: 'Connect rate',
    value: formatValue(achieved, 'per_second'),
    note:
      typeof asked === 'number'
        ? `of ${formatValue(asked, 'per_second')} asked; median over the waves`
        : asked === 'max'
          ? `as fast as possible${summary?.worker_spread === 'in-turn' ? ', one worker after the other' : ''}; median over the waves`
          : 'median over the samples of the ramps',
  };
}

function latencyCard(latencies: readonly NamedLatencies[]): Card {
  const connect = latencies.find(({ name }) => name === 'connect')?.latencies;
  return {
    label: 'Connect latency, p99',
    value: formatValue(connect?.percentileMs(99), 'milliseconds'),
    note:
      connect === undefined
        ? 'in the summary only'
        : `half within ${formatValue(connect.percentileMs(50), 'milliseconds')}, all within ${formatValue(connect.percentileMs(100), 'milliseconds')}`,
  };
}

function cpuCard({ rows }: StoredRun): Card {
  const active = rows.filter(({ phase }) => phase === 'ramp' || phase === 'drain');
  const middle = (pick: (row: (typeof rows)[number]) => number | undefined): string =>
    formatValue(median(active.map(pick)), 'percent');
  return {
    label: 'CPU of the target at work',
    value: middle((row) => row.cpu_percent),
    note: `generator ${middle((row) => row.loadgen_cpu_percent)}, sampler ${middle((row) => row.sampler_cpu_percent)}; 100 % is one core`,
  };
}
