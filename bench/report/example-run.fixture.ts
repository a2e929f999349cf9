import type { Phase, SampleRow } from '../results/sample-columns.js';
import { Latencies } from '../../loadgen/report/latencies.js';
import type { StoredRun } from '../results/read-run.js';
import type { StoredSummary } from '../results/read-summary.js';

const mebibyte = 1024 ** 2;
const perConnection = 1024;

/** Where a row of the example stands, and what is open and kept then. */
type Moment = readonly [wave: number, phase: Phase, connections: number, keptMebibytes: number];

/** Two waves of 1,000 connections of 1 KiB each in malloc; 3 MiB stay after the first one. A row each second. */
const moments: readonly Moment[] = [
  [0, 'baseline', 0, 0],
  [0, 'baseline', 0, 0],
  [0, 'baseline', 0, 0],
  ...wave(1, 0),
  ...wave(2, 3),
];

function wave(number: number, keptBefore: number): Moment[] {
  return [
    [number, 'ramp', 500, keptBefore],
    [number, 'hold', 1000, keptBefore],
    [number, 'hold', 1000, keptBefore],
    [number, 'drain', 400, 3],
    [number, 'rest', 0, 3],
    [number, 'rest', 0, 3],
    [number, 'rest', 0, 3],
  ];
}

/** Rows of a small run, made by hand so that what follows from them can be worked out by hand. For tests. */
export const exampleRows: readonly SampleRow[] = moments.map(toRow);

/** A summary to go with {@link exampleRows}. */
export const exampleSummary: StoredSummary = {
  outcome: 'completed',
  target: 'ws',
  allocator: 'glibc',
  tidemark_version: '0.1.0',
  duration_s: 17.5,
  connections: 1000,
  waves_asked: 2,
  waves_completed: 2,
  connections_asked: 2000,
  connections_opened: 2000,
  greetings_received: 2000,
  connections_closed: 2000,
  connections_lost: 0,
  connect_errors: 0,
  messages_sent: 0,
  echoes_received: 0,
  connect_rate_asked_per_s: 1000,
  connect_rate_per_s: 995.5,
  samples_skipped: 0,
  floors_after_gc: true,
  target_facts: {},
  baseline: {},
  waves: [],
  command_line: ['/usr/bin/node', '/opt/tidemark.js', 'bench', '--waves', '2'],
  errors: {},
  error_details: {},
  judgements: [
    {
      owner: 'whole',
      verdict: 'retained',
      reason: '3.00 MiB stay above the baseline',
      peak_growth_bytes: 4 * mebibyte,
      retained_bytes: 3 * mebibyte,
      noise_bytes: 256 * 1024,
      growth_bytes_per_connection: 0,
      growth_bytes_per_connection_low: -2,
      growth_bytes_per_connection_high: 3,
      rise_p: 0.5,
    },
  ],
  discrepancies: [],
  bottlenecks: [],
  events: [],
  latency_histograms: { connect: encodeLatencies(1, 100), greeting: '', echo: '' },
};

/** The example as its folder would be read. */
export const exampleRun: StoredRun = {
  name: 'example',
  rows: exampleRows,
  isCut: false,
  summary: exampleSummary,
  environment: undefined,
  sites: [],
  problems: [],
};

/** Encodes one latency for each whole millisecond of a range. */
export function encodeLatencies(fromMs: number, toMs: number): string {
  const latencies = new Latencies();
  for (let ms = fromMs; ms <= toMs; ms++) latencies.recordMs(ms);
  return latencies.encode();
}

function toRow([waveNumber, phase, connections, keptMebibytes]: Moment, second: number): SampleRow {
  const openedBefore = Math.max(0, waveNumber - 1) * 1000;
  const isRamped = phase === 'baseline' || phase === 'ramp';
  const opened = openedBefore + (isRamped ? connections : 1000);
  const malloc = (10 + keptMebibytes) * mebibyte + connections * perConnection;
  return {
    timestamp: new Date(Date.UTC(2026, 0, 31, 12, 0, second)).toISOString(),
    elapsed_s: second,
    wave: waveNumber,
    phase,
    connections,
    connections_opened_total: opened,
    connections_closed_total: opened - connections,
    greetings_received_total: opened,
    connect_errors_total: 0,
    connect_rate_per_s: phase === 'ramp' ? 500 : 0,
    target_processes: 1,
    cpu_percent: phase === 'ramp' ? 80 : 5,
    rss_bytes: malloc + 150 * mebibyte,
    pss_bytes: malloc + 60 * mebibyte,
    js_heap_used_bytes: 15 * mebibyte,
    js_heap_total_bytes: 25 * mebibyte,
    js_external_bytes: undefined,
    js_array_buffers_bytes: undefined,
    native_bytes: malloc + 130 * mebibyte,
    native_malloc_bytes: malloc,
    native_stacks_bytes: mebibyte,
    native_file_bytes: 120 * mebibyte,
    native_other_bytes: 9 * mebibyte,
    unattributed_bytes: 0,
    kernel_tcp_buffers_bytes: 0,
    kernel_sockets_bytes: 50 * mebibyte + connections * 8192,
    loadgen_cpu_percent: phase === 'ramp' ? 60 : undefined,
    loadgen_rss_bytes: undefined,
    loadgen_lag_ms: undefined,
    sampler_cpu_percent: 2,
    js_heap_resident_bytes: 20 * mebibyte,
    lazy_free_bytes: 0,
    target_connections: connections,
    connections_lost_total: 0,
    messages_sent_total: 0,
    echoes_received_total: 0,
    managed_heap_bytes: undefined,
    cgroup_memory_bytes: undefined,
    cgroup_memory_limit_bytes: undefined,
    cgroup_oom_kills_total: undefined,
    cgroup_kernel_bytes: undefined,
  };
}
