import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { errorCodeOf, messageOf, RunError } from '../../program/failure.js';
import { type Document, documentOf } from '../../program/document-fields.js';
import { parseForeignJson } from '../../program/foreign-text.js';
import { type ParsedSamples, parseSamples, parseWorkers } from './read-samples.js';
import type { WorkerRow } from './sample-columns.js';
import { parseStoredEnvironment, type StoredEnvironment } from './read-environment.js';
import { parseSites, type StoredSite } from './read-sites.js';
import { parseSummary, type StoredSummary } from './read-summary.js';

/** What a run has left in its folder. */
export interface StoredRun extends ParsedSamples {
  /** Name of the folder. */
  readonly name: string;
  /** undefined if there is none, or none that can be read. */
  readonly summary: StoredSummary | undefined;
  readonly environment: StoredEnvironment | undefined;
  /** What a connection is made of; empty if nothing was counted. */
  readonly sites: readonly StoredSite[];
  /** What could not be read, in words. */
  readonly problems: readonly string[];
}

/** The same, with what only an export of everything needs. */
export interface WholeRun extends StoredRun {
  /** Empty if there is no workers.csv, or none that can be read. */
  readonly workers: readonly WorkerRow[];
  /** All of summary.json, of the version that can be read; undefined where the summary is. */
  readonly summaryDocument: Document | undefined;
}

/**
 * Reads what a run has left in its folder. Only samples.csv has to be there.
 * @throws {RunError} if there is no such folder, or no samples.csv in it that can be read.
 */
export function readRun(folder: string): StoredRun {
  const path = resolve(folder);
  const samples = readSamples(path, folder);
  const problems: string[] = [];
  const read = readerOf(path, problems);
  return {
    ...samples,
    name: basename(path),
    summary: read('summary.json', (text) => parseSummary(parseForeignJson(text))),
    environment: read('environment.json', (text) => parseStoredEnvironment(parseForeignJson(text))),
    sites: read('sites.csv', parseSites) ?? [],
    problems,
  };
}

/**
 * Reads the same, and all of workers.csv and summary.json.
 * @throws {RunError} as {@link readRun} does.
 */
export function readWholeRun(folder: string): WholeRun {
  const run = readRun(folder);
  const problems = [...run.problems];
  const read = readerOf(resolve(folder), problems);
  return {
    ...run,
    workers: read('workers.csv', parseWorkers) ?? [],
    summaryDocument:
      run.summary === undefined
        ? undefined
        : documentOf(read('summary.json', (text) => parseForeignJson(text))),
    problems,
  };
}

/** Returns what reads a file of a run. One that is missing is no problem, one that can't be read is added to them. */
function readerOf(path: string, problems: string[]) {
  return <Value>(name: string, parse: (text: string) => Value): Value | undefined => {
    try {
      return parse(readFileSync(join(path, name), 'utf8'));
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') problems.push(`${name} ${messageOf(error)}`);
      return undefined;
    }
  };
}

function readSamples(path: string, given: string): ParsedSamples {
  const file = join(path, 'samples.csv');
  let text: string;
  try {
    if (!statSync(path).isDirectory()) {
      throw new RunError(`${given} is not a folder: give the folder of a run, as bench prints it`);
    }
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof RunError) throw error;
    const why = errorCodeOf(error) === 'ENOENT' ? 'there is none' : messageOf(error);
    throw new RunError(
      `Cannot read ${file}: ${why}, give the folder of a run, as bench prints it`,
      { cause: error },
    );
  }
  try {
    return parseSamples(text);
  } catch (error) {
    throw new RunError(`${file} ${messageOf(error)}`, { cause: error });
  }
}
