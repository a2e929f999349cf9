import type { Owner } from '../../bench/results/owners.js';
import type { Verdict } from '../../bench/results/summary.js';
import type { KnownServerName } from './known-servers.js';

/** A server whose behaviour is known, and what is right to say of it. */
export interface KnownCase {
  readonly name: string;
  readonly server: KnownServerName;
  /** Options of the known target on uWebSockets.js; behaviour and bytes of the other servers. */
  readonly target: readonly string[];
  /** Variables that the server gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Connections that it has had before it is watched by its process id; it is started by the bench if there are none. */
  readonly warmConnections?: number;
  /** Options of the bench besides the common ones; a later one wins. */
  readonly bench?: readonly string[];
  /** Verdicts that are right. */
  readonly verdicts: readonly Verdict[];
  /** Only with `growing`: whose memory it is, whose own verdict must be that too. */
  readonly owner?: Owner;
  /** What is measured, what it truly is in bytes, and by how much it may be off. */
  readonly measure?: {
    /** Growth per connection opened or per message, or what is held per open connection more than by `nothing`. */
    readonly kind: 'growth' | 'growth per message' | 'held';
    readonly truthBytes: number;
    readonly toleranceShare: number;
  };
  /** Only with `growing`: what the verdict has to name, the class, the size of the block, or the function and its file. */
  readonly named?: RegExp;
  /** Only with `inconclusive`: how many waves must be asked for. */
  readonly wavesNeeded?: number;
}

/** The case that the others are compared with. */
export const nothingKept = 'uWS: nothing';

/** How each case is run besides the defaults: nothing is changed, or for a quick look all is smaller. */
export const commonOptions = {
  full: [],
  quick: [
    '--connections=2000',
    '--hold=600ms',
    '--rest=2s',
    '--baseline=1500ms',
    '--interval=250ms',
  ],
} as const;

/** How far off the bytes may be in a small run, where what the runtime itself does is a larger share. */
export const quickToleranceShare = 0.2;

/** Entries of the caches that the second wave of such a run fills. */
export const cacheEntries = { full: 15_000, quick: 3000 } as const;

/** Stands for the size of the cache in options of the known target on uWebSockets.js: {@link cacheEntries} of 1,500 B. */
export const cacheBound = { placeholder: '{cache}', bytesPerEntry: 1500 } as const;
