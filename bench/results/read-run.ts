import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { errorCodeOf, messageOf, RunError } from '../../program/failure.js';
import { parseForeignJson } from '../../program/foreign-text.js';
import { type ParsedSamples, parseSamples } from './read-samples.js';
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

/**
 * Reads what a run has left in its folder. Only samples.csv has to be there.
 * @throws {RunError} if there is no such folder, or no samples.csv in it that can be read.
 */
export function readRun(folder: string): StoredRun {
  const path = resolve(folder);
  const samples = readSamples(path, folder);
  const problems: string[] = [];
  const read = <Value>(name: string, parse: (text: string) => Value): Value | undefined => {
    try {
      return parse(readFileSync(join(path, name), 'utf8'));
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') problems.push(`${name} ${messageOf(error)}`);
      return undefined;
    }
  };
  return {
    ...samples,
    name: basename(path),
    summary: read('summary.json', (text) => parseSummary(parseForeignJson(text))),
    environment: read('environment.json', (text) => parseStoredEnvironment(parseForeignJson(text))),
    sites: read('sites.csv', parseSites) ?? [],
    problems,
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
