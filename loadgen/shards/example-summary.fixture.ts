import { addCounts } from '../report/counts.js';
import { Latencies } from '../report/latencies.js';
import { reportVersion, type SummaryLine } from '../report/report-lines.js';

/** Returns a summary for tests: a completed run of 10 s that opened, greeted and closed this many connections in 5 s. */
export function exampleSummary(
  opened: number,
  changes: Partial<SummaryLine> = {},
  connectLatenciesMs: readonly number[] = [1, 2, 3],
): SummaryLine {
  const distribution = (...valuesMs: readonly number[]) => {
    const latencies = new Latencies();
    for (const value of valuesMs) latencies.recordMs(value);
    return latencies.summarize();
  };
  return {
    version: reportVersion,
    kind: 'summary',
    url: 'ws://127.0.0.1:1',
    shard_index: 0,
    shard_count: 1,
    started_at: '2026-01-31T12:00:00.000Z',
    ended_at: '2026-01-31T12:00:10.000Z',
    ...addCounts([]),
    connections_asked_total: opened,
    connections_attempted_total: opened,
    connections_opened_total: opened,
    greetings_received_total: opened,
    connections_closed_total: opened,
    processes: 1,
    processes_lost: 0,
    elapsed_s: 10,
    ramp_s: 5,
    peak_connections: opened,
    rate_achieved_per_s: opened / 5,
    churns: false,
    closes_per_s: 0,
    latency: {
      connect: distribution(...connectLatenciesMs),
      greeting: distribution(),
      echo: distribution(),
      lag: distribution(0),
    },
    cpu_percent: 0,
    busiest_process_cpu_percent: 0,
    ramp_cpu_percent: 0,
    busiest_process_ramp_cpu_percent: 0,
    saturated: false,
    saturation: [],
    discrepancies: [],
    outcome: 'completed',
    ...changes,
  };
}
