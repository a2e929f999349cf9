import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCodeOf, messageOf, RunError } from '../../program/failure.js';
import { parseForeignJson } from '../../program/foreign-text.js';
import {
  type Document,
  documentOf,
  isDocument,
  isMeasured,
  isText,
  listOf,
  pick,
} from '../../program/document-fields.js';
import { ownerKeys, owners } from './owners.js';
import { eventKinds, processRoles, type RunEvent } from './run-event.js';
import { phases } from './sample-columns.js';
import {
  latencyFieldNames,
  type RunSummary,
  summaryVersion,
  totalNames,
  type Verdict,
} from './summary.js';
import { memoryFigureNames, type MemoryFigures } from './wave-figures.js';

/** Fields of a document that hold a value of one type, if anything. */
type FieldsOf<Of, Value> = {
  [Name in keyof Of]-?: NonNullable<Of[Name]> extends Value ? Name : never;
}[keyof Of] &
  string;

type NumberField = Exclude<FieldsOf<RunSummary, number>, 'schema_version'>;
type TextField = FieldsOf<RunSummary, string>;

/** Every number of a summary: one that is missing here does not compile. */
const numberFields = namesOf<NumberField>({
  ...named(totalNames),
  ...named(ownerKeys.map((owner) => owners[owner].perConnection)),
  ...named(latencyFieldNames),
  duration_s: true,
  connections: true,
  waves_asked: true,
  baseline_descriptors: true,
  waves_completed: true,
  errors_total: true,
  connect_rate_per_s: true,
  rss_bytes_per_connection: true,
  pss_bytes_per_connection: true,
  private_bytes_per_connection: true,
  native_bytes_per_connection: true,
  cgroup_kernel_bytes_per_connection: true,
  live_bytes_per_connection: true,
  named_bytes_per_connection: true,
  named_share_of_private: true,
  bytes_per_connection: true,
  bytes_per_connection_low: true,
  bytes_per_connection_high: true,
  growth_bytes_per_connection: true,
  growth_bytes_per_connection_low: true,
  growth_bytes_per_connection_high: true,
  waves_needed: true,
  held_bytes: true,
  kept_free_bytes: true,
  kept_in_pieces_bytes: true,
  target_workers_restarted: true,
  events_left: true,
  samples: true,
  samples_skipped: true,
});
const textFields = namesOf<TextField>({
  tidemark_version: true,
  outcome: true,
  reason: true,
  started_at: true,
  target: true,
  target_build: true,
  allocator: true,
  verdict: true,
  verdict_reason: true,
  trend: true,
  waves_why: true,
  counts_note: true,
  worker_spread: true,
});
const waveFields = [
  'connect_rate_per_s',
  'connect_errors',
  'connections_lost',
  'live_bytes_per_connection',
] as const;
const judgementNumbers = [
  'peak_growth_bytes',
  'retained_bytes',
  'noise_bytes',
  'growth_bytes_per_connection',
  'growth_bytes_per_connection_low',
  'growth_bytes_per_connection_high',
  'rise_p',
  'held_bytes',
] as const;
const verdicts = ['released', 'retained', 'growing', 'inconclusive'] as const;

/** The latencies of a run, in the order in which they are shown. */
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

/** What is read of one wave. */
export interface StoredWave extends Readonly<Partial<Record<(typeof waveFields)[number], number>>> {
  readonly floor: MemoryFigures;
  readonly per_connection_over_baseline: MemoryFigures;
}

/** A summary.json that was read back, of this program or an older one. A figure that the run does not have is missing. */
export interface StoredSummary
  extends
    Readonly<Partial<Record<NumberField, number>>>,
    Readonly<Partial<Record<TextField, string>>> {
  readonly connect_rate_asked_per_s?: number | 'max';
  readonly floors_after_gc?: boolean;
  readonly target_facts: Readonly<Record<string, unknown>>;
  readonly command_line: readonly string[];
  readonly errors: Readonly<Record<string, number>>;
  readonly error_details: Readonly<Record<string, number>>;
  readonly baseline: MemoryFigures;
  readonly waves: readonly StoredWave[];
  readonly judgements: readonly StoredJudgement[];
  readonly discrepancies: readonly string[];
  readonly bottlenecks: readonly string[];
  readonly events: readonly RunEvent[];
  /** HdrHistograms, as `Latencies` reads them. */
  readonly latency_histograms: Readonly<Partial<Record<LatencyName, string>>>;
}

/** A finished run. */
export interface FinishedRun {
  /** Name of its folder, or the path as given where two have the same name. */
  readonly name: string;
  /** Absolute path of its summary.json. */
  readonly path: string;
  readonly summary: StoredSummary;
}

/**
 * Reads the summaries of finished runs, each given as its folder or as the path of its summary.json.
 * @throws {RunError} naming every one that can't be read or is of another schema version.
 */
