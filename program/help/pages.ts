import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodeOf, messageOf, RunError } from '../failure.js';
import { packageFolder } from '../package.js';

const folder = join(packageFolder, 'docs');
const ending = '.md';
/** It lists the other pages, as the help itself does. */
const listOfPages = 'README';

/** Returns the names of the pages, in order: none where they were left out of an installation. */
export function pageNames(): readonly string[] {
  let files: readonly string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw new RunError(`Cannot list the pages of the help: ${messageOf(error)}`, { cause: error });
  }
  return files
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .filter((name) => name !== listOfPages)
    .sort();
}

/**
 * Reads a page as it was written, in Markdown.
 * @throws {RunError} if it can't be read.
 */
export function readPage(name: string): string {
  try {
    return readFileSync(join(folder, `${name}${ending}`), 'utf8');
  } catch (error) {
    throw new RunError(`Cannot read the page ${name} of the help: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
