import { mostPayloadBytes } from './cases.js';
import { type ClientFrame, closePayload, encodeFrame, opcodes } from './frame.js';
import { faultKinds, type FaultKind, makeFault } from './faults.js';
import { takeBinary, takeText } from './payload-pool.js';
import { RandomSource } from './random-source.js';

/** An answer that the server owes: the echo of a message, or the pong of a ping. */
export interface ExpectedAnswer {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Index of the frame that it answers, or the last one of them, from 0. */
  readonly frame: number;
  /** Where that frame ends in the stream, in bytes. */
  readonly end: number;
}

/** How a connection is to end, once the stream has been sent; `bytes` end it. */
export type PlannedEnding = { readonly bytes: Buffer } & (
  | { readonly kind: 'close'; readonly codes: readonly number[] }
  /** Something wrong, and then a ping, whose pong shows that the server goes on. */
  | { readonly kind: 'fault'; readonly fault: FaultKind; readonly isGlued: boolean }
  /** Half a frame, and then the client is gone. */
  | { readonly kind: 'leave' }
);

/** All that one connection sends, and what has to come back. */
export interface ConnectionPlan {
  /** Valid frames; the last is a ping, whose pong says that all have been read. */
  readonly stream: Buffer;
  /** Where each frame ends in the stream, in bytes. */
  readonly frameEnds: readonly number[];
  /** In the order in which they have to come. */
  readonly answers: readonly ExpectedAnswer[];
  /** Where each write ends in the stream, in bytes: anywhere, within frames too. */
  readonly writeEnds: readonly number[];
  readonly ending: PlannedEnding;
}

/** `ws` cuts a client that has more pings unanswered than a limit, and any number of writes may be read at once. */
export const mostPingsPerWrite = 16;

/** Payload of the ping after a fault. */
export const probe = 'probe';

/** Lengths at which something changes, in bytes: the forms of the length, none. */
const tellingBytes = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 1000];

const { continuation, text, binary, close, ping, pong } = opcodes;

/** Codes that a client may send, and those that may come back for each. */
const closings: readonly {
  readonly code: number | undefined;
  readonly codes: readonly number[];
}[] = [
  { code: undefined, codes: [1000, 1005] },
  ...[1000, 1001, 1003, 1007, 1011, 4000, 4999].map((code) => ({ code, codes: [code, 1000] })),
];

/**
 * Makes the same plan from the same seed and number. Even numbers are long, 200 frames on average, odd ones short, 20: only
 * where connections and frames do not grow together can memory be put down to one of them.
 */
export function planConnection(seed: number, number: number): ConnectionPlan {
  const random = new RandomSource(seed, number);
  const stream = new StreamBuilder(random);
  const frames = number % 2 === 0 ? 40 + random.upTo(320) : 5 + random.upTo(30);
  while (stream.frameCount < frames) stream.addAny();
  const ending = planEnding(stream, random);
  stream.addPing();
  const bytes = Buffer.concat(stream.pieces);
  return {
    stream: bytes,
    frameEnds: stream.frameEnds,
    answers: stream.answers,
    writeEnds: planWrites(bytes.length, stream.answers, random),
    ending,
  };
}

class StreamBuilder {
  readonly pieces: Buffer[] = [];
  readonly frameEnds: number[] = [];
  readonly answers: ExpectedAnswer[] = [];
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  get frameCount(): number {
    return this.frameEnds.length;
  }

  addAny(): void {
    const choice = this.#random.upTo(99);
    if (choice < 60) this.#addMessage();
    else if (choice < 75) this.#addFragments();
    else this.#addControl();
  }

  addPing(): void {
    const payload = this.#controlPayload();
    this.add({ opcode: ping, payload });
    this.#expect(pong, payload);
  }

