import Table from 'cli-table3';
import { failureCodes, type FailureCode } from '../report/failure-codes.js';
import { describeGreeting } from '../plan/greeting.js';
import { describeBehaviour } from '../plan/behaviour.js';
import type { Load } from '../plan/load.js';
import { listDetails } from '../report/counts.js';
import { hintAtLosses } from '../report/hopeless.js';
import type { LatencySummary } from '../report/latencies.js';
import type { ProgressLine, SummaryLine } from '../report/report-lines.js';

/** Says in one line what is about to run. */
export function describeLoad(load: Load): string {
  const { options, behaviour, url, assignments, connections, ratePerSecond } = load;
  const parts = [
    `${connections} connections to ${url}`,
    `rate ${ratePerSecond === undefined ? 'max' : `${round(ratePerSecond)}/s`}`,
    `${assignments.length} ${assignments.length === 1 ? 'process' : 'processes'}`,
    `greeting ${describeGreeting(options.greeting)}`,
    `deflate ${options.deflate ? 'offered' : 'off'}`,
  ];
  parts.push(...describeBehaviour(behaviour));
  if (options.messageRate !== undefined) {
    const what = options.message === undefined ? `of ${options.payloadSize} B` : 'of text';
    parts.push(`${round(options.messageRate)} messages/s ${what}, expecting ${options.expect}`);
  }
  if (options.preset !== undefined) parts.push(`speaking ${options.preset}`);
  if (options.shard.count > 1) parts.push(`shard ${options.shard.index}/${options.shard.count}`);
  return parts.join(', ');
}

/** Says in one line how far the run is. */
export function describeProgress(line: ProgressLine): string {
  const parts = [
    `${line.elapsed_s.toFixed(0).padStart(5)} s`,
    `${line.connections} open`,
    `${line.connections_opened_total} opened`,
    `${line.connections_closed_total} closed`,
    `${line.greetings_received_total} greeted`,
  ];
  if (line.messages_sent_total > 0) {
    parts.push(`${line.echoes_received_total} of ${line.messages_sent_total} echoes`);
  }
  parts.push(`${line.errors_total} errors`, `lag ${line.lag_ms.toFixed(0)} ms`);
  return parts.join('  ');
}

/** Draws the summary as tables; whatever needs an explanation comes below them. */
export function describeSummary(summary: SummaryLine): string {
  const counts = new Table({ style: plain, colAligns: ['left', 'right'] });
  counts.push(...countRows(summary));
  const latencies = new Table({
    style: plain,
    head: ['latency, ms', 'count', 'p50', 'p90', 'p99', 'p99.9', 'max'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const [name, latency] of Object.entries(summary.latency)) {
    if (latency.count > 0) latencies.push(latencyRow(name, latency));
  }
  return [counts.toString(), latencies.toString(), ...remarks(summary)].join('\n');
}

/** Without colour, because the same text goes to pipes and files. */
const plain = { head: [], border: [], compact: true };

function countRows(summary: SummaryLine): [string, string][] {
  const { rate_asked_per_s: asked } = summary;
  const rows: [string, string | number][] = [
    ['connections asked', summary.connections_asked_total],
    ['attempted', summary.connections_attempted_total],
    ['opened', summary.connections_opened_total],
    ['greeted', summary.greetings_received_total],
    ['failed', summary.connect_errors_total],
    ['closed', summary.connections_closed_total],
    ['of these lost', summary.connections_lost_total],
    ...behaviourRows(summary),
    ['open at once, at most', summary.peak_connections],
    ['rate asked, per s', asked === undefined ? 'max' : round(asked)],
    ['rate achieved, per s', round(summary.rate_achieved_per_s)],
    ['closes per s', round(summary.closes_per_s)],
    ['ramp, s', summary.ramp_s.toFixed(2)],
    ['elapsed, s', summary.elapsed_s.toFixed(2)],
    ['generator processes', summary.processes],
    ['generator CPU in the ramp, %', round(summary.ramp_cpu_percent)],
    ['busiest process in the ramp, %', round(summary.busiest_process_ramp_cpu_percent)],
  ];
  if (summary.messages_sent_total > 0) {
    rows.push(['messages sent', summary.messages_sent_total]);
    rows.push(['echoes received', summary.echoes_received_total]);
  }
  return rows.map(([name, value]) => [name, String(value)]);
}

/** What clients and the server did that was not as polite as one would wish; empty if all were polite. */
function behaviourRows(summary: SummaryLine): [string, number][] {
  const rows: [string, number][] = [
    ['ended by a reset', summary.connections_ended_by_reset_total],
    ['ended silently', summary.connections_ended_silently_total],
    ['of these closed by the server', summary.silent_closed_total],
    ['dropped in storms', summary.storm_drops_total],
    ['closes not answered', summary.closes_unanswered_total],
  ];
  return rows.filter(([, count]) => count > 0);
}

function latencyRow(name: string, latency: LatencySummary): string[] {
  const { count, p50_ms, p90_ms, p99_ms, p999_ms, max_ms } = latency;
  const figures = [p50_ms, p90_ms, p99_ms, p999_ms, max_ms].map((ms) => ms.toFixed(2));
  return [name, String(count), ...figures];
}

function remarks(summary: SummaryLine): string[] {
  const errors = Object.entries(summary.errors) as [FailureCode, number][];
  const hint = hintAtLosses(summary);
  return [
    ...errors.map(([code, count]) => `${count} × ${code}: ${failureCodes[code]}`),
    ...listDetails(summary).map((text) => `  ${text}`),
    ...(hint === undefined ? [] : [`Lost: ${hint}`]),
    ...summary.saturation.map((reason) => `Generator saturated: ${reason}`),
    ...summary.discrepancies.map((text) => `Does not reconcile: ${text}`),
  ];
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
