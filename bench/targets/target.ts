import type { JsHoldings, ProcessMemory } from '../../machine/v8.js';
import type { AgentClients } from './agent/agent-clients.js';
import type { OutputTail } from './program-output.js';

/** Targets that the bench starts by name: our own server, and peers to compare it with. */
export const bundledTargets = ['uws', 'ws', 'netty'] as const;

/** A target that the bench starts by name. */
export type BundledTarget = (typeof bundledTargets)[number];

/** The server under test, as the user has chosen it. */
export type TargetChoice =
  | {
      readonly kind: 'bundled';
      readonly name: BundledTarget;
      readonly greeting: string | undefined;
      readonly compression: string;
      readonly workers: number | 'auto';
      /** Package folder or `.node` file of uWebSockets.js for our own server; undefined for the installed package. */
      readonly uws?: string | undefined;
    }
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly url: string;
      /** Folder in which it runs; undefined for the current one. */
      readonly cwd?: string | undefined;
    }
  | {
      readonly kind: 'process';
      readonly pid: number | 'auto';
      readonly url: string;
      /** Admin port of a Tidemark server, or `auto` to look for one; undefined for others. */
      readonly adminUrl: string | undefined;
      /** Whether it may be made to collect its garbage, though others may be using it. */
      readonly mayAsk: boolean;
      /** How long it may take to listen. */
      readonly waitMs: number;
    };

/** A server under test, ready for connections. */
export interface Target {
  /** Name for people, such as `uws`. */
  readonly name: string;
  /** WebSocket address that the load generator connects to. */
  readonly url: string;
  /** Addresses of its workers, for a load that fills one after the other; undefined if all come by {@link url}. */
  readonly workerUrls?: readonly string[];
  /** Whether others may use it, so that it is to be left alone: it was running before the bench came. */
  readonly isShared: boolean;
  /** Process whose tree is measured. */
  readonly rootPid: number;
  /** Which native build it runs, in words; undefined if there is none, or it does not say. */
  readonly build?: string;
  /** What the target says about itself, for summary.json. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Asks the target for its own figures; undefined if it has none, or does not answer in time. */
  readonly readStats: () => Promise<TargetStats | undefined>;
  /** Agents in those of its processes that are Node programs; undefined if the bench did not start it. */
  readonly agents?: AgentClients;
  /**
   * Makes those of its processes that are Node programs collect their garbage, and returns what is alive in each; missing if
   * they can't be asked, or are asked through their agents.
   */
  readonly collectGarbage?: (pids: readonly number[]) => Promise<readonly JsHoldings[]>;
  /** Settles with a description in words when the target has ended, asked or not. */
  readonly ended: Promise<string>;
  /** Ends what was started, and only that. Resolves to a description in words if it did not end well. */
  readonly stop: () => Promise<string | undefined>;
  /** Ends what was started at once. */
  readonly kill: () => void;
}

/** A target's own figures. */
export interface TargetStats {
  readonly connections: number;
  readonly openedTotal: number;
  readonly greetingsSentTotal: number;
  readonly workersRestartedTotal: number;
  /** Its processes that ended without being told to, as far as it tells, and how: `was killed by SIGKILL`. */
  readonly lost: readonly { readonly pid: number; readonly how: string }[];
  /** Age of the oldest of these figures when they were told, in seconds. */
  readonly oldestReportSeconds: number;
  /** Each process of the target that reports its memory. */
  readonly processes: readonly ProcessStats[];
}

/** What one process of a target reports about itself. */
export interface ProcessStats {
  readonly pid: number;
  /** Connections open in it; undefined for a process that holds none by design. */
  readonly connections: number | undefined;
  readonly memory: ProcessMemory;
}

/** What a target needs to know about the run before it starts. */
export interface TargetDemand {
  /** Connections that will be open at once. */
  readonly connections: number;
  /** Whether the clients fill one worker after the other; for our own server only. */
  readonly fillsInTurn: boolean;
  /** How far it gives way to the load generator, 0 to 19. */
  readonly niceness: number;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Variables for the programs themselves: a shell that starts them must not be started with these, as it would be that which is
   * traced.
   */
  readonly preload: Readonly<Record<string, string>>;
  /** Agents that its Node programs are to have; undefined for none. */
  readonly agents: AgentClients | undefined;
  /** Gets what it writes for people. */
  readonly output?: OutputTail;
  /** Called with the process that was started, before it is ready. */
  readonly onStarted?: (pid: number) => void;
}

/**
 * At `--rate max` generator and target compete for the cores. A target that gives way works in batches instead of being
 * woken for every handshake: 400,000 connections to 21 workers on 2 cores opened 30 % faster (4 alternating pairs).
 */
export const nicenessAtMaxRate = 10;

/** Returns what to tell a target that is started for something other than a run of the bench. */
export function plainDemand(connections: number): TargetDemand {
  return {
    connections,
    fillsInTurn: false,
    niceness: 0,
    environment: {},
    preload: {},
    agents: undefined,
  };
}
