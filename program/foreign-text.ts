import { stripVTControlCharacters } from 'node:util';

/**
 * Returns a text of another program as it can be shown anywhere: on one line, without terminal codes, with a sign in place
 * of control characters and of those that change the direction of text, and no longer than `mostCharacters`.
 */
export function foreignText(text: string, mostCharacters: number): string {
  const plain = stripVTControlCharacters(text)
    .trim()
    .replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
  return plain.length <= mostCharacters ? plain : `${plain.slice(0, mostCharacters)}…`;
}

/** Longest text of a document, in characters: a histogram has some ten thousand. */
const longestInDocument = 1_000_000;

/**
 * Reads JSON that another program may have written, with each text in it, names of fields included, as {@link foreignText} returns it.
 * @throws {SyntaxError} if it is no JSON.
 */
export function parseForeignJson(text: string): unknown {
  return cleanTexts(JSON.parse(text));
}

function cleanTexts(value: unknown): unknown {
  if (typeof value === 'string') return foreignText(value, longestInDocument);
  if (Array.isArray(value)) return value.map(cleanTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      foreignText(name, longestInDocument),
      cleanTexts(field),
    ]),
  );
}
