import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCodeOf, messageOf, RunError } from '../../program/failure.js';
import {
  documentOf,
  isDocument,
  isMeasured,
  isText,
  listOf,
  pick,
} from '../results/document-fields.js';
import { summaryVersion } from '../results/summary.js';

/** Fields of summary.json that are read, by type. Older runs lack some of them. */
const numberFields = [
  'connections',
  'waves_asked',
  'waves_completed',
  'bytes_per_connection',
  'bytes_per_connection_low',
  'bytes_per_connection_high',
  'rss_bytes_per_connection',
  'private_bytes_per_connection',
  'js_bytes_per_connection',
  'native_bytes_per_connection',
  'malloc_bytes_per_connection',
  'kernel_bytes_per_connection',
  'growth_bytes_per_connection',
  'growth_bytes_per_connection_low',
  'growth_bytes_per_connection_high',
  'connect_p50_ms',
  'connect_p99_ms',
  'connect_rate_per_s',
  'connect_errors',
  'connections_lost',
  'samples',
  'target_workers_restarted',
] as const;
const textFields = [
  'allocator',
  'target',
  'outcome',
  'reason',
  'verdict',
  'verdict_reason',
  'started_at',
  'tidemark_version',
] as const;
const waveFields = ['connect_rate_per_s', 'connect_errors', 'connections_lost'] as const;
const memoryFields = [
  'rss_bytes',
  'private_bytes',
  'js_heap_resident_bytes',
  'native_private_bytes',
  'malloc_bytes',
  'kernel_bytes',
  'kernel_sockets_bytes',
  'kernel_tcp_buffers_bytes',
] as const;

/** Memory figures in bytes. */
export type Memory = Readonly<Partial<Record<(typeof memoryFields)[number], number>>>;

/** What is read of a summary.json. A figure that the run does not have is missing. */
export interface FinishedSummary
  extends
    Readonly<Partial<Record<(typeof numberFields)[number], number>>>,
    Readonly<Partial<Record<(typeof textFields)[number], string>>> {
  readonly connect_rate_asked_per_s?: number | 'max';
  readonly floors_after_gc?: boolean;
  readonly target_facts: Readonly<Record<string, unknown>>;
  readonly baseline: Memory;
  readonly waves: readonly FinishedWave[];
  readonly discrepancies: readonly string[];
  readonly bottlenecks: readonly string[];
}

/** What is read of one wave in summary.json. */
export interface FinishedWave extends Readonly<
  Partial<Record<(typeof waveFields)[number], number>>
> {
  readonly floor: Memory;
  readonly per_connection_over_baseline: Memory;
}

/** A finished run. */
export interface FinishedRun {
  /** Name of its folder, or the path as given where two have the same name. */
  readonly name: string;
  /** Absolute path of its summary.json. */
  readonly path: string;
  readonly summary: FinishedSummary;
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
 * Takes what is compared out of a parsed summary.json. A field of another type than it should have is left out.
 * @throws {RangeError} if it is no summary, or one of another schema version.
 */
export function parseSummary(document: unknown): FinishedSummary {
  if (!isDocument(document) || document['schema_version'] === undefined) {
    throw new RangeError('is no summary of a run: it has no schema_version');
  }
  const { schema_version: version, tidemark_version: writer } = document;
  if (version !== summaryVersion) {
    const by = typeof writer === 'string' ? ` (written by tidemark ${writer})` : '';
    throw new RangeError(
      `has schema version ${JSON.stringify(version)}${by}, but only version ${summaryVersion} can be read: run the bench again, or compare with that version of tidemark`,
    );
  }
  const { connect_rate_asked_per_s: rate, floors_after_gc: afterCollection } = document;
  return {
    ...pick(document, numberFields, isMeasured),
    ...pick(document, textFields, isText),
    ...(rate === 'max' || isMeasured(rate) ? { connect_rate_asked_per_s: rate } : {}),
    ...(typeof afterCollection === 'boolean' ? { floors_after_gc: afterCollection } : {}),
    target_facts: documentOf(document['target_facts']),
    baseline: memoryOf(document['baseline']),
    waves: listOf(document['waves'], isDocument).map((wave) => ({
      ...pick(wave, waveFields, isMeasured),
      floor: memoryOf(wave['floor']),
      per_connection_over_baseline: memoryOf(wave['per_connection_over_baseline']),
    })),
    discrepancies: listOf(document['discrepancies'], isText),
    bottlenecks: listOf(document['bottlenecks'], isText),
  };
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

function readSummary(path: string): FinishedSummary {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
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

function memoryOf(value: unknown): Memory {
  return pick(documentOf(value), memoryFields, isMeasured);
}
