import { parseDurationMs, parseSizeBytes } from '../../program/quantities.js';
import { unitOf } from '../results/unit-of-name.js';

/** How the two sides of an assertion are compared. */
export const operators = ['<=', '>=', '==', '!=', '<', '>'] as const;

/** One of {@link operators}. */
export type Operator = (typeof operators)[number];

/** A single value of summary.json. */
export type Scalar = number | string | boolean;

/** What is claimed about one field of summary.json, such as `bytes_per_connection<2KiB`. */
export interface Assertion {
  /** The field as it was written: `baseline.rss_bytes`, `waves.0.ramp_s`. */
  readonly field: string;
  readonly operator: Operator;
  /** The value in the unit of the field. */
  readonly expected: Scalar;
  /** The value as it was written. */
  readonly expectedText: string;
}

const fieldPattern = /^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/;
const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const wordPattern = /^[A-Za-z_][\w.:/@+-]*$/;

/**
 * Parses assertions, one a line, so that an environment variable can hold several. Empty lines count for nothing.
 * @throws {SyntaxError|RangeError} as {@link parseAssertion} does; if there is none at all, too.
 */
export function parseAssertions(text: string): readonly Assertion[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.length === 0 ? [''] : lines).map(parseAssertion);
}

/**
 * Parses `FIELD OP VALUE`. VALUE is a number, a size with a unit where the field's name says bytes, a duration with a
 * unit where it ends in `_ms` or `_s`, `true` or `false`, a word, or any text in double quotes (JSON). A number without
 * a unit is in the unit of the field.
 * @throws {SyntaxError} if the text has no such form.
 * @throws {RangeError} if the value doesn't suit the field or the operator.
 */
export function parseAssertion(text: string): Assertion {
  const match = /^([^<>=!]*)([<>=!]+)(.*)$/s.exec(text);
  const field = (match?.[1] ?? text).trim();
  if (match === null) {
    throw new SyntaxError(
      `${JSON.stringify(text)} has no operator (${operators.join(' ')}): quote it for the shell, as in 'bytes_per_connection<2KiB'`,
    );
  }
  if (!fieldPattern.test(field)) {
    throw new SyntaxError(
      `${JSON.stringify(text)} does not begin with a field of summary.json, such as bytes_per_connection or waves.0.ramp_s`,
    );
  }
  const operator = operators.find((known) => known === match[2]);
  if (operator === undefined) {
    throw new SyntaxError(
      `${JSON.stringify(match[2])} in ${JSON.stringify(text)} is no operator: ${operators.join(' ')}`,
    );
  }
  const expectedText = (match[3] ?? '').trim();
  const expected = parseValue(expectedText, field);
  refuseNonsense(field, operator, expected);
  return { field, operator, expected, expectedText };
}

function parseValue(text: string, field: string): Scalar {
  if (text === '') throw new SyntaxError(`The assertion about ${field} has no value`);
  if (text.startsWith('"')) return parseQuoted(text);
  if (numberPattern.test(text)) return finite(Number(text), text);
  if (/^[+-]?\.?\d/.test(text)) return parseQuantity(text, field);
  if (text === 'true' || text === 'false') return text === 'true';
  if (wordPattern.test(text)) return text;
  throw new SyntaxError(
    `${JSON.stringify(text)} is neither a number nor a word: put text into double quotes`,
  );
}

function parseQuoted(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
  } catch (error) {
    throw new SyntaxError(`${text} is no text in double quotes, as JSON has it`, { cause: error });
  }
  throw new SyntaxError(`${text} is no text in double quotes, as JSON has it`);
}

function parseQuantity(text: string, field: string): number {
  const isNegative = text.startsWith('-');
  const amount = text.replace(/^[+-]/, '');
  return finite((isNegative ? -1 : 1) * parseAmount(amount, field), text);
}

function parseAmount(amount: string, field: string): number {
  switch (unitOf(field)) {
    case 'bytes':
      return parseSizeBytes(amount);
    case 'ms':
      return parseDurationMs(amount);
    case 's':
      return parseDurationMs(amount) / 1000;
    case 'per_s':
    case 'none':
      throw new RangeError(
        `${JSON.stringify(amount)} is no plain number, as ${field} needs it: put text into double quotes`,
      );
  }
}

function finite(value: number, text: string): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(`${text} is too large a number`);
}

function refuseNonsense(field: string, operator: Operator, expected: Scalar): void {
  if (typeof expected === 'number') return;
  const shown = JSON.stringify(expected);
  if (operator !== '==' && operator !== '!=') {
    throw new RangeError(`${field}${operator} needs a number, ${shown} is none: use == or !=`);
  }
  const unit = unitOf(field);
  if (unit === 'bytes' || unit === 'ms' || unit === 's') {
    throw new RangeError(`${field} is a number, ${shown} is none`);
  }
}
