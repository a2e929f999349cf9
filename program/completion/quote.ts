/** Writes a text as one word of a POSIX shell, bash or zsh: in single quotes, where nothing else has a meaning. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Writes a text as one word of fish, in whose single quotes a backslash goes before a quote or a backslash. */
export function quoteForFish(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}

/** Writes words as a list that bash or zsh expands once more: a backslash goes before what has a meaning there. */
export function wordListForShell(words: readonly string[]): string {
  return words.map((word) => word.replaceAll(/[^\w@%+=,./-]/g, String.raw`\$&`)).join(' ');
}
