import { formatDuration, parsePositiveNumber, parseSizeBytes } from '../../program/quantities.js';
import { formatLifetime, type Lifetime } from './lifetimes.js';

/**
 * How a client leaves: with a close handshake (1000); cut off, so that the server gets a reset (RST); or without a word:
 * the connection stays open, but nothing more is sent on it, not even a pong.
 */
export const endModes = ['close', 'reset', 'silent'] as const;

/** One of {@link endModes}. */
export type EndMode = (typeof endModes)[number];

/** A way to end, and the share of the connections that end that way, in (0, 1]. The shares of all ways add up to 1. */
export interface EndShare {
  readonly mode: EndMode;
  readonly share: number;
}

/** How fast a client reads: not at all, or a number of bytes per second on average. */
export type ReadPace =
  { readonly kind: 'paused' } | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** How clients behave that are not as polite and quick as one would wish. */
export interface Behaviour {
  readonly ends: readonly EndShare[];
  /** Undefined if all clients read as fast as they can. */
  readonly pace: ReadPace | undefined;
  /** Share of the connections that read at that pace, in (0, 1]. */
  readonly slowShare: number;
  /** When connections are ended and replaced; undefined if not before the end. */
  readonly lifetime: Lifetime | undefined;
  /** How often all connections drop at once and come back, in milliseconds; undefined for never. */
  readonly stormMs: number | undefined;
  /** Lifetimes begin with the hold, so that the ramp is the same with and without churn. */
  readonly churnsInHold: boolean;
}

/** Part of the time between two storms within which the clients come back, evenly spread. */
const stormJitterShare = 0.1;

/** Returns how long after a storm dropped it a client comes back, in milliseconds; `random` is like `Math.random`. */
export function sampleReturnMs(stormMs: number, random: () => number): number {
  return stormMs * stormJitterShare * random();
}

/** Tells whether connections that have ended are replaced. */
export function isReplacing({ lifetime, stormMs }: Behaviour): boolean {
  return lifetime !== undefined || stormMs !== undefined;
}

/** Tells whether all connections are opened once before any is ended. */
export function hasRamp({ lifetime, churnsInHold }: Behaviour): boolean {
  return lifetime === undefined || churnsInHold;
}

/**
 * Returns how a connection ends. Any stretch of connection numbers matches the shares as closely as possible: multiples of the
 * golden ratio, modulo 1, are spread evenly (a Kronecker sequence).
 */
export function endOf(ends: readonly EndShare[], index: number): EndMode {
  let place = fractionOf(index, (Math.sqrt(5) - 1) / 2);
  for (const { mode, share } of ends) {
    if (place < share) return mode;
    place -= share;
  }
  return ends.at(-1)?.mode ?? 'close';
}

/** Tells whether a connection reads slowly; independent of how it ends. */
export function isSlow({ pace, slowShare }: Behaviour, index: number): boolean {
  return pace !== undefined && fractionOf(index, Math.SQRT2 - 1) < slowShare;
}

function fractionOf(index: number, step: number): number {
  return ((index + 1) * step) % 1;
}

/**
 * Parses `reset`, or weights such as `close:80,reset:15,silent:5`.
 * @throws {RangeError} if a way to end is unknown or given twice, or a weight is not greater than 0.
 */
export function parseEnds(text: string): readonly EndShare[] {
  const parts = text.split(',').map((part) => part.trim().split(':'));
  const weights = parts.map(([name = '', weight, ...rest]) => {
    const mode = endModes.find((each) => each === name);
    const isAlone = parts.length === 1 && weight === undefined;
    if (mode === undefined || rest.length > 0 || (weight === undefined && !isAlone)) {
      throw new RangeError(
        `${JSON.stringify(text)} is not ${endModes.join(', ')}, or shares such as close:80,reset:15,silent:5`,
      );
    }
    return { mode, weight: weight === undefined ? 1 : parsePositiveNumber(weight) };
  });
  if (new Set(weights.map(({ mode }) => mode)).size < weights.length) {
    throw new RangeError(`${JSON.stringify(text)} names a way to end twice`);
  }
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  return weights.map(({ mode, weight }) => ({ mode, share: weight / sum }));
}

/** Writes shares the way that {@link parseEnds} reads them. */
export function formatEnds(ends: readonly EndShare[]): string {
  const [only] = ends;
  if (only !== undefined && ends.length === 1) return only.mode;
  return ends.map(({ mode, share }) => `${mode}:${Number((share * 100).toPrecision(10))}`).join();
}

/**
 * Parses `paused`, or `slow:4KiB/s`.
 * @throws {RangeError} if the text is neither.
 */
export function parsePace(text: string): ReadPace {
  if (text === 'paused') return { kind: 'paused' };
  const [, size = ''] = /^slow:(.+)\/s$/.exec(text) ?? [];
  try {
    const bytesPerSecond = parseSizeBytes(size);
    if (bytesPerSecond > 0) return { kind: 'slow', bytesPerSecond };
  } catch {
    // What follows says what it should be.
  }
  throw new RangeError(`${JSON.stringify(text)} is neither paused nor a pace such as slow:4KiB/s`);
}

/** Writes a pace the way that {@link parsePace} reads it. */
export function formatPace(pace: ReadPace): string {
  return pace.kind === 'paused' ? pace.kind : `slow:${pace.bytesPerSecond}B/s`;
}

/**
 * Parses a share such as `10%` into a number in (0, 1].
 * @throws {RangeError} if the text is not a share.
 */
export function parseShare(text: string): number {
  const [, percent = ''] = /^(.+)%$/.exec(text) ?? [];
  const share = /^\d+(\.\d+)?$/.test(percent) ? Number(percent) / 100 : NaN;
  if (share > 0 && share <= 1) return share;
  throw new RangeError(`${JSON.stringify(text)} is not a share such as 10%, at most 100%`);
}

/** Describes how clients behave, for people; empty if they stay, and are polite and quick. */
export function describeBehaviour({
  ends,
  pace,
  slowShare,
  lifetime,
  stormMs,
}: Behaviour): string[] {
  const said: string[] = [];
  if (lifetime !== undefined) said.push(`lifetime ${formatLifetime(lifetime)}`);
  if (ends.some(({ mode }) => mode !== 'close')) said.push(`ending by ${formatEnds(ends)}`);
  if (pace !== undefined) {
    said.push(`${Number((slowShare * 100).toPrecision(4))} % reading ${formatPace(pace)}`);
  }
  if (stormMs !== undefined) said.push(`all dropping every ${formatDuration(stormMs)}`);
  return said;
}
