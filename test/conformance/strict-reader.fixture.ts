/**
 * An independent model of what RFC 6455 lets a client send, written from the RFC and not from the generator: reads a whole
 * stream and says what is in it, up to the first frame that is wrong.
 */
export interface StrictReading {
  /** Messages and pings, in the order in which they are to be answered. */
  readonly answers: readonly { readonly opcode: number; readonly payload: Buffer }[];
  /** Frames that are right. */
  readonly frames: number;
  /** What is wrong with the one after them, in words; undefined if nothing is. */
  readonly wrong: string | undefined;
  /** Bytes that are left and make no whole frame. */
  readonly restBytes: number;
}

interface OpenMessage {
  readonly isText: boolean;
  readonly parts: Buffer[];
}

/** Reads a stream of masked frames, messages of at most `mostBytes`. */
export function readStrictly(stream: Buffer, mostBytes: number): StrictReading {
  const answers: { opcode: number; payload: Buffer }[] = [];
  let message: OpenMessage | undefined;
  let at = 0;
  let frames = 0;
  const stop = (wrong?: string): StrictReading => ({
    answers,
    frames,
    wrong,
    restBytes: stream.length - at,
  });
  while (stream.length - at >= 2) {
    const first = stream.readUInt8(at);
    const second = stream.readUInt8(at + 1);
    const opcode = first % 16;
    const isFinal = first >= 128;
    if (Math.floor(first / 16) % 8 !== 0) return stop('reserved bits');
    if (![0, 1, 2, 8, 9, 10].includes(opcode)) return stop('reserved opcode');
    if (second < 128) return stop('no mask');
    const short = second % 128;
    if (opcode >= 8 && (!isFinal || short > 125)) return stop('control frame');
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (stream.length - at < head) return stop();
    let length = BigInt(short);
    if (short === 126) length = BigInt(stream.readUInt16BE(at + 2));
    if (short === 127) length = stream.readBigUInt64BE(at + 2);
    if ((short === 126 && length < 126n) || (short === 127 && length < 65_536n)) {
      return stop('length not the shortest');
    }
    if (opcode === 0 && message === undefined) return stop('continuation of nothing');
    if ((opcode === 1 || opcode === 2) && message !== undefined) return stop('message in message');
    const before = opcode === 0 ? (message?.parts ?? []) : [];
    const total = before.reduce((sum, part) => sum + part.length, 0) + Number(length);
    if (opcode < 8 && total > mostBytes) return stop('too long');
    const end = at + head + 4 + Number(length);
    if (stream.length < end) return stop();
    const mask = stream.subarray(at + head, at + head + 4);
    const payload = Buffer.from(stream.subarray(at + head + 4, end));
    for (const [index, byte] of payload.entries())
      payload[index] = byte ^ mask.readUInt8(index % 4);
    if (opcode === 8) {
      const why = findFaultOfClose(payload);
      if (why !== undefined) return stop(why);
    } else if (opcode === 9) answers.push({ opcode: 10, payload });
    else if (opcode < 8) {
      message ??= { isText: opcode === 1, parts: [] };
      message.parts.push(payload);
      if (isFinal) {
        const whole = Buffer.concat(message.parts);
        if (message.isText && !isUtf8(whole)) return stop('no UTF-8');
        answers.push({ opcode: message.isText ? 1 : 2, payload: whole });
        message = undefined;
      }
    }
    frames++;
    at = end;
  }
  return stop();
}

function findFaultOfClose(payload: Buffer): string | undefined {
  if (payload.length === 0) return undefined;
  if (payload.length === 1) return 'close frame of one byte';
  const code = payload.readUInt16BE(0);
  const isAllowed =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
  if (!isAllowed) return 'close code';
  return isUtf8(payload.subarray(2)) ? undefined : 'close reason';
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    // The only thing that it throws for.
    return false;
  }
}
