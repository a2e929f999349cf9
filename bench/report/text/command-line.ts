import type { StoredRun } from '../../results/read-run.js';

/** The variable of `--out`, which is left out of the command as the flag is. */
const outVariable = 'TIDEMARK_OUT';

/**
 * Writes the command that does the run again, for a POSIX shell: with the variables that were set for it, and without
 * its output folder, which holds this run. undefined if nobody knows it.
 */
export function writeCommand({ summary, environment }: StoredRun): string | undefined {
  const words = environment?.command_line ?? summary?.command_line ?? [];
  if (words.length === 0) return undefined;
  const variables = Object.entries(environment?.tidemark_variables ?? {})
    .filter(([name]) => name !== outVariable)
    .map(([name, value]) => `${name}=${quote(value)}`);
  return [...variables, ...withoutOut(words).map(quote)].join(' ');
}

function withoutOut(words: readonly string[]): string[] {
  return words.filter((word, index) => !/^--out(=|$)/.test(word) && words[index - 1] !== '--out');
}

/** Quotes a word for a POSIX shell, unless it needs no quotes. */
function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
