import type { ExpectedAnswer } from './connection-plan.js';
import { opcodes, type ServerFrame } from './frame.js';

/** An answer that is not the one that was owed. */
export interface WrongAnswer {
  /** Index of the frame that it should answer, from 0. */
  readonly frame: number;
  /** What is wrong, in words. */
  readonly why: string;
}

/**
 * Holds what a server sends against what it owes, in order. Echoes and pongs are one queue: the RFC would let a pong
 * overtake an echo, but no server that is tried here does that, and one queue finds an answer that is lost at once.
 */
export class AnswerChecker {
  readonly wrong: WrongAnswer[] = [];
  #right = 0;
  #next = 0;
  #acknowledgedFrames = 0;
  #acknowledgedBytes = 0;
  #fragments: ServerFrame[] = [];
  #isOutOfStep = false;
  readonly #answers: readonly ExpectedAnswer[];

  constructor(answers: readonly ExpectedAnswer[]) {
    this.#answers = answers;
  }

  /** Answers that were as they had to be. */
  get right(): number {
    return this.#right;
  }

  /** Frames that the server has read for certain: those up to the last one that it has answered. */
  get acknowledgedFrames(): number {
    return this.#acknowledgedFrames;
  }

  /** The same in bytes of the stream. */
  get acknowledgedBytes(): number {
    return this.#acknowledgedBytes;
  }

  /** Whether all answers have come. */
  get isComplete(): boolean {
    return this.#next === this.#answers.length;
  }

  /** Whether an answer was another one altogether, so that those that follow can't be told apart any more. */
  get isOutOfStep(): boolean {
    return this.#isOutOfStep;
  }

  /** The answer that is owed next. */
  get next(): ExpectedAnswer | undefined {
    return this.#answers[this.#next];
  }

  /** Counts the pings among the first `sentBytes` of the stream that have no pong yet. */
  countOwedPongs(sentBytes: number): number {
    let count = 0;
    for (let index = this.#next; index < this.#answers.length; index++) {
      const answer = this.#answers[index];
      if (answer === undefined || answer.end > sentBytes) break;
      if (answer.opcode === opcodes.pong) count++;
    }
    return count;
  }

  /** Takes a frame other than a close frame, while {@link isComplete} is false. */
  take(frame: ServerFrame): void {
    const isControl = frame.opcode >= opcodes.close;
    if (!isControl) {
      this.#fragments.push(frame);
      if (!frame.isFinal) return;
    }
    const frames = isControl ? [frame] : this.#fragments.splice(0);
    const expected = this.next;
    if (expected === undefined) return;
    const why = compare(frames, expected);
    if (why === undefined) this.#right++;
    else {
      this.wrong.push({ frame: expected.frame, why });
      // One that is wrong in its bytes alone stands for the one that was owed; all else shifts what follows.
      this.#isOutOfStep = why !== wrongBytes;
    }
    this.#next++;
    this.#acknowledgedFrames = expected.frame + 1;
    this.#acknowledgedBytes = expected.end;
  }
}

const wrongBytes = 'other bytes came back';

function compare(frames: readonly ServerFrame[], expected: ExpectedAnswer): string | undefined {
  const [first] = frames;
  if (first?.opcode !== expected.opcode) {
    return `opcode ${first?.opcode ?? -1} instead of ${expected.opcode}`;
  }
  const isContinued = frames.slice(1).every(({ opcode }) => opcode === opcodes.continuation);
  if (!isContinued) return 'a message within a message';
  if (frames.some(({ reserved }) => reserved !== 0)) return 'a reserved bit is set';
  const payload =
    frames.length === 1 ? first.payload : Buffer.concat(frames.map((each) => each.payload));
  if (payload.length !== expected.payload.length) {
    return `${payload.length} bytes instead of ${expected.payload.length}`;
  }
  return payload.equals(expected.payload) ? undefined : wrongBytes;
}
