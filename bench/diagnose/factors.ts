import type { EndMode } from '../../loadgen/plan/behaviour.js';
import type { Allocator } from '../targets/allocator.js';

/** Factors of the experiment: what a cell sets, and the levels that it can set it to. */
export interface Levels {
  /** What is said first on a connection: nothing, a greeting without or with text, or messages that are answered. */
  readonly messages: 'none' | 'empty greeting' | 'greeting' | 'echo';
  readonly deflate: 'off' | 'on';
  readonly allocator: Allocator;
  readonly tls: 'off' | 'on';
  /** How connections end: it decides what stays, not what is held. */
  readonly end: EndMode;
}

/** Name of a factor. */
export type Factor = keyof Levels;

/** The levels that each factor takes, that of the base first; one with a single level does not vary. */
export type FactorLevels = { readonly [Name in Factor]: readonly Levels[Name][] };

/** One combination of levels: a run of its own, with a fresh target. */
export interface Cell {
  /** Such as `greeting_deflate-on_glibc`; the name of its folder. */
  readonly name: string;
  readonly levels: Levels;
}

/** The names of the factors. */
export const factorKeys = ['messages', 'deflate', 'allocator', 'tls', 'end'] as const;

/** Tells whether two cells differ in one factor and in nothing else. */
export function differOnlyIn(factor: Factor, one: Cell, other: Cell): boolean {
  return factorKeys.every((key) => (one.levels[key] === other.levels[key]) === (key !== factor));
}
