import type { Verdict } from '../../bench/results/summary.js';
import type { Owner } from '../../bench/results/owners.js';

/** A server whose behaviour is known, and what is right to say of it. */
export interface KnownCase {
  readonly name: string;
  /** Options of the known target. */
  readonly target: readonly string[];
  /** Options of the bench besides the common ones; a later one wins. */
  readonly bench?: readonly string[];
  /** Verdicts that are right. */
  readonly verdicts: readonly Verdict[];
  /** Only with `growing`: whether the rise is steady, which a leak at a constant rate is. */
  readonly trend?: 'steady';
  /** Whose memory it is: that owner's own verdict must be one of `verdicts` too. */
  readonly owner?: Owner;
  /** What is measured, what it truly is in bytes, and by how much it may be off. */
  readonly measure?: {
    /** Growth per connection opened or per message, or what is held per open connection more than by `nothing`. */
    readonly kind: 'growth' | 'growth per message' | 'held';
    readonly truthBytes: number;
    readonly toleranceShare: number;
  };
  /** Only with `inconclusive`: how many waves must be asked for. */
  readonly wavesNeeded?: number;
}

/** The case that the others are compared with. */
export const nothingKept = 'nothing';

/** How each case is run: about 50 s. */
export const commonOptions = [
  '--connections=10000',
  '--rate=5000',
  '--waves=5',
  '--baseline=3s',
  '--hold=2s',
  '--rest=3s',
  '--interval=500ms',
];

const leak200 = { kind: 'growth', truthBytes: 200, toleranceShare: 0.1 } as const;

/** All cases, the one that others are compared with first. */
export const knownCases: readonly KnownCase[] = [
  // uWebSockets.js and malloc keep what 10,000 connections took, some 6 MB, and use it again.
  { name: nothingKept, target: [], verdicts: ['released', 'retained'] },
  {
    name: 'keeps 10 KiB per open connection',
    target: ['--keep=10KiB'],
    verdicts: ['released', 'retained'],
    measure: { kind: 'held', truthBytes: 10_240, toleranceShare: 0.03 },
  },
  {
    name: 'leaks 200 B of JS heap per connection',
    target: ['--leak-js=200B'],
    verdicts: ['growing'],
    trend: 'steady',
    owner: 'js_heap',
    measure: leak200,
  },
  {
    name: 'leaks 200 B of native memory per connection',
    target: ['--leak-native=200B'],
    verdicts: ['growing'],
    trend: 'steady',
    owner: 'malloc',
    measure: leak200,
  },
  {
    name: 'leaks 100 B of native memory per message',
    target: ['--leak-message=100B'],
    bench: ['--message-rate=5000'],
    verdicts: ['growing'],
    trend: 'steady',
    owner: 'malloc',
    measure: { kind: 'growth per message', truthBytes: 100, toleranceShare: 0.1 },
  },
  {
    name: 'fills a cache of 30 MB in two waves',
    target: ['--cache=1500B', '--cache-bound=30MB'],
    verdicts: ['retained'],
    owner: 'malloc',
  },
  {
    // It is freed during the next hold: later than the floor, which is some 4 s after the closes, and later than the
    // next ramp, which would else take over freed places among others that are still waiting; but before the next floor.
    name: 'frees 10 KiB per connection 8 s late',
    target: ['--keep=10KiB', '--free-late=8s'],
    bench: ['--hold=5s'],
    verdicts: ['retained'],
  },
  {
    name: 'leaves 2 KiB of garbage per connection',
    target: ['--garbage-js=2KiB'],
    verdicts: ['released', 'retained'],
  },
  {
    name: 'the leak of JS heap again, but only 2 waves',
    target: ['--leak-js=200B'],
    bench: ['--waves=2'],
    verdicts: ['inconclusive'],
    wavesNeeded: 4,
  },
  {
    name: 'the same garbage, and nobody collects it',
    target: ['--garbage-js=2KiB'],
    bench: ['--no-agent'],
    verdicts: ['released', 'retained', 'inconclusive'],
  },
];

/**
 * Returns the cases that have `wanted` in their names, and before them the one that they are compared with, if any of
 * them is. Empty if there are none.
 */
export function chooseCases(wanted: string): readonly KnownCase[] {
  const named = knownCases.filter(({ name }) => name.includes(wanted));
  const isCompared = named.some(({ measure }) => measure?.kind === 'held');
  return knownCases.filter(
    (known) => named.includes(known) || (isCompared && known.name === nothingKept),
  );
}
