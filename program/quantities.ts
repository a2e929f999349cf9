const durationUnits: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['kB', 1000],
  ['KB', 1000],
  ['MB', 1000 ** 2],
  ['GB', 1000 ** 3],
]);

/**
 * Parses a duration such as `500ms`, `1.5s`, `5m` or `2h` into milliseconds. `0` needs no unit.
 * @throws {RangeError} if the text is no duration or has no unit.
 */
export function parseDurationMs(text: string): number {
  return parseQuantity(text, durationUnits, 'a duration such as 500ms, 30s or 5m');
}

/** The longest delay of a Node timer, 2^31 - 1 ms (24.8 days). */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Parses a duration that something will wait for, as {@link parseDurationMs}.
 * @throws {RangeError} if the text is no duration, or longer than a Node timer can wait.
 */
export function parseTimerMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms <= longestTimerMs) return ms;
  throw new RangeError(`${JSON.stringify(text)} is longer than 24 days`);
}

/**
 * Returns what parses a duration of so many milliseconds or more, as {@link parseTimerMs}.
 * What it returns throws a {@link RangeError} if the text is no such duration.
 */
export function timerOfAtLeast(leastMs: number): (text: string) => number {
  return (text) => {
    const ms = parseTimerMs(text);
    if (ms >= leastMs) return ms;
    throw new RangeError(`${JSON.stringify(text)} is shorter than ${leastMs}ms`);
  };
}

/**
 * Parses a size such as `64KiB`, `2GiB` or `100B` into bytes, rounded to whole bytes. A bare number is bytes.
 * @throws {RangeError} if the text is no size.
 */
export function parseSizeBytes(text: string): number {
  const bare = /^\d+$/.test(text) ? `${text}B` : text;
  return Math.round(parseQuantity(bare, sizeUnits, 'a size such as 100B, 64KiB or 2GiB'));
}

/**
 * Parses a whole number, `min` to `max` inclusive. Digits only: no sign, exponent or thousands marks.
 * @throws {RangeError} if the text is no such number.
 */
export function parseWholeNumber(text: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  const upTo = max === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${max}`;
  throw new RangeError(`${JSON.stringify(text)} is not a whole number of ${min} ${upTo}`);
}

/**
 * Parses a decimal number greater than zero.
 * @throws {RangeError} if the text is no such number.
 */
export function parsePositiveNumber(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 0) return value;
  throw new RangeError(`${JSON.stringify(text)} is not a number greater than 0`);
}

/** Writes milliseconds the way that {@link parseDurationMs} reads them, in the largest unit that keeps them whole. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    const size = durationUnits.get(unit) ?? 1;
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  }
  return `${milliseconds}ms`;
}

/** Writes bytes for people, with binary units and three significant digits: `1.46 KiB`, `74.2 KiB`, `512 B`. */
export function formatBytes(bytes: number): string {
  const magnitude = Math.abs(bytes);
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    const size = sizeUnits.get(unit) ?? 1;
    if (magnitude < size) continue;
    const value = bytes / size;
    const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return `${value.toFixed(digits)} ${unit}`;
  }
  return `${Math.round(bytes)} B`;
}

/** Writes a whole number for people: `1,234,567`. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function parseQuantity(text: string, units: ReadonlyMap<string, number>, wanted: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  const number = Number(match?.[1]);
  const unit = match?.[2] ?? '';
  const factor = unit === '' && number === 0 ? 1 : units.get(unit);
  if (match === null || factor === undefined) {
    throw new RangeError(`${JSON.stringify(text)} is not ${wanted}`);
  }
  return number * factor;
}

/** Returns what parses the word `auto`, which leaves the choice to us, and all else as `parse` does. */
export function orAuto<Value>(parse: (text: string) => Value): (text: string) => Value | 'auto' {
  return (text) => (text === 'auto' ? text : parse(text));
}

/**
 * Parses one of a few words.
 * @throws {RangeError} if the text is none of them.
 */
export function parseChoice<Choice extends string>(
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new RangeError(`${JSON.stringify(text)} is none of ${choices.join(', ')}`);
}

/** Returns a text that begins a sentence. */
export function capitalize(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Writes bytes as {@link formatBytes} does, and a dash where they are not known. */
export function bytesOrDash(bytes: number | undefined): string {
  return bytes === undefined ? '–' : formatBytes(bytes);
}

/** Writes a number as {@link formatCount} does, and a dash where it is not known. */
export function countOrDash(count: number | undefined): string {
  return count === undefined ? '–' : formatCount(count);
}

/** Returns a list as it stands in a sentence: `a, b and c`. */
export function listWords(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(words);
}
