import type { Route } from '../connection/route.js';
import type { GreetingExpectation } from './greeting.js';
import type { Behaviour } from './behaviour.js';
import type { Rate } from './arrivals.js';
import type { Share, Slot } from './shares.js';
import type { SourcePlan } from './source-addresses.js';
import type { MemoryLimits } from '../connection/memory-limits.js';
import type { ConversationPlan, TrafficPlan } from './conversation.js';
import type { LoadCounts } from '../report/counts.js';

/** Version of the messages between the coordinator and its processes; both come from one package, so it must be the same. */
export const messagesVersion = 5;

/** Bytes at the front of a payload: when the message was due (double, CLOCK_MONOTONIC ms), and its number (double). */
export const headerBytes = 16;

/** The part of the run that one process carries out. Durations are in milliseconds, sizes in bytes. */
export interface Assignment {
  readonly route: Route;
  readonly source: SourcePlan;
  /** The connections that it starts, among those of the whole run. */
  readonly share: Share;
  /** Connections that it may have open at once. */
  readonly places: number;
  /** The messages that it sends, among those of the whole run. */
  readonly messageSlot: Slot;
  /** It starts no connection before it is told to go. */
  readonly isHeld: boolean;
  /** Connections per second of the whole run. */
  readonly rate: Rate;
  readonly behaviour: Behaviour;
  /** When connections are no longer asked for, from the start; absent if there is no end. */
  readonly durationMs?: number;
  /** Absent for none. */
  readonly traffic?: TrafficPlan;
  readonly greeting: GreetingExpectation;
  readonly conversation: ConversationPlan;
  /** Handshakes that this process may have in flight. */
  readonly handshakes: number;
  readonly handshakeTimeoutMs: number;
  readonly reportIntervalMs: number;
  readonly limits: MemoryLimits;
}

/** What the coordinator tells a process. */
export type ToGenerator =
  | { readonly kind: 'prepare'; readonly version: number; readonly assignment: Assignment }
  /** The first connection of the whole run is due at this moment of CLOCK_MONOTONIC. */
  | { readonly kind: 'start'; readonly startMs: number }
  /** A process that is held may begin. */
  | { readonly kind: 'go' }
  /** All connections of the run are open: what happens in the hold begins, counted from this moment of CLOCK_MONOTONIC. */
  | { readonly kind: 'hold'; readonly sinceMs: number }
  /** Start nothing more and send nothing more. */
  | { readonly kind: 'stop' }
  /** Close everything politely; what is not closed by this moment of CLOCK_MONOTONIC is terminated. */
  | { readonly kind: 'drain'; readonly endMs: number };

/** Where a process stands at one moment. */
export interface ProcessReport {
  /** CLOCK_MONOTONIC milliseconds. */
  readonly takenAtMs: number;
  readonly tally: LoadCounts;
  /** Worst event-loop delay since the report before, in milliseconds. */
  readonly worstLagMs: number;
  /** User and system CPU time since the start of the run, in microseconds. */
  readonly cpuMicros: number;
  /** When this process first had something to do, in CLOCK_MONOTONIC milliseconds; it may have waited for its turn. */
  readonly activeSinceMs: number;
  /** When the last connection opened, in CLOCK_MONOTONIC milliseconds; 0 if none has. */
  readonly lastOpenedMs: number;
}

/** Distributions of one process, HdrHistogram V2 in base64. */
export interface EncodedLatencies {
  readonly connect: string;
  readonly greeting: string;
  readonly echo: string;
  readonly lag: string;
}

/** What a process tells the coordinator. */
export type FromGenerator =
  /** It can start at once. */
  | { readonly kind: 'ready'; readonly version: number }
  /**
   * Regular report: the `tick`-th report interval since the start is over. Unless another one comes, its counts hold up to and including
   * the tick `holdsUntil`: a process that waits has nothing new to tell.
   */
  | {
      readonly kind: 'tick';
      readonly tick: number;
      readonly holdsUntil: number;
      readonly report: ProcessReport;
    }
  /** It has started everything that was asked of it, though not all has settled yet; once per run. */
  | { readonly kind: 'begun' }
  /** Everything asked of it has been tried; once per run. */
  | { readonly kind: 'ramped'; readonly report: ProcessReport }
  /** Its first attempts have all failed; once per run. */
  | { readonly kind: 'hopeless'; readonly report: ProcessReport }
  /** It has drained; this is its last message. */
  | { readonly kind: 'done'; readonly report: ProcessReport; readonly latencies: EncodedLatencies };
