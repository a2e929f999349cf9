import { Receiver } from 'ws';
import { chunkCostBytes, type MemoryBudget } from './memory-budget.js';
import type { BoundedDeflate } from './message-deflate.js';

/** Who is told what comes over a connection that is open. */
export interface FrameSink {
  /** Reads what is out of the ordinary; undefined until there is such a thing. */
  receiver: FrameReceiver | undefined;
  /** False once frames are no longer wanted: there is a close frame, or the connection is broken. */
  readonly isReading: boolean;
  /** What unfinished messages are counted against. */
  readonly memory: MemoryBudget;
  /** Data is valid during the call only. */
  messageCame(data: Buffer, isBinary: boolean): void;
  pingCame(data: Buffer): void;
  pongCame(): void;
  /** The code is undefined if the frame has none. The reason is the server's text, as it came. */
  closeCame(code: number | undefined, reason: string): void;
  /** The server broke the protocol; the error has a code. */
  framesBroke(error: Error): void;
  /** All connections together keep too much, and this one has been the last to take more. */
  memoryExceeded(): void;
  /** The receiver has read what it had too much of. */
  receiverDrained(): void;
}

/** The receiver of `ws`, with the one whom it tells. */
export class FrameReceiver extends Receiver {
  readonly sink: FrameSink;
  #keptBytes = 0;
  #isReleased = false;

  constructor(sink: FrameSink, deflate: BoundedDeflate | undefined) {
    super({
      // The limits of the `ws` client.
      maxBufferedChunks: 256 * 1024,
      maxFragments: 16 * 1024,
      maxPayload: sink.memory.limits.messageBytes,
      // Greetings and echoes are compared byte by byte, which says more.
      skipUTF8Validation: true,
      extensions: deflate === undefined ? {} : { 'permessage-deflate': deflate },
    });
    this.sink = sink;
    if (deflate !== undefined) {
      deflate.onInflated = () => {
        this.countKept();
      };
    }
    this.on('message', handleMessage);
    this.on('ping', handlePing);
    this.on('pong', handlePong);
    this.on('conclude', handleConclude);
    this.on('error', handleError);
    this.on('drain', handleDrain);
  }

  /** Counts what it keeps of messages that are not complete. */
  countKept(): void {
    if (this.#isReleased) return;
    const chunks = this._buffers.length + this._fragments.length;
    const bytes = this._bufferedBytes + this._messageLength + this.writableLength;
    const keptBytes = bytes + chunks * chunkCostBytes;
    if (keptBytes === this.#keptBytes) return;
    const fits = this.sink.memory.claim(keptBytes - this.#keptBytes);
    this.#keptBytes = keptBytes;
    if (!fits) this.sink.memoryExceeded();
  }

  /** Nothing that it keeps counts any more: its connection is gone. */
  release(): void {
    this.#isReleased = true;
    this.sink.memory.claim(-this.#keptBytes);
    this.#keptBytes = 0;
  }
}

/** Code that the receiver reports for a close frame without one (RFC 6455, section 7.1.5). */
const noStatusCode = 1005;

/**
 * Reads what has come: the bytes `from` up to `to`, which may be overwritten afterwards. Whole messages, pings and
 * normal closes are read here, as a receiver costs more memory than all else of an idle connection; at the first byte
 * of anything else a receiver takes over for good. Returns false if the receiver has too much to do for the moment.
 */
export function readFrames(sink: FrameSink, bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  if (sink.receiver === undefined) {
    at = readPlainFrames(sink, bytes, from, to);
    if (at === to || !sink.isReading) return true;
    sink.receiver = new FrameReceiver(sink, undefined);
  }
  const { receiver } = sink;
  const goesOn = receiver.write(Buffer.from(bytes.subarray(at, to)));
  receiver.countKept();
  return goesOn;
}

/** Returns the position of the first byte that it leaves to a receiver. */
function readPlainFrames(sink: FrameSink, bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (sink.isReading && to - at >= 2) {
    const kind = bytes.readUInt8(at);
    let length = bytes.readUInt8(at + 1);
    let dataAt = at + 2;
    if (length === 126 && kind < 0x88 && to - at >= 4) {
      length = bytes.readUInt16BE(at + 2);
      dataAt = at + 4;
    } else if (length > 125) return at;
    const end = dataAt + length;
    if (end > to || !readPlainFrame(sink, kind, bytes.subarray(dataAt, end))) return at;
    at = end;
  }
  return at;
}

/** Takes a frame by its first byte, FIN and opcode (RFC 6455, section 5.2); false if it is none of the plain ones. */
function readPlainFrame(sink: FrameSink, kind: number, data: Buffer): boolean {
  switch (kind) {
    case 0x81:
    case 0x82:
      sink.messageCame(data, kind === 0x82);
      return true;
    case 0x88: {
      const code = data.length < 2 ? undefined : data.readUInt16BE(0);
      if (data.length === 1 || (code !== undefined && code !== 1000 && code !== 1001)) return false;
      sink.closeCame(code, data.toString('utf8', 2));
      return true;
    }
    case 0x89:
      sink.pingCame(data);
      return true;
    case 0x8a:
      sink.pongCame();
      return true;
    default:
      return false;
  }
}

function handleMessage(this: FrameReceiver, data: Buffer, isBinary: boolean): void {
  this.sink.messageCame(data, isBinary);
}

function handlePing(this: FrameReceiver, data: Buffer): void {
  this.sink.pingCame(data);
}

function handlePong(this: FrameReceiver): void {
  this.sink.pongCame();
}

function handleConclude(this: FrameReceiver, code: number, reason: Buffer): void {
  this.sink.closeCame(code === noStatusCode ? undefined : code, reason.toString());
}

function handleError(this: FrameReceiver, error: Error): void {
  this.sink.framesBroke(error);
}

function handleDrain(this: FrameReceiver): void {
  this.sink.receiverDrained();
}
