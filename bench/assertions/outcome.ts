import { failureCodes } from '../../loadgen/report/failure-codes.js';
import { formatBytes } from '../../program/quantities.js';
import { unitOf } from '../results/unit-of-name.js';
import { type Assertion, type Operator, type Scalar } from './assertion.js';
import { findNearestName } from '../../program/nearest-name.js';

/**
 * What a run says to an assertion. `unknown` is no success: what was not measured can't be held against anything.
 */
export type AssertionOutcome =
  | { readonly state: 'holds'; readonly actual: Scalar }
  | { readonly state: 'fails'; readonly actual: Scalar }
  | { readonly state: 'unknown'; readonly reason: string };

/** What was found under the name of a field. */
type Found =
  | { readonly state: 'found'; readonly value: unknown }
  | { readonly state: 'missing'; readonly reason: string };

/** Checks an assertion against the document summary.json, parsed or about to be written. */
export function checkAssertion(assertion: Assertion, summary: object): AssertionOutcome {
  const { field, expected, operator } = assertion;
  const found = findField(field, summary);
  if (found.state === 'missing') return { state: 'unknown', reason: found.reason };
  const actual = found.value;
  const unknown = (reason: string): AssertionOutcome => ({ state: 'unknown', reason });
  if (actual === null || actual === undefined) return unknown('was not measured in this run');
  if (typeof actual === 'object') return unknown(describeNested(field, actual));
  if (typeof actual === 'number' && !Number.isFinite(actual)) {
    return unknown(`is ${actual}, which is no measurement`);
  }
  if (!isScalar(actual) || typeof actual !== typeof expected) {
    return unknown(
      `is ${kindOf(actual)} (${JSON.stringify(actual)}), which can't be compared with ${kindOf(expected)}`,
    );
  }
  return { state: compare(actual, operator, expected) ? 'holds' : 'fails', actual };
}

/** Writes an outcome as one line: `holds  bytes_per_connection < 2KiB: 812 B`. */
export function formatOutcome(assertion: Assertion, outcome: AssertionOutcome): string {
  return `${outcome.state}  ${describeOutcome(assertion, outcome)}`;
}

/** Writes what was asserted and what was found: `bytes_per_connection < 2KiB: 812 B`. */
export function describeOutcome(assertion: Assertion, outcome: AssertionOutcome): string {
  const found =
    outcome.state === 'unknown' ? outcome.reason : formatActual(assertion, outcome.actual);
  return `${formatClaim(assertion)}: ${found}`;
}

/** Writes what was asserted: `bytes_per_connection < 2KiB`. */
export function formatClaim({ field, operator, expectedText }: Assertion): string {
  return `${field} ${operator} ${expectedText}`;
}

function findField(field: string, summary: object): Found {
  const parts = field.split('.');
  let value: unknown = summary;
  for (const [depth, part] of parts.entries()) {
    const parent = parts.slice(0, depth).join('.');
    if (typeof value !== 'object' || value === null) {
      return { state: 'missing', reason: `${parent} has no fields of its own in this run` };
    }
    if (isErrorThatNeverCame(parent, part, value)) return { state: 'found', value: 0 };
    if (!hasField(value, part)) {
      return { state: 'missing', reason: describeMissing(parts, depth, value) };
    }
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return { state: 'found', value };
}

/** Own fields only, so that `constructor` is none; and of a list its entries, not its `length`. */
function hasField(value: object, name: string): boolean {
  return Object.hasOwn(value, name) && (!Array.isArray(value) || /^\d+$/.test(name));
}

/** `errors` lists only what came up: a code that the generator counts under, but that is not there, is known to be 0. */
function isErrorThatNeverCame(parent: string, name: string, errors: object): boolean {
  return parent === 'errors' && Object.hasOwn(failureCodes, name) && !Object.hasOwn(errors, name);
}

function describeMissing(parts: readonly string[], depth: number, parent: object): string {
  if (Array.isArray(parent)) {
    const name = parts.slice(0, depth).join('.');
    if (parent.length === 0) return `${name} is empty in this run`;
    return `${name} has the entries 0 to ${parent.length - 1} in this run`;
  }
  const nearest = findNearestName(parts[depth] ?? '', Object.keys(parent));
  const said = 'is not in the summary of this run: not measured here, or not spelled so';
  if (nearest === undefined) return said;
  return `${said} (nearest: ${[...parts.slice(0, depth), nearest, ...parts.slice(depth + 1)].join('.')})`;
}

function describeNested(field: string, value: object): string {
  const examples = Object.keys(value)
    .slice(0, 3)
    .map((name) => `${field}.${name}`);
  if (examples.length === 0) return 'is empty';
  return `is no single value: name one of its fields, such as ${examples.join(', ')}`;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return 'a number';
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    default:
      return 'no value';
  }
}

function compare(actual: Scalar, operator: Operator, expected: Scalar): boolean {
  switch (operator) {
    case '<':
      return actual < expected;
    case '<=':
      return actual <= expected;
    case '>':
      return actual > expected;
    case '>=':
      return actual >= expected;
    case '==':
      return actual === expected;
    case '!=':
      return actual !== expected;
  }
}

function formatActual({ field, expected }: Assertion, actual: Scalar): string {
  if (typeof actual !== 'number' || typeof expected !== 'number') return String(actual);
  const shown = formatNumber(field, actual);
  // "fails  bytes_per_connection < 2KiB: 2.00 KiB" would leave people puzzled.
  const isClose = Math.abs(actual - expected) < Math.max(1, 0.01 * Math.abs(expected));
  return actual === expected || !isClose ? shown : `${shown}, exactly ${actual}`;
}

function formatNumber(field: string, value: number): string {
  const rounded = String(Number(value.toFixed(3)));
  switch (unitOf(field)) {
    case 'bytes':
      return formatBytes(value);
    case 'ms':
      return `${rounded} ms`;
    case 's':
      return `${rounded} s`;
    case 'per_s':
      return `${rounded}/s`;
    case 'none':
      return rounded;
  }
}
