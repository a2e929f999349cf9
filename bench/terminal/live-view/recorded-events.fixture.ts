/** What a live view is told, for its tests. */
import { type LoadCounts, noCounts } from '../../../loadgen/report/counts.js';
import { type SampleRow, sampleColumns } from '../../results/sample-columns.js';
import { beginLiveState, follow, type LiveEvent, type LiveState } from './live-state.js';

const mebibyte = 1024 ** 2;

/** 10,000 connections at 2,000/s, 2 waves with 5 s of hold and of rest, after a baseline of 3 s. */
export const plan = {
  connections: 10_000,
  waves: 2,
  rate: 2000,
  baseline: 3000,
  hold: 5000,
  rest: 5000,
} as const;

/** Returns a sample with all that is not given empty. */
export function sampleOf(cells: Partial<SampleRow>): SampleRow {
  const empty = Object.fromEntries(Object.keys(sampleColumns).map((name) => [name, undefined]));
  return { ...empty, timestamp: '', wave: 0, phase: 'baseline', ...cells } as SampleRow;
}

/** Returns counts of a wave in which so many have opened, and so many failed. */
export function countsOf(
  opened: number,
  errors: LoadCounts['errors'] = {},
  failed = 0,
): LoadCounts {
  return {
    ...noCounts(),
    connections_asked_total: opened + failed,
    connections_attempted_total: opened + failed,
    connections_opened_total: opened,
    greetings_received_total: opened,
    connect_errors_total: failed,
    connections: opened,
    errors,
    errors_total: Object.values(errors).reduce((sum, count) => sum + count, 0),
  };
}

/** A sample of the baseline: 100 MiB of RSS, of them 20 JS heap, 10 malloc and 70 other. */
export const atBaseline: LiveEvent = {
  kind: 'sample',
  row: sampleOf({
    rss_bytes: 100 * mebibyte,
    js_heap_resident_bytes: 20 * mebibyte,
    native_bytes: 80 * mebibyte,
    native_malloc_bytes: 10 * mebibyte,
    kernel_sockets_bytes: 4 * mebibyte,
    kernel_tcp_buffers_bytes: 0,
    cpu_percent: 1,
    sampler_cpu_percent: 2,
  }),
};

/** A sample of the first ramp, 12 MiB more: 2 in the JS heap and 10 in malloc. */
export const inRamp: LiveEvent = {
  kind: 'sample',
  row: sampleOf({
    wave: 1,
    phase: 'ramp',
    rss_bytes: 112 * mebibyte,
    js_heap_resident_bytes: 22 * mebibyte,
    native_bytes: 90 * mebibyte,
    native_malloc_bytes: 20 * mebibyte,
    kernel_sockets_bytes: 40 * mebibyte,
    kernel_tcp_buffers_bytes: mebibyte,
    cpu_percent: 85.4,
    loadgen_cpu_percent: 60,
    loadgen_lag_ms: 3.2,
    sampler_cpu_percent: 2,
  }),
};

/** The first ramp, 2 s after its beginning, which was 4 s after that of the run. */
export const rampEvents: readonly LiveEvent[] = [
  atBaseline,
  { kind: 'phase', position: { wave: 1, phase: 'ramp' }, atMs: 4000 },
  inRamp,
  { kind: 'counts', wave: 1, counts: countsOf(4000) },
];

/** When {@link rampEvents} have happened, in milliseconds. */
export const rampNowMs = 6000;

/** Returns the state of a run that began at 0 ms after these events. */
export function stateAfter(...events: readonly LiveEvent[]): LiveState {
  return events.reduce(follow, beginLiveState(plan, 0));
}
