import { setTimeout as sleep } from 'node:timers/promises';
import { planConnection } from './connection-plan.js';
import type { FaultOutcome } from './faults.js';
import { type ConnectionResult, fuzzConnection, type Misdeed } from './fuzz-connection.js';
import { fitGrowth, type MemoryGrowth, type MemorySample } from './memory-growth.js';
import type { ServerMemory } from './server-memory.js';
import type { ConformanceServer } from './servers.js';

/** What is fuzzed. */
export interface FuzzTarget {
  /** A port of this machine. */
  readonly port: number;
  /** Whose known deviations it may have. */
  readonly server: ConformanceServer;
  readonly memory: ServerMemory;
}

/** How much is sent, and from which seed. */
export interface FuzzBudget {
  /** Frames that the server is to read, 1 or more; at most a twenty-eighth more will be. */
  readonly frames: number;
  readonly seed: number;
  /** How long the server may do nothing at all while an answer is owed, in milliseconds; 10,000 by default. */
  readonly deadlineMs?: number;
}

/** A misdeed, and which connection shows it again. */
export interface FoundMisdeed extends Misdeed {
  readonly connection: number;
}

/** What a server has gone through, and how it did. */
export interface FuzzResult {
  readonly connections: number;
  readonly framesSent: number;
  readonly framesConsumed: number;
  readonly answersRight: number;
  readonly answersWrong: number;
  readonly outcomes: ReadonlyMap<FaultOutcome, number>;
  readonly misdeeds: readonly FoundMisdeed[];
  /** Processes that were there at the beginning and have gone. */
  readonly processesLost: number;
  /** undefined if the run was given up, or too short. */
  readonly growth: MemoryGrowth | undefined;
}

/** Connections at a time. */
const atOnce = 16;

/** Rounds of long and of short connections, two of each in turn; after each one memory is read. */
const rounds = 28;

/** Rounds in which a server still takes what it needs to be used at all. */
const warmUpRounds = 6;

/** For one long connection there are so many short ones, which makes about 300 frames. */
const shortForOneLong = 5;
const framesOfOneLong = 270;

/** Misdeeds after which a run says nothing more. */
const mostMisdeeds = 1000;

const defaultDeadlineMs = 10_000;

/** Longer than it takes until a process that has ended is gone, in milliseconds. */
const endNoticedMs = 500;

/**
 * Sends streams of frames, valid but for faults now and then, over many connections, and checks all answers. It is given
 * up when the server hangs, is gone, or has done too much wrong.
 */
export async function fuzz(target: FuzzTarget, budget: FuzzBudget): Promise<FuzzResult> {
  const { port, server, memory } = target;
  const { seed, deadlineMs = defaultDeadlineMs } = budget;
  await memory.start();
  const { pids } = memory;
  const tally = new Tally();
  const samples: MemorySample[] = [];
  const longInRound = Math.max(1, Math.ceil(budget.frames / (rounds / 2) / framesOfOneLong));
  const started = [0, 0];
  const runOne = async (parity: 0 | 1): Promise<void> => {
    const number = 2 * (started[parity] ?? 0) + parity;
    started[parity] = (started[parity] ?? 0) + 1;
    tally.add(number, await fuzzConnection(port, server, planConnection(seed, number), deadlineMs));
  };
  for (let round = 0; tally.framesConsumed < budget.frames && !tally.isHopeless(); round++) {
    // Two of a kind and two of the other: else the kind of a round and what it makes grow could not be told apart.
    const parity = round % 4 < 2 ? 0 : 1;
    const end =
      (started[parity] ?? 0) + (parity === 0 ? longInRound : longInRound * shortForOneLong);
    const work = async (): Promise<void> => {
      while ((started[parity] ?? 0) < end && !tally.isHopeless()) await runOne(parity);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    if (round < warmUpRounds || tally.isHopeless()) continue;
    const { framesConsumed: frames, connections } = tally;
    samples.push({
      frames,
      connections,
      isAfterShort: parity === 1,
      ...(await memory.read()),
    });
  }
  // A process that has just ended is listed until its parent has taken note.
  if (tally.isHopeless()) await sleep(endNoticedMs);
  const alive = new Set(memory.pids);
  const isEnough = samples.length >= 11 && !tally.isHopeless();
  return {
    ...tally.counts,
    outcomes: tally.outcomes,
    misdeeds: tally.misdeeds,
    processesLost: pids.filter((pid) => !alive.has(pid)).length,
    growth: isEnough ? fitGrowth(samples) : undefined,
  };
}

class Tally {
  readonly counts = {
    connections: 0,
    framesSent: 0,
    framesConsumed: 0,
    answersRight: 0,
    answersWrong: 0,
  };
  readonly outcomes = new Map<FaultOutcome, number>();
  readonly misdeeds: FoundMisdeed[] = [];
  #isHopeless = false;

  get connections(): number {
    return this.counts.connections;
  }

  get framesConsumed(): number {
    return this.counts.framesConsumed;
  }

  isHopeless(): boolean {
    return this.#isHopeless;
  }

  add(connection: number, result: ConnectionResult): void {
    this.counts.connections++;
    this.counts.framesSent += result.framesSent;
    this.counts.framesConsumed += result.framesConsumed;
    this.counts.answersRight += result.answersRight;
    this.counts.answersWrong += result.answersWrong;
    if (result.outcome !== undefined) {
      this.outcomes.set(result.outcome, (this.outcomes.get(result.outcome) ?? 0) + 1);
    }
    for (const misdeed of result.misdeeds) {
      this.misdeeds.push({ connection, ...misdeed });
      if (misdeed.kind === 'hang' || misdeed.kind === 'refused') this.#isHopeless = true;
    }
    if (this.misdeeds.length >= mostMisdeeds) this.#isHopeless = true;
  }
}
