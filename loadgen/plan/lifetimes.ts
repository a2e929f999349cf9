import { formatDuration, parseDurationMs } from '../../program/quantities.js';

/** How long connections stay open before the generator closes and replaces them. */
export type Lifetime =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number };

/**
 * Parses `2s` (fixed), `exp:2s` (exponential, with this mean) or `uniform:1s-3s`.
 * @throws {RangeError} if the text is none of them, or a duration is 0.
 */
export function parseLifetime(text: string): Lifetime {
  if (text.startsWith('exp:')) return { kind: 'exponential', meanMs: parseLengthMs(text.slice(4)) };
  if (!text.startsWith('uniform:')) return { kind: 'fixed', ms: parseLengthMs(text) };
  const [low = '', high = '', ...rest] = text.slice('uniform:'.length).split('-');
  if (rest.length > 0 || high === '') throw unreadable(text);
  const [minMs, maxMs] = [parseLengthMs(low), parseLengthMs(high)];
  if (minMs > maxMs) throw new RangeError(`${JSON.stringify(text)} has its longer end first`);
  return { kind: 'uniform', minMs, maxMs };
}

/** Draws one lifetime in milliseconds, 0 or more. `random` returns numbers in [0, 1), as `Math.random` does. */
export function sampleLifetimeMs(lifetime: Lifetime, random: () => number): number {
  switch (lifetime.kind) {
    case 'fixed':
      return lifetime.ms;
    case 'exponential':
      // Inverse of the distribution function; 1 - random is in (0, 1], so the logarithm is finite.
      return -lifetime.meanMs * Math.log(1 - random());
    case 'uniform':
      return lifetime.minMs + (lifetime.maxMs - lifetime.minMs) * random();
  }
}

/**
 * Draws how much longer a connection lives that is found alive at some moment, in milliseconds: without this, connections
 * with a fixed lifetime that began together would end together as well.
 */
export function sampleResidualMs(lifetime: Lifetime, random: () => number): number {
  const ms = sampleLifetimeMs(lifetime, random);
  // What is left of an exponential lifetime has the same distribution as the whole of it.
  return lifetime.kind === 'exponential' ? ms : ms * random();
}

/** Returns the mean of a lifetime, in milliseconds. */
export function meanLifetimeMs(lifetime: Lifetime): number {
  switch (lifetime.kind) {
    case 'fixed':
      return lifetime.ms;
    case 'exponential':
      return lifetime.meanMs;
    case 'uniform':
      return (lifetime.minMs + lifetime.maxMs) / 2;
  }
}

/** Writes a lifetime the way that {@link parseLifetime} reads it. */
export function formatLifetime(lifetime: Lifetime): string {
  switch (lifetime.kind) {
    case 'fixed':
      return formatDuration(lifetime.ms);
    case 'exponential':
      return `exp:${formatDuration(lifetime.meanMs)}`;
    case 'uniform':
      return `uniform:${formatDuration(lifetime.minMs)}-${formatDuration(lifetime.maxMs)}`;
  }
}

function parseLengthMs(text: string): number {
  let ms: number;
  try {
    ms = parseDurationMs(text);
  } catch (error) {
    throw unreadable(text, error);
  }
  if (ms > 0) return ms;
  throw new RangeError(`${JSON.stringify(text)} is no lifetime: it has to be longer than 0`);
}

function unreadable(text: string, cause?: unknown): RangeError {
  return new RangeError(
    `${JSON.stringify(text)} is not a lifetime such as 2s, exp:2s or uniform:1s-3s`,
    { cause },
  );
}