export function readSummaries(paths: readonly string[]): FinishedRun[] {
  const problems: RunError[] = [];
  const runs: FinishedRun[] = [];
  for (const given of paths) {
    try {
      const path = findSummary(given);
      runs.push({ name: basename(dirname(path)), path, summary: readSummary(path) });
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length > 0) {
    throw new RunError(problems.map(messageOf).join('; '), { cause: problems[0] });
  }
  const isShared = (name: string): boolean => runs.filter((run) => run.name === name).length > 1;
  return runs.map((run, index) => ({
    ...run,
    name: isShared(run.name) ? (paths[index] ?? run.name) : run.name,
  }));
}

/**
 * Takes what is known out of a parsed summary.json. A field of another type than it should have is left out.
 * @throws {RangeError} if it is no summary, or one of another schema version.
 */
export function parseSummary(document: unknown): StoredSummary {
  if (!isDocument(document) || document['schema_version'] === undefined) {
    throw new RangeError('is no summary of a run: it has no schema_version');
  }
  const { schema_version: version, tidemark_version: writer } = document;
  if (version !== summaryVersion) {
    const by = isText(writer) ? ` (written by tidemark ${writer})` : '';
    throw new RangeError(
      `has schema version ${JSON.stringify(version)}${by}, but only version ${summaryVersion} can be read: run the bench again, or use that version of tidemark`,
    );
  }
  const { connect_rate_asked_per_s: rate, floors_after_gc: afterCollection } = document;
  return {
    ...pick(document, numberFields, isMeasured),
    ...pick(document, textFields, isText),
    ...(rate === 'max' || isMeasured(rate) ? { connect_rate_asked_per_s: rate } : {}),
    ...(typeof afterCollection === 'boolean' ? { floors_after_gc: afterCollection } : {}),
    target_facts: documentOf(document['target_facts']),
    command_line: listOf(document['command_line'], isText),
    errors: numbersOf(document['errors']),
    error_details: numbersOf(document['error_details']),
    baseline: memoryOf(document['baseline']),
    waves: listOf(document['waves'], isDocument).map((wave) => ({
      ...pick(wave, waveFields, isMeasured),
      floor: memoryOf(wave['floor']),
      per_connection_over_baseline: memoryOf(wave['per_connection_over_baseline']),
    })),
    judgements: listOf(document['judgements'], isDocument).flatMap(readJudgement),
    discrepancies: listOf(document['discrepancies'], isText),
    bottlenecks: listOf(document['bottlenecks'], isText),
    events: listOf(document['events'], isDocument).flatMap(readEvent),
    latency_histograms: pick(documentOf(document['latency_histograms']), latencyNames, isText),
  };
}

/** An event of a kind that this version does not know is left out. */
function readEvent(document: Document): RunEvent[] {
  const kind = eventKinds.find((each) => each === document['kind']);
  const phase = phases.find((each) => each === document['phase']);
  const role = processRoles.find((each) => each === document['role']);
  const { at, text, elapsed_s: elapsed, wave } = document;
  if (kind === undefined || phase === undefined || !isText(at) || !isText(text)) return [];
  if (!isMeasured(elapsed) || !isMeasured(wave)) return [];
  const measured = pick(document, ['duration_s', 'pid'] as const, isMeasured);
  return [
    {
      kind,
      at,
      elapsed_s: elapsed,
      wave,
      phase,
      text,
      ...measured,
      ...(role === undefined ? {} : { role }),
    },
  ];
}

function findSummary(given: string): string {
  const path = resolve(given);
  try {
    return statSync(path).isDirectory() ? join(path, 'summary.json') : path;
  } catch (error) {
    const why = errorCodeOf(error) === 'ENOENT' ? 'there is none' : messageOf(error);
    throw new RunError(`Cannot find the run ${given}: ${why}, give the folder of its results`, {
      cause: error,
    });
  }
}

function readSummary(path: string): StoredSummary {
  let document: unknown;
  try {
    document = parseForeignJson(readFileSync(path, 'utf8'));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') {
      throw new RunError(
        `${dirname(path)} has no summary.json: give the folder of a run that has ended`,
        { cause: error },
      );
    }
    throw new RunError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return parseSummary(document);
  } catch (error) {
    throw new RunError(`${path} ${messageOf(error)}`, { cause: error });
  }
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

function memoryOf(value: unknown): MemoryFigures {
  return pick(documentOf(value), memoryFigureNames, isMeasured);
}

function numbersOf(value: unknown): Record<string, number> {
  const document = documentOf(value);
  return pick(document, Object.keys(document), isMeasured) as Record<string, number>;
}

function namesOf<Name extends string>(names: Readonly<Record<Name, true>>): Name[] {
  return Object.keys(names) as Name[];
}

function named<Name extends string>(names: readonly Name[]): Record<Name, true> {
  return Object.fromEntries(names.map((name) => [name, true])) as Record<Name, true>;
}
