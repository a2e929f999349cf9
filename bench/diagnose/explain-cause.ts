import { formatBytes } from '../../program/quantities.js';
import { owners } from '../results/owners.js';
import type { CellResult, Factor } from './cell-result.js';
import { type Cause, type Condition, meanOf, type MeasuredCell } from './find-cause.js';

/** An allocator that keeps less than this share of what another one keeps is worth a sentence. */
const lessKept = 0.5;

/** Says in sentences what the cells show, and what to change. Each follows from the cells; what they don't show is left out. */
export function explainCause(cause: Cause, cells: readonly CellResult[]): string[] {
  switch (cause.kind) {
    case 'unknown':
      return [`The cause is not known: ${cause.reason}.`];
    case 'none': {
      const where =
        cause.owner === undefined ? '' : `, most of it in ${owners[cause.owner].inSentence}`;
      return [
        `No factor that was tried matters: about ${formatBytes(cause.held.whole)} per connection in every cell${where}.`,
      ];
    }
    case 'conditions':
      return [nameCause(cause), adviseOn(cause.conditions), ...explainKept(cause.high, cells)];
  }
}

function nameCause(cause: Extract<Cause, { kind: 'conditions' }>): string {
  const { conditions, indifferent, explained, owner } = cause;
  const where = owner === undefined ? '' : `, in ${owners[owner].inSentence}`;
  const whatever =
    indifferent.length === 0
      ? ''
      : `, whatever the ${indifferent.map((factor) => factorNames[factor]).join(' and the ')}`;
  return (
    `${formatBytes(explained.whole)} per connection${where}, only when ${conditions.map(describe).join(' and ')}` +
    `${whatever}${isOnlyDeflate(conditions) ? ': compression state that each connection has of its own' : ''}.`
  );
}

const factorNames: Readonly<Record<Factor, string>> = {
  greeting: 'greeting',
  deflate: 'compression',
  allocator: 'allocator',
};

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
    case 'greeting':
      return greetingText(levels);
    case 'allocator':
      return `the allocator is ${text}`;
  }
}

function greetingText(levels: readonly string[]): string {
  if (levels.join() === 'text') return 'the greeting is not empty';
  if (levels.join() === 'none') return 'there is no greeting';
  if (levels.join() === 'empty') return 'the greeting is empty';
  if (!levels.includes('none')) return 'there is a greeting (empty or not)';
  return `the greeting is ${levels.join(' or ')}`;
}

function adviseOn(conditions: readonly Condition[]): string {
  const has = (factor: Factor): boolean => conditions.some((each) => each.factor === factor);
  if (has('deflate') && has('greeting')) {
    return 'To change it: turn permessage-deflate off, let connections share a compressor, or send short messages uncompressed.';
  }
  if (has('deflate')) {
    return 'To change it: turn permessage-deflate off, or let connections share a compressor.';
  }
  if (has('greeting'))
    return 'To change it: look at what the server keeps of the message that it sends first.';
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