  add(frame: ClientFrame): void {
    const bytes = encodeFrame({ ...frame, mask: this.#random.mask() });
    this.pieces.push(bytes);
    this.frameEnds.push((this.frameEnds.at(-1) ?? 0) + bytes.length);
  }

  #addControl(): void {
    if (this.#random.upTo(2) > 0) this.addPing();
    else this.add({ opcode: pong, payload: this.#controlPayload() });
  }

  #addMessage(): void {
    const [opcode, payload] = this.#message();
    this.add({ opcode, payload });
    this.#expect(opcode, payload);
  }

  #addFragments(): void {
    const [opcode, payload] = this.#message();
    const cuts = Array.from({ length: 1 + this.#random.upTo(4) }, () =>
      this.#random.upTo(payload.length),
    ).sort((a, b) => a - b);
    let begin = 0;
    for (const [index, end] of [...cuts, payload.length].entries()) {
      while (index > 0 && this.#random.isOneIn(4)) this.#addControl();
      this.add({
        opcode: index === 0 ? opcode : continuation,
        payload: payload.subarray(begin, end),
        isFinal: index === cuts.length,
      });
      begin = end;
    }
    this.#expect(opcode, payload);
  }

  #message(): [opcode: number, payload: Buffer] {
    const random = this.#random;
    const bytes = this.#messageBytes();
    return random.isOneIn(2)
      ? [text, takeText(random, bytes)]
      : [binary, takeBinary(random, bytes)];
  }

  #messageBytes(): number {
    const random = this.#random;
    if (random.isOneIn(400)) return mostPayloadBytes - (random.isOneIn(2) ? 0 : random.upTo(8000));
    return random.isOneIn(8) ? random.pick(tellingBytes) : random.upTo(60);
  }

  #controlPayload(): Buffer {
    const random = this.#random;
    return takeBinary(random, random.isOneIn(10) ? random.pick([0, 124, 125]) : random.upTo(20));
  }

  #expect(opcode: number, payload: Buffer): void {
    const end = this.frameEnds.at(-1) ?? 0;
    this.answers.push({ opcode, payload, frame: this.frameCount - 1, end });
  }
}

/** Plans the ending, and adds to the stream what a fault needs before it. */
function planEnding(stream: StreamBuilder, random: RandomSource): PlannedEnding {
  const choice = random.upTo(99);
  const encode = (frame: ClientFrame): Buffer => encodeFrame({ ...frame, mask: random.mask() });
  if (choice < 25) {
    const { code, codes } = random.pick(closings);
    const payload = code === undefined ? '' : closePayload(code, takeText(random, random.upTo(40)));
    return { kind: 'close', codes, bytes: encode({ opcode: close, payload }) };
  }
  if (choice < 35) {
    const whole = encode({ opcode: binary, payload: takeBinary(random, 100) });
    return { kind: 'leave', bytes: whole.subarray(0, random.upTo(whole.length - 1)) };
  }
  const { kind: fault, lead, bad } = makeFault(random.pick(faultKinds), random);
  for (const frame of lead) stream.add(frame);
  const bytes = Buffer.concat([encode(bad), encode({ opcode: ping, payload: probe })]);
  return { kind: 'fault', fault, isGlued: random.isOneIn(4), bytes };
}

/**
 * Cuts a stream into writes: most of some kilobytes, as busy clients send, others of a few bytes. None has more pings than
 * {@link mostPingsPerWrite}.
 */
function planWrites(length: number, answers: readonly ExpectedAnswer[], random: RandomSource) {
  const pingEnds = answers.filter(({ opcode }) => opcode === pong).map(({ end }) => end);
  const ends: number[] = [];
  for (let at = 0, pings = 0; at < length;) {
    const far = at + 1 + (random.isOneIn(4) ? random.upTo(8) : random.upTo(8000));
    at = Math.min(far, pingEnds[pings + mostPingsPerWrite - 1] ?? length, length);
    while ((pingEnds[pings] ?? Infinity) <= at) pings++;
    ends.push(at);
  }
  return ends;
}
