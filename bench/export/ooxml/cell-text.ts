/** Longest text of a cell in characters (ECMA-376, part 1, section 18.3.1.4, as Excel has it). */
const mostCharacters = 32_767;

/** What XML 1.0 (section 2.2) forbids even as a reference, halves of a character and further control characters. */
const forbidden = /[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu;

/**
 * Returns a text as a cell can hold it: without forbidden characters, not too long, and with what readers would take for an
 * escape (`_x0041_`, ECMA-376, part 1, section 22.9.2.19) escaped itself. The cell's type, not its text, says that it is no formula.
 */
export function cellText(text: string): string {
  const clean = text.replaceAll(forbidden, '');
  const short = clean.length <= mostCharacters ? clean : `${clean.slice(0, mostCharacters - 1)}…`;
  return short.replaceAll(/_(?=x[\da-f]{4}_)/gi, '_x005F_');
}
