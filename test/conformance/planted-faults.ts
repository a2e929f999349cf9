import type { Finding } from './fuzz-verdict.js';

/** How a server with a known fault is fuzzed, and what has to be found; nothing where it is sound. */
interface PlantedFaultTrial {
  readonly frames: number;
  /** One of them will do. */
  readonly findings: readonly Finding[];
  readonly summary: string;
}

/** Frames at which both leaks stand well above their margins: 207 ± 30 B per frame, 19,679 ± 536 B per connection. */
const leakFrames = 100_000;

/** What `faulty-server.ts` can have. */
export const plantedFaults = {
  none: { frames: leakFrames, findings: [], summary: 'none' },
  'leak-message': {
    frames: leakFrames,
    findings: ['leak per frame'],
    summary: '200 B kept of each message',
  },
  'leak-connection': {
    frames: leakFrames,
    findings: ['leak per connection'],
    summary: '20 kB kept of each connection',
  },
  'wrong-echo': {
    frames: 20_000,
    findings: ['wrong answer'],
    summary: 'first byte wrong in each 997th echo',
  },
  exit: { frames: leakFrames, findings: ['process lost'], summary: 'exit at message 40,000' },
  hang: { frames: leakFrames, findings: ['hang'], summary: 'no answer from message 20,000 on' },
  'lost-pong': {
    frames: 20_000,
    // Where it is the last ping of a stream, nothing comes after it.
    findings: ['wrong answer', 'hang'],
    summary: 'no pong to each 997th ping',
  },
  'any-text': {
    frames: 20_000,
    findings: ['wrong outcome'],
    summary: 'echoes text that is no UTF-8',
  },
} as const satisfies Readonly<Record<string, PlantedFaultTrial>>;

/** A fault that is planted, or `none`. */
export type PlantedFault = keyof typeof plantedFaults;

/** Their names. */
export const plantedFaultNames = Object.keys(plantedFaults) as readonly PlantedFault[];
