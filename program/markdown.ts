/** Writes a Markdown table, its lines without one at the end. Every row has as many cells as the head. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Writes a text as code within a line, so that nothing in it is markup, or calls somebody by an `@`. */
export function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  // A blank keeps backticks of the text apart from the fence; renderers take it off again.
  const isAmbiguous = text.startsWith('`') || text.endsWith('`');
  return isAmbiguous ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`;
}

/** Writes a text as a block of code, its lines as they are. */
export function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

/** The longest run of backticks in a text. */
function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
