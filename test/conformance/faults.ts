import { mostPayloadBytes } from './cases.js';
import { type ClientFrame, closePayload, opcodes } from './frame.js';
import { takeBinary, takeText } from './payload-pool.js';
import type { RandomSource } from './random-source.js';
import type { ConformanceServer } from './servers.js';

/**
 * Ways to break RFC 6455, each with the code of section 7.4.1 that says so. A length with its highest bit set is too long as
 * well: 1009 is as right.
 */
const codeOfFault = {
  'reserved bits': 1002,
  'reserved opcode': 1002,
  unmasked: 1002,
  'long control frame': 1002,
  'fragmented control frame': 1002,
  'continuation of nothing': 1002,
  'message within a message': 1002,
  'frame too long': 1009,
  'message too long': 1009,
  'announced too long': 1009,
  'length with the highest bit': 1009,
  'length not the shortest': 1002,
  'invalid UTF-8': 1007,
  'invalid UTF-8 in a fragment': 1007,
  'UTF-8 cut at the end': 1007,
  'close code that may not be sent': 1002,
  'close frame of one byte': 1002,
  'close reason no UTF-8': 1007,
} as const;

/** A way to break the rules. */
export type FaultKind = keyof typeof codeOfFault;

/** All of them. */
export const faultKinds = Object.keys(codeOfFault) as readonly FaultKind[];

/** How a connection went on after a fault: closed with a code (1005 for none), cut without a close frame, or not ended. */
export type FaultOutcome = `closed ${number}` | 'cut' | 'not ended';

/** A fault, ready to be sent. */
export interface Fault {
  readonly kind: FaultKind;
  /** What has to be sent before it, which is right: the beginning of a message. */
  readonly lead: readonly ClientFrame[];
  /** The frame that is wrong. */
  readonly bad: ClientFrame;
}

const { continuation, text, binary, close, ping, pong } = opcodes;

/** Each is wrong with its last byte at the latest, whatever follows. */
const invalidUtf8: readonly Buffer[] = [
  [0x80],
  [0xc0, 0xaf],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xe2, 0x28],
  [0xff],
].map((bytes) => Buffer.from(bytes));

const cutUtf8: readonly Buffer[] = [[0xc3], [0xe2, 0x82], [0xf0, 0x9d, 0x84]].map((bytes) =>
  Buffer.from(bytes),
);

/** Makes one fault of this kind. */
export function makeFault(kind: FaultKind, random: RandomSource): Fault {
  const some = (): Buffer => takeBinary(random, random.upTo(60));
  const words = (): Buffer => takeText(random, random.upTo(60));
  const alone = (bad: ClientFrame): Fault => ({ kind, lead: [], bad });
  const after = (lead: ClientFrame, bad: ClientFrame): Fault => ({
    kind,
    lead: [{ ...lead, isFinal: false }],
    bad,
  });
  /** Control frames may stand between fragments, and are wrong there too. */
  const control = (bad: ClientFrame): Fault =>
    random.isOneIn(2) ? alone(bad) : after({ opcode: binary, payload: some() }, bad);
  switch (kind) {
    case 'reserved bits':
      return alone({
        opcode: random.pick([text, binary, ping]),
        payload: words(),
        reserved: 1 + random.upTo(6),
      });
    case 'reserved opcode':
      return control({
        opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]),
        payload: some(),
      });
    case 'unmasked':
      return alone({
        opcode: random.pick([text, binary, ping]),
        payload: words(),
        isMasked: false,
      });
    case 'long control frame':
      return control({
        opcode: random.pick([ping, pong, close]),
        payload: Buffer.concat([closePayload(1000), Buffer.alloc(124 + random.upTo(200), 'x')]),
      });
    case 'fragmented control frame':
      return control({ opcode: random.pick([ping, pong]), payload: some(), isFinal: false });
    case 'continuation of nothing':
      return alone({ opcode: continuation, payload: some(), isFinal: random.isOneIn(2) });
    case 'message within a message':
      return after(
        { opcode: random.pick([text, binary]), payload: words() },
        { opcode: random.pick([text, binary]), payload: words(), isFinal: random.isOneIn(2) },
      );
    case 'frame too long':
      return alone({
        opcode: binary,
        payload: takeBinary(random, mostPayloadBytes + 1 + random.upTo(2000)),
      });
    case 'message too long':
      return after(
        { opcode: binary, payload: takeBinary(random, mostPayloadBytes - random.upTo(100)) },
        { opcode: continuation, payload: takeBinary(random, 101) },
      );
    case 'announced too long':
      return alone({ opcode: binary, lengthBytes: 8, claimedLength: 2n ** 40n });
    case 'length with the highest bit':
      return alone({ opcode: binary, lengthBytes: 8, claimedLength: 2n ** 63n + 5n });
    case 'length not the shortest': {
      const lengthBytes = random.pick([2, 8] as const);
      return alone({ opcode: random.pick([text, binary]), payload: words(), lengthBytes });
    }
    case 'invalid UTF-8':
      return alone({
        opcode: text,
        payload: Buffer.concat([words(), random.pick(invalidUtf8), words()]),
      });
    case 'invalid UTF-8 in a fragment':
      // The last one, as servers may wait for the end before they look.
      return after(
        { opcode: text, payload: words() },
        {
          opcode: continuation,
          payload: Buffer.concat([words(), random.pick(invalidUtf8)]),
        },
      );
    case 'UTF-8 cut at the end':
      return random.isOneIn(2)
        ? alone({ opcode: text, payload: Buffer.concat([words(), random.pick(cutUtf8)]) })
        : after(
            { opcode: text, payload: Buffer.concat([words(), random.pick(cutUtf8)]) },
            { opcode: continuation },
          );
    case 'close code that may not be sent':
      return alone({
        opcode: close,
        payload: closePayload(random.pick([0, 999, 1004, 1005, 1006, 1015, 2999]), words()),
      });
    case 'close frame of one byte':
      return alone({ opcode: close, payload: Buffer.from([3]) });
    case 'close reason no UTF-8':
      return alone({
        opcode: close,
        payload: closePayload(1000, random.pick([...invalidUtf8, ...cutUtf8])),
      });
  }
}

/**
 * Outcomes that a server is known for where it does not close with the code of the RFC: uWebSockets.js 20.56 cuts, does
 * not look at the mask bit, so that it reads on out of step, and answers bad close frames with an empty one. It takes a new
 * message within a message if a ping came in between, which clears its note that the last frame was not final. Neither
 * minds a length that is not the shortest.
 */
const knownOutcomes: Readonly<
  Record<
    ConformanceServer,
    Partial<Readonly<Record<FaultKind | 'others', readonly FaultOutcome[]>>>
  >
> = {
  uws: {
    others: ['cut'],
    unmasked: ['not ended', 'cut'],
    'message within a message': ['not ended', 'cut'],
    'length not the shortest': ['not ended'],
    'close code that may not be sent': ['closed 1005'],
    'close frame of one byte': ['closed 1005'],
    'close reason no UTF-8': ['closed 1005'],
  },
  ws: { 'length not the shortest': ['not ended'] },
};

/** Lists the outcomes that are right, or known, after a fault. */
export function expectedOutcomes(
  server: ConformanceServer,
  kind: FaultKind,
): readonly FaultOutcome[] {
  const known = knownOutcomes[server];
  return known[kind] ?? known.others ?? [`closed ${codeOfFault[kind]}`];
}
