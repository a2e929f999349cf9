import { readFileSync } from 'node:fs';
import { messageOf } from '../../program/failure.js';

/**
 * One step of what is said before a connection is ready. A text that is sent is a template. A pattern is a regular
 * expression; a binary message is matched as latin1.
 */
export type OpeningStep =
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'send binary'; readonly hex: string }
  | { readonly kind: 'await'; readonly pattern: string };

/** The answer to each message that matches the pattern: a template, in which `$1` is what the first group matched. */
export interface Reply {
  readonly pattern: string;
  readonly text: string;
}

/** What each connection says besides the messages of the traffic. */
export interface ConversationPlan {
  /** In order, from the moment that the connection is open. */
  readonly opening: readonly OpeningStep[];
  /** The first one whose pattern matches answers. */
  readonly replies: readonly Reply[];
  /** How often each connection sends a ping, in milliseconds; undefined for never. */
  readonly pingMs: number | undefined;
}

/** What the server is expected to answer to each message: the same message, any message, or nothing. */
export const expectations = ['echo', 'reply', 'none'] as const;

/** One of {@link expectations}. */
export type Expectation = (typeof expectations)[number];

/** The messages that are sent while connections are open. */
export interface TrafficPlan {
  /** Messages per second of the whole run. */
  readonly ratePerSecond: number;
  readonly expectation: Expectation;
  /** A template, sent as text; or a size in bytes of a binary message. */
  readonly message: string | number;
}

/**
 * Parses what `--send` sends.
 * @throws {RangeError} if it names a file that can't be read.
 */
export function parseSend(text: string): readonly OpeningStep[] {
  // A file that can't be read is refused before anything starts.
  textOf(text);
  return [{ kind: 'send', text }];
}

/**
 * Parses what `--await` waits for.
 * @throws {RangeError} if it is not a regular expression.
 */
export function parseAwait(text: string): readonly OpeningStep[] {
  return [{ kind: 'await', pattern: checkPattern(text) }];
}

/** Separates the pattern and the text of a reply. */
const arrow = '=>';

/**
 * Parses `REGEX=>TEXT`.
 * @throws {RangeError} if the text is not of this form.
 */
export function parseReply(text: string): readonly Reply[] {
  const at = text.indexOf(arrow);
  if (at < 1) throw new RangeError(`${JSON.stringify(text)} is not REGEX${arrow}TEXT`);
  return [{ pattern: checkPattern(text.slice(0, at)), text: text.slice(at + arrow.length) }];
}

/** Writes a reply the way that {@link parseReply} reads it. */
export function formatReply({ pattern, text }: Reply): string {
  return `${pattern}${arrow}${text}`;
}

/**
 * Returns the text that an option gives, or the text of a file if it begins with `@`.
 * @throws {RangeError} if the file can't be read.
 */
export function textOf(given: string): string {
  if (!given.startsWith('@')) return given;
  try {
    return readFileSync(given.slice(1), 'utf8');
  } catch (error) {
    throw new RangeError(messageOf(error), { cause: error });
  }
}

function checkPattern(text: string): string {
  try {
    return new RegExp(text).source;
  } catch (error) {
    throw new RangeError(messageOf(error), { cause: error });
  }
}
