import { readFileSync } from 'node:fs';

/** Reads a file without the white space at its ends; undefined if there is no such file, or it is not ours to read. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Another system, a setting that this kernel does not have, or a process or control group that is gone.
    return undefined;
  }
}
