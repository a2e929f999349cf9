import {
  type Document,
  documentOf,
  isDocument,
  isMeasured,
  isText,
  listOf,
  pick,
} from '../results/document-fields.js';
import { summaryVersion } from '../results/summary.js';
import type { Verdict } from '../verdict/judge-floors.js';

const numberFields = [
  'duration_s',
  'connections',
  'waves_asked',
  'waves_completed',
  'connections_asked',
  'connections_opened',
  'greetings_received',
  'connections_closed',
  'connections_lost',
  'connect_errors',
  'messages_sent',
  'echoes_received',
  'connect_rate_per_s',
  'target_workers_restarted',
  'samples_skipped',
] as const;
const textFields = [
  'outcome',
  'reason',
  'target',
  'target_build',
  'allocator',
  'tidemark_version',
] as const;
const judgementNumbers = [
  'peak_growth_bytes',
  'retained_bytes',
  'noise_bytes',
  'growth_bytes_per_connection',
  'growth_bytes_per_connection_low',
  'growth_bytes_per_connection_high',
  'rise_p',
] as const;
const verdicts = ['released', 'retained', 'growing', 'inconclusive'] as const;

/** The latencies of a run, in the order of the report. */
export const latencyNames = ['connect', 'greeting', 'echo'] as const;

/** One of the latencies of a run. */
export type LatencyName = (typeof latencyNames)[number];

/** A verdict with its evidence, as far as a summary holds it. */
export interface StoredJudgement extends Readonly<
  Partial<Record<(typeof judgementNumbers)[number], number>>
> {
  readonly owner: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly trend?: 'steady' | 'slowing';
}

/** What the report takes from a summary.json. A figure that the run does not have is missing. */
export interface StoredSummary
  extends
    Readonly<Partial<Record<(typeof numberFields)[number], number>>>,
    Readonly<Partial<Record<(typeof textFields)[number], string>>> {
  readonly connect_rate_asked_per_s?: number | 'max';
  readonly floors_after_gc?: boolean;
  readonly command_line: readonly string[];
  readonly errors: Readonly<Record<string, number>>;
  readonly error_details: Readonly<Record<string, number>>;
  readonly judgements: readonly StoredJudgement[];
  readonly discrepancies: readonly string[];
  readonly bottlenecks: readonly string[];
  /** HdrHistograms, as `latency/` reads them. */
  readonly latency_histograms: Readonly<Partial<Record<LatencyName, string>>>;
}

/**
 * Takes what the report shows out of a parsed summary.json. A field of another type than it should have is left out.
 * @throws {RangeError} if it is no summary, or one of another schema version.
 */
export function parseStoredSummary(document: unknown): StoredSummary {
  if (!isDocument(document) || document['schema_version'] === undefined) {
    throw new RangeError('is no summary of a run: it has no schema_version');
  }
  const { schema_version: version, connect_rate_asked_per_s: rate } = document;
  if (version !== summaryVersion) {
    throw new RangeError(
      `has schema version ${JSON.stringify(version)}, but this tidemark reads version ${summaryVersion}`,
    );
  }
  const afterCollection = document['floors_after_gc'];
  return {
    ...pick(document, numberFields, isMeasured),
    ...pick(document, textFields, isText),
    ...(rate === 'max' || isMeasured(rate) ? { connect_rate_asked_per_s: rate } : {}),
    ...(typeof afterCollection === 'boolean' ? { floors_after_gc: afterCollection } : {}),
    command_line: listOf(document['command_line'], isText),
    errors: numbersOf(document['errors']),
    error_details: numbersOf(document['error_details']),
    judgements: listOf(document['judgements'], isDocument).flatMap(readJudgement),
    discrepancies: listOf(document['discrepancies'], isText),
    bottlenecks: listOf(document['bottlenecks'], isText),
    latency_histograms: pick(documentOf(document['latency_histograms']), latencyNames, isText),
  };
}

function readJudgement(document: Document): StoredJudgement[] {
  const { owner, verdict, reason, trend } = document;
  const known = verdicts.find((each) => each === verdict);
  if (!isText(owner) || !isText(reason) || known === undefined) return [];
  return [
    {
      owner,
      verdict: known,
      reason,
      ...(trend === 'steady' || trend === 'slowing' ? { trend } : {}),
      ...pick(document, judgementNumbers, isMeasured),
    },
  ];
}

function numbersOf(value: unknown): Record<string, number> {
  const document = documentOf(value);
  return pick(document, Object.keys(document), isMeasured) as Record<string, number>;
}
