import { randomBytes } from 'node:crypto';

/** Opcodes of RFC 6455, section 5.2. */
export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** A frame to be sent, right or wrong. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  /** true by default. */
  readonly isFinal?: boolean;
  /** RSV1 to RSV3 as the bits 4, 2 and 1; 0 by default. */
  readonly reserved?: number;
  /** false for a frame without a mask, which no client may send. */
  readonly isMasked?: boolean;
  /** Bytes of the length: 7 bits alone (0), or 2 or 8 more. The shortest that fits by default. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** The length that is claimed; that of the payload by default. */
  readonly claimedLength?: bigint;
  /** Four bytes; random ones by default. */
  readonly mask?: Buffer;
}

/** Writes a frame as a client sends it (RFC 6455, section 5.2), with whatever is wrong with it. */
export function encodeFrame(frame: ClientFrame): Buffer {
  const given = frame.payload ?? '';
  const payload = typeof given === 'string' ? Buffer.from(given) : given;
  const { isFinal = true, reserved = 0, isMasked = true } = frame;
  const length = frame.claimedLength ?? BigInt(payload.length);
  const lengthBytes = frame.lengthBytes ?? shortestLength(length);
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | frame.opcode;
  const maskBit = isMasked ? 0x80 : 0;
  const maskBytes = isMasked ? 4 : 0;
  const begin = 2 + lengthBytes + maskBytes;
  // One buffer and a plain loop: the fuzzer writes millions of frames.
  const bytes = Buffer.allocUnsafe(begin + payload.length);
  bytes[0] = first;
  bytes[1] = maskBit | (lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) bytes.writeUInt16BE(Number(length), 2);
  if (lengthBytes === 8) bytes.writeBigUInt64BE(length, 2);
  bytes.set(payload, begin);
  if (!isMasked) return bytes;
  const mask = frame.mask ?? randomBytes(4);
  bytes.set(mask, 2 + lengthBytes);
  for (let index = 0; index < payload.length; index++) {
    bytes[begin + index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return bytes;
}

/** Writes what a close frame holds (RFC 6455, section 5.5.1). */
export function closePayload(code: number, reason: Buffer | string = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

/** A frame that a server has sent. */
export interface ServerFrame {
  readonly isFinal: boolean;
  /** As in {@link ClientFrame}. */
  readonly reserved: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * Takes the first frame off what a server has sent; undefined if it is not whole yet.
 * @throws {RangeError} if the frame has a mask, which no server may send.
 */
export function takeFrame(
  bytes: Buffer,
): { readonly frame: ServerFrame; readonly rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  if ((second & 0x80) !== 0) throw new RangeError('the server has sent a frame with a mask');
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + lengthBytes) return undefined;
  const length =
    lengthBytes === 0
      ? short
      : lengthBytes === 2
        ? bytes.readUInt16BE(2)
        : Number(bytes.readBigUInt64BE(2));
  const begin = 2 + lengthBytes;
  if (bytes.length < begin + length) return undefined;
  const frame = {
    isFinal: (first & 0x80) !== 0,
    reserved: (first >> 4) & 7,
    opcode: first & 0x0f,
    payload: bytes.subarray(begin, begin + length),
  };
  return { frame, rest: bytes.subarray(begin + length) };
}

function shortestLength(length: bigint): 0 | 2 | 8 {
  if (length < 126n) return 0;
  return length < 65_536n ? 2 : 8;
}
