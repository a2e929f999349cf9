import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf, RunError } from '../../program/failure.js';
import { createCsvFile, type CsvFile } from './csv-file.js';
import { sampleColumns, workerColumns } from './sample-columns.js';
import { maskSecrets, toJson } from '../../program/secrets.js';

/** The folder of one run, with its CSV files open. */
export interface RunFolder {
  /** Absolute path. */
  readonly path: string;
  readonly samples: CsvFile<typeof sampleColumns>;
  readonly workers: CsvFile<typeof workerColumns>;
  /**
   * Writes a JSON document, whole or not at all, with its secrets masked.
   * @throws {RunError} if it can't be written.
   */
  readonly writeJson: (name: string, document: object) => void;
  /**
   * Writes a text, with its secrets masked.
   * @throws {RunError} if it can't be written.
   */
  readonly writeText: (name: string, text: string) => void;
  readonly close: () => void;
}

/**
 * Creates the folder of a run and its CSV files.
 * @throws {RunError} if the folder holds files already, or can't be written.
 */
export function createRunFolder(folder: string): RunFolder {
  const path = createOutputFolder(folder);
  const samples = createCsvFile(join(path, 'samples.csv'), sampleColumns);
  const workers = createCsvFile(join(path, 'workers.csv'), workerColumns);
  return {
    path,
    samples,
    workers,
    writeJson: (name, document) => {
      writeJsonFile(join(path, name), document);
    },
    writeText: (name, text) => {
      writeWhole(join(path, name), maskSecrets(text));
    },
    close: () => {
      samples.close();
      workers.close();
    },
  };
}

/**
 * Creates a folder for results, which may be there already, and returns its absolute path.
 * @throws {RunError} if it holds files already, or can't be made.
 */
export function createOutputFolder(folder: string): string {
  const path = resolve(folder);
  try {
    makeFolder(path);
    if (readdirSync(path).length > 0) {
      throw new RunError(`The output folder ${path} is not empty: choose another with --out`);
    }
  } catch (error) {
    if (error instanceof RunError) throw error;
    throw new RunError(
      `Cannot use ${path} as the output folder: ${messageOf(error)}; choose another with --out`,
      { cause: error },
    );
  }
  return path;
}

/** Names the default folder of a run: `results/2026-01-31T12-34-56Z`. A colon would trouble other file systems. */
export function defaultRunFolder(now: Date): string {
  return join('results', `${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z`);
}

/** Level by level: Node's own `recursive` never returns where a file system answers ENOENT, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/**
 * Writes a JSON document, whole or not at all, with its secrets masked.
 * @throws {RunError} if it can't be written.
 */
export function writeJsonFile(path: string, document: object): void {
  writeWhole(path, `${toJson(document, 2)}\n`);
}

/**
 * Writes a text or bytes, whole or not at all: under another name first, so that a reader never finds half of it.
 * @throws {RunError} if it can't be written.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const unfinished = `${path}.unfinished`;
  try {
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
  } catch (error) {
    // On a full disk, what little it takes may be what somebody else waits for.
    rmSync(unfinished, { force: true });
    throw new RunError(`Cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
