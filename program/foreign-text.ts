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
