import { AnswerChecker } from './answer-checker.js';
import {
  type ConnectionPlan,
  mostPingsPerWrite,
  type PlannedEnding,
  probe,
} from './connection-plan.js';
import { expectedOutcomes, type FaultOutcome } from './faults.js';
import { opcodes, type ServerFrame } from './frame.js';
import { handshakeRequest, RawConnection, whyRefused } from './raw-connection.js';
import type { ConformanceServer } from './servers.js';

/** What a server has done that it must not do. */
export interface Misdeed {
  readonly kind: 'wrong answer' | 'hang' | 'ended early' | 'refused' | 'wrong outcome';
  /** Index of the frame, from 0; that after the last one of the stream for its ending. */
  readonly frame: number;
  readonly why: string;
}

/** How one connection went. */
export interface ConnectionResult {
  readonly framesSent: number;
  /** Frames that the server has read for certain, as a later one, or they themselves, were answered. */
  readonly framesConsumed: number;
  readonly answersRight: number;
  readonly answersWrong: number;
  /** After a fault. */
  readonly outcome?: FaultOutcome;
  readonly misdeeds: readonly Misdeed[];
}

/** Bytes that may be under way: less than the 64 KiB of backlog at which our server cuts a client that does not read. */
const mostUnderWayBytes = 32 * 1024;

/** Writes of up to this many bytes are to be read by themselves, so the next one waits for a turn of the event loop. */
const lonelyWriteBytes = 8;

/** How long to wait, in milliseconds, for an end that is known not to come. */
const knownSilenceMs = 100;

const { close } = opcodes;

/**
 * Sends what is planned over a connection of its own to a port of this machine, and checks what comes back.
 * `deadlineMs` is how long the server may do nothing at all while an answer is owed.
 */
export async function fuzzConnection(
  port: number,
  server: ConformanceServer,
  plan: ConnectionPlan,
  deadlineMs: number,
): Promise<ConnectionResult> {
  const connection = await openConnection(port, deadlineMs);
  if (typeof connection === 'string') return refused(connection);
  try {
    return await new FuzzConnection(connection, server, plan, deadlineMs).run();
  } finally {
    connection.destroy();
  }
}

