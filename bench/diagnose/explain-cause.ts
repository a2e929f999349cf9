import { capitalize, formatBytes, listWords } from '../../program/quantities.js';
import { type InsideOwner, owners } from '../results/owners.js';
import type { CellResult } from './cell-result.js';
import {
  type Cause,
  type Condition,
  type EndEffect,
  findEndEffects,
  findExtremes,
  meanOf,
  type MeasuredCell,
  type SummedEffect,
} from './find-cause.js';
import type { Factor } from './factors.js';
import { type Makeup, nameMakeup } from './name-makeup.js';

const nothing: Makeup = { parts: [], sites: [] };

/** An allocator that keeps less than this share of what another one keeps is worth a sentence. */
const lessKept = 0.5;

/**
 * Says in sentences what the cells show, and what to change. Each follows from the cells; what they don't show is left out.
 * @param cause what was found
 * @param cells all cells that were run
 * @param unexercised factors that can't have had an effect, and why
 * @param traced what a connection of the most expensive cell is made of, with the stacks that call malloc; undefined if those were
 *   not traced
 */
export function explainCause(
  cause: Cause,
  cells: readonly CellResult[],
  unexercised: ReadonlyMap<Factor, string>,
  traced: Makeup | undefined,
): string[] {
  return [
    ...explainHeld(cause, cells, traced),
    ...findEndEffects(cells).map(explainEnd),
    ...[...unexercised.values()].map((text) => `${capitalize(text)}.`),
  ];
}

function explainHeld(
  cause: Cause,
  cells: readonly CellResult[],
  traced: Makeup | undefined,
): string[] {
  const { cheap, dear } = findExtremes(cells);
  const makeup = traced ?? dear?.makeup ?? nothing;
  switch (cause.kind) {
    case 'unknown':
      return [`The cause is not known: ${cause.reason}.`];
    case 'none': {
      return [
        `No factor that was tried matters: about ${formatBytes(cause.held.whole)} per connection in every cell${inOwner(cause.owner, 'most of it in')}.`,
        ...nameWhole(dear, makeup),
      ];
    }
    case 'sum':
      return [
        `Each takes some, whatever the others are: ${listWords(cause.parts.map(describePart))}.`,
        ...nameWhole(dear, makeup),
      ];
    case 'conditions': {
      const { owner, explained } = cause;
      const name = nameMakeup(makeup, cheap?.makeup ?? nothing, owner, explained.whole);
      return [
        nameCause(cause, name),
        adviseOn(cause.conditions),
        ...explainKept(cause.high, cells),
      ];
    }
  }
}

function nameWhole(cell: MeasuredCell | undefined, makeup: Makeup): string[] {
  if (cell === undefined) return [];
  const name = nameMakeup(makeup, nothing, undefined, cell.held.whole);
  return name === undefined ? [] : [`A connection of ${cell.name} has: ${name}.`];
}

function nameCause(
  cause: Extract<Cause, { kind: 'conditions' }>,
  name: string | undefined,
): string {
  const { conditions, indifferent, explained, owner } = cause;
  const whatever =
    indifferent.length === 0
      ? ''
      : `, whatever ${listWords(indifferent.map((factor) => `the ${factorNames[factor]}`))}`;
  const what =
    name === undefined && isOnlyDeflate(conditions)
      ? 'compression state that each connection has of its own'
      : name;
  return (
    `${formatBytes(explained.whole)} per connection${inOwner(owner)}, only when ${conditions.map(describe).join(' and ')}` +
    `${whatever}${what === undefined ? '' : `: ${what}`}.`
  );
}

const factorNames: Readonly<Record<Factor, string>> = {
  messages: 'messages',
  deflate: 'compression',
  allocator: 'allocator',
  tls: 'encryption',
  end: 'end of the connection',
};

function describePart({ more, owner, ...condition }: SummedEffect): string {
  return `${formatBytes(more.whole)} per connection when ${describe(condition)}${inOwner(owner)}`;
}

