import { parseForeignJson } from '../../program/foreign-text.js';
import { addCounts, countsAfterDeath, type LoadCounts } from '../report/counts.js';
import { Latencies } from '../report/latencies.js';
import {
  type ProgressLine,
  type ReportLine,
  reportVersion,
  type SummaryLine,
} from '../report/report-lines.js';

/**
 * Reads what one shard has printed: the one document of `--json`, or the lines of `--json-lines`. Of a generator that
 * died before its summary, the last counts are taken: what was open then is counted as lost, what was under way as
 * failed, and its latencies are not known.
 * @throws {RangeError} if there is neither a summary nor a line with counts, or one of another version.
 */
export function readShard(text: string): SummaryLine {
  const lines = parseLines(text);
  const summary = lines.find((line) => line.kind === 'summary');
  if (summary !== undefined) {
    const version: number = summary.version;
    if (version === reportVersion) return summary;
    throw new RangeError(`has version ${version}, but only version ${reportVersion} can be read`);
  }
  const last = lines.findLast((line) => line.kind === 'progress');
  const started = lines.find((line) => line.kind === 'started');
  if (last === undefined || started === undefined) {
    throw new RangeError(
      'holds no summary: give what tidemark loadgen printed with --json or --json-lines',
    );
  }
  const { url, shard_index, shard_count, started_at, process_pids } = started;
  return {
    version: reportVersion,
    kind: 'summary',
    url,
    shard_index,
    shard_count,
    started_at,
    ended_at: new Date(Date.parse(started_at) + last.elapsed_s * 1000).toISOString(),
    ...countsAfterDeath(lastCounts(lines, last)),
    processes: process_pids.length,
    processes_lost: process_pids.length,
    elapsed_s: last.elapsed_s,
    ramp_s: last.elapsed_s,
    peak_connections: last.connections,
    rate_achieved_per_s: last.connections_opened_total / Math.max(last.elapsed_s, 0.001),
    churns: false,
    closes_per_s: 0,
    latency: { connect: unknown(), greeting: unknown(), echo: unknown(), lag: unknown() },
    cpu_percent: 0,
    busiest_process_cpu_percent: 0,
    ramp_cpu_percent: 0,
    busiest_process_ramp_cpu_percent: 0,
    saturated: false,
    saturation: [],
    discrepancies: [],
    outcome: 'failed',
    reason: `it died without a summary ${last.elapsed_s.toFixed(1)} s after its start, so its latencies are missing`,
  };
}

/** A phase that has begun since the last progress line tells the newer counts. */
function lastCounts(lines: readonly ReportLine[], progress: ProgressLine): LoadCounts {
  const phase = lines.slice(lines.indexOf(progress)).findLast((line) => line.kind === 'phase');
  return addCounts([phase?.counts ?? progress]);
}

/** A generator that was killed may have left half a line at the end. */
function parseLines(text: string): ReportLine[] {
  const whole = parseOrUndefined(text);
  if (whole !== undefined) return [whole];
  return text.split('\n').flatMap((line) => parseOrUndefined(line) ?? []);
}

function parseOrUndefined(text: string): ReportLine | undefined {
  try {
    const value = parseForeignJson(text);
    return typeof value === 'object' && value !== null && 'kind' in value
      ? (value as ReportLine)
      : undefined;
  } catch {
    // A log may hold other lines, such as those of a container runtime.
    return undefined;
  }
}

function unknown() {
  return new Latencies().summarize();
}