/** Opens a connection; what went wrong in words if the server does not. */
async function openConnection(port: number, deadlineMs: number): Promise<RawConnection | string> {
  let connection;
  try {
    connection = await RawConnection.open(port);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  connection.send(handshakeRequest());
  const why = whyRefused(await connection.answer(deadlineMs));
  if (why === undefined) return connection;
  connection.destroy();
  return why;
}

function refused(why: string): ConnectionResult {
  const misdeeds = [{ kind: 'refused', frame: 0, why } as const];
  return { framesSent: 0, framesConsumed: 0, answersRight: 0, answersWrong: 0, misdeeds };
}

class FuzzConnection {
  readonly #connection: RawConnection;
  readonly #server: ConformanceServer;
  readonly #plan: ConnectionPlan;
  readonly #deadlineMs: number;
  readonly #checker: AnswerChecker;
  /** Other than wrong answers, which the checker keeps. */
  #misdeed: Misdeed | undefined;
  #sentBytes = 0;
  #writes = 0;
  #outcome: FaultOutcome | undefined;
  #endingFramesSent = 0;
  #endingFramesConsumed = 0;

  constructor(
    connection: RawConnection,
    server: ConformanceServer,
    plan: ConnectionPlan,
    deadlineMs: number,
  ) {
    this.#connection = connection;
    this.#server = server;
    this.#plan = plan;
    this.#deadlineMs = deadlineMs;
    this.#checker = new AnswerChecker(plan.answers);
  }

  async run(): Promise<ConnectionResult> {
    try {
      if (await this.#sendStream()) await this.#end(this.#plan.ending);
    } catch (error) {
      // A frame that no server may send.
      if (!(error instanceof RangeError)) throw error;
      this.#fail('wrong answer', error.message);
    }
    const { wrong, right, acknowledgedFrames } = this.#checker;
    const sent = this.#plan.frameEnds.filter((end) => end <= this.#sentBytes).length;
    return {
      framesSent: sent + this.#endingFramesSent,
      framesConsumed: acknowledgedFrames + this.#endingFramesConsumed,
      answersRight: right,
      answersWrong: wrong.length,
      misdeeds: [
        ...wrong.map((each) => ({ kind: 'wrong answer', ...each }) as const),
        ...(this.#misdeed === undefined ? [] : [this.#misdeed]),
      ],
      ...(this.#outcome === undefined ? {} : { outcome: this.#outcome }),
    };
  }

  /**
   * Sends the stream, but for its last write where that goes together with a fault, and waits for all answers to it.
   * Resolves with whether the connection is still of use.
   */
  async #sendStream(): Promise<boolean> {
    const { writeEnds, ending } = this.#plan;
    const isGlued = ending.kind === 'fault' && ending.isGlued;
    const writes = isGlued ? writeEnds.length - 1 : writeEnds.length;
    for (;;) {
      for (const frame of this.#connection.takeFrames()) {
        if (frame.opcode === close)
          return this.#fail('ended early', `closed with ${codeOf(frame)}`);
        if (this.#checker.isComplete) return this.#fail('wrong answer', 'an answer to nothing');
        this.#checker.take(frame);
        if (this.#checker.isOutOfStep) return false;
      }
      if (this.#connection.hasEnded) return this.#fail('ended early', 'cut');
      if (this.#writes < writes && this.#maySend()) await this.#writeNext();
      else if (this.#writes === writes && (isGlued || this.#checker.isComplete)) return true;
      else if (!(await this.#connection.changes(this.#deadlineMs))) {
        return this.#fail('hang', `nothing came for ${this.#deadlineMs} ms`);
      }
    }
  }

  /** Where no answer is owed for what is sent, waiting would be for ever. */
  #maySend(): boolean {
    if ((this.#checker.next?.end ?? 0) > this.#sentBytes) return true;
    return (
      this.#sentBytes - this.#checker.acknowledgedBytes < mostUnderWayBytes &&
      this.#checker.countOwedPongs(this.#sentBytes) < mostPingsPerWrite
    );
  }

  async #writeNext(): Promise<void> {
    const bytes = this.#takeWrite();
    this.#connection.send(bytes);
    if (bytes.length <= lonelyWriteBytes) await new Promise(setImmediate);
  }

  #takeWrite(): Buffer {
    const { stream, writeEnds } = this.#plan;
    const end = writeEnds[this.#writes++] ?? stream.length;
    const bytes = stream.subarray(this.#sentBytes, end);
    this.#sentBytes = end;
    return bytes;
  }

  async #end(ending: PlannedEnding): Promise<void> {
    switch (ending.kind) {
      case 'leave':
        this.#connection.send(ending.bytes);
        return;
      case 'close':
        this.#endingFramesSent = 1;
        this.#connection.send(ending.bytes);
        return this.#expectClose(ending.codes);
      case 'fault':
        this.#endingFramesSent = 1;
        this.#connection.send(
          ending.isGlued ? Buffer.concat([this.#takeWrite(), ending.bytes]) : ending.bytes,
        );
        return this.#expectFailure(ending);
    }
  }

  async #expectClose(codes: readonly number[]): Promise<void> {
    const outcome = await this.#findOutcome(this.#deadlineMs);
    if (outcome.startsWith('closed')) this.#endingFramesConsumed = 1;
    if (codes.some((code) => outcome === `closed ${code}`)) return;
    const why = `${outcome} instead of closed ${codes.join(' or ')} after a close frame`;
    this.#fail(outcome === 'not ended' ? 'hang' : 'wrong outcome', why);
  }

  async #expectFailure({
    fault,
    isGlued,
  }: Extract<PlannedEnding, { kind: 'fault' }>): Promise<void> {
    const expected = expectedOutcomes(this.#server, fault);
    const outcome = await this.#findOutcome(
      expected.includes('not ended') ? knownSilenceMs : this.#deadlineMs,
    );
    this.#outcome = outcome;
    if (!expected.includes(outcome)) {
      this.#fail('wrong outcome', `${outcome} instead of ${expected.join(' or ')}: ${fault}`);
    } else if (!isGlued && !this.#checker.isComplete) {
      this.#fail('wrong answer', 'an answer is missing');
    }
  }

  /** Waits until the server has closed or cut the connection, or shown that it goes on. */
  async #findOutcome(timeoutMs: number): Promise<FaultOutcome> {
    let closeFrame: ServerFrame | undefined;
    for (;;) {
      for (const frame of this.#connection.takeFrames()) {
        if (closeFrame !== undefined) this.#fail('wrong answer', 'a frame after the close frame');
        else if (frame.opcode === close) closeFrame = frame;
        else if (!this.#checker.isComplete && !isProbe(frame)) this.#checker.take(frame);
        // The pong of the probe, or an answer to the very frame that is wrong.
        else return 'not ended';
      }
      if (this.#connection.hasEnded) {
        return closeFrame === undefined ? 'cut' : `closed ${codeOf(closeFrame)}`;
      }
      if (!(await this.#connection.changes(timeoutMs))) return 'not ended';
    }
  }

  /** Notes what is wrong; returns false, as nothing is to follow. */
  #fail(kind: Misdeed['kind'], why: string): false {
    const frame = this.#checker.next?.frame ?? this.#plan.frameEnds.length;
    this.#misdeed ??= { kind, frame, why };
    return false;
  }
}

function isProbe({ opcode, payload }: ServerFrame): boolean {
  return opcode === opcodes.pong && payload.equals(Buffer.from(probe));
}

function codeOf({ payload }: ServerFrame): number {
  return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
}