function explainEnd({ end, keptMore, owner, leftOpen }: EndEffect): string {
  const amount = `${formatBytes(keptMore.whole)} per connection more stay${inOwner(owner)}`;
  if (end === 'silent') {
    const open = leftOpen === undefined || leftOpen <= 0 ? '' : ` (${leftOpen} are still open)`;
    return `${amount}, when clients vanish without a word${open}: the server did not notice within the rest; a ping that must be answered would tell it.`;
  }
  return `${amount}, when connections are cut off instead of closed: look at what the server forgets only on a close frame; bench --end reset shows whether it grows.`;
}

/** Says whose memory it is; nothing if that is not known. */
function inOwner(owner: InsideOwner | undefined, words = 'in'): string {
  return owner === undefined ? '' : `, ${words} ${owners[owner].inSentence}`;
}

/** Compression is what it takes, with or without a first message to compress. */
function isOnlyDeflate(conditions: readonly Condition[]): boolean {
  return (
    conditions.some(({ factor, levels }) => factor === 'deflate' && levels.includes('on')) &&
    conditions.every(({ factor }) => factor !== 'allocator')
  );
}

function describe({ factor, levels }: Condition): string {
  const text = levels.join(' or ');
  switch (factor) {
    case 'deflate':
      return text === 'on'
        ? 'permessage-deflate is negotiated'
        : 'permessage-deflate is not negotiated';
    case 'messages':
      return describeMessages(levels);
    case 'allocator':
      return `the allocator is ${text}`;
    case 'tls':
      return `connections are ${text === 'on' ? '' : 'not '}encrypted`;
    case 'end':
      return `connections end by ${text}`;
  }
}

/** Levels of messages, and what they are called where they are what it takes. */
const messageTexts = {
  none: 'nothing is sent',
  'empty greeting': 'the greeting is empty',
  greeting: 'the greeting is not empty',
  echo: 'messages are answered',
} as const;

function describeMessages(levels: readonly string[]): string {
  const has = (level: keyof typeof messageTexts): boolean => levels.includes(level);
  if (has('greeting') && has('empty greeting') && has('echo') && !has('none')) {
    return 'a message is sent (empty or not)';
  }
  if (has('greeting') && has('echo') && !has('empty greeting') && !has('none')) {
    return 'a message that is not empty is sent (greeting or echo)';
  }
  return Object.entries(messageTexts)
    .flatMap(([level, text]) => (levels.includes(level) ? [text] : []))
    .join(' or ');
}

function adviseOn(conditions: readonly Condition[]): string {
  const has = (factor: Factor): boolean => conditions.some((each) => each.factor === factor);
  if (has('deflate') && has('messages')) {
    return 'To change it: turn permessage-deflate off, let connections share a compressor, or send short messages uncompressed.';
  }
  if (has('deflate')) {
    return 'To change it: turn permessage-deflate off, or let connections share a compressor.';
  }
  if (has('messages')) {
    return 'To change it: look at what the server keeps of each message, and at buffers that it makes on the first one.';
  }
  if (has('tls')) {
    return 'To change it: let a proxy before the server do the encryption, or look for the buffers of the TLS library.';
  }
  return 'To change it: start the server with the allocator of the cells that need less.';
}

/** Compares what the allocators keep after the drain, among the cells that hold much. */
function explainKept(high: readonly MeasuredCell[], cells: readonly CellResult[]): string[] {
  const allocators = new Set(cells.map(({ levels }) => levels.allocator));
  const means = [...allocators].flatMap((allocator) => {
    const own = high.filter(({ levels }) => levels.allocator === allocator);
    if (own.length === 0) return [];
    const held = meanOf(own.map((cell) => cell.held)).whole;
    return [{ allocator, held, kept: Math.max(0, meanOf(own.map((cell) => cell.kept)).whole) }];
  });
  const sorted = means.toSorted((one, other) => one.kept / one.held - other.kept / other.held);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return [];
  const percent = ({ kept, held }: { kept: number; held: number }): string =>
    `${Math.min(100, Math.round((100 * kept) / held))} %`;
  if (least === most || least.kept / least.held > lessKept * (most.kept / most.held)) {
    return [`After the drain ${percent(most)} of it stays.`];
  }
  return [
    `After the drain ${percent(most)} of it stays with ${most.allocator}, ${percent(least)} with ${least.allocator}.`,
  ];
}
