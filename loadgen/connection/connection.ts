import type * as net from 'node:net';
import { Sender } from 'ws';
import { classifyHandshakeError, classifyOpenError, describeError } from './classify-failure.js';
import type { FailureCode } from '../report/failure-codes.js';
import { closeData, describeClose, normalClosure } from './close-frame.js';
import { FrameReceiver, type FrameSink, readFrames } from './frame-reader.js';
import type { Handshake } from './handshake.js';
import type { MemoryBudget, Sending } from './memory-budget.js';
import { type BoundedDeflate, negotiateDeflate } from './message-deflate.js';
import {
  type ConnectingSocket,
  listenTo,
  resetSocket,
  type SocketUser,
} from './socket-listeners.js';
import type { Ordered } from './start-order.js';

/** Who is told what happens to its connections. */
export interface ConnectionOwner {
  /** What all of them may keep. */
  readonly memory: MemoryBudget;
  connectionOpened(connection: Connection): void;
  /** Data is valid during the call only. */
  connectionReceived(connection: Connection, data: Buffer, isBinary: boolean): void;
  pongReceived(connection: Connection): void;
  /** Called, without an object, for each message of either side that is compressed. */
  readonly messageCompressed: () => void;
  /** A connection that reads slowly has read so many bytes, and waits for {@link Connection.readOn}. */
  slowReadDone(connection: Connection, bytes: number): void;
  /** What is known of why a connection failed, beyond the code; the text may come from the server. */
  failureExplained(code: FailureCode, detail: string): void;
  /** Called once for each connection, whether it was ever open or not. */
  connectionClosed(connection: Connection): void;
}

/** What sets one connection apart from the others of its process. */
export interface ConnectionStart {
  /** When it was due, in CLOCK_MONOTONIC milliseconds. */
  readonly dueMs: number;
  readonly startedMs: number;
  /** Its pair of local address and port in the ring; -1 if the kernel chose them. */
  readonly pair: number;
  /** How often it may still be tried again from another pair. */
  readonly retriesLeft: number;
  /** Number of the connection in the whole run, from 0. */
  readonly index: number;
}

const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How long a socket that we have ended may stay without a sign of life, in milliseconds. */
const endTimeoutMs = 30_000;

/**
 * One WebSocket connection. Its state stands in its own fields, and all connections share their listeners: a closure
 * or a timer per connection would cost more than the state itself. It does its own opening handshake, which is the
 * better part of what a connection costs the `ws` client; frames are the business of `ws`.
 */
export class Connection implements Ordered<Connection>, FrameSink, SocketUser, Sending {
  readonly owner: ConnectionOwner;
  readonly dueMs: number;
  readonly startedMs: number;
  readonly pair: number;
  readonly retriesLeft: number;
  readonly index: number;
  older: Connection | undefined = undefined;
  newer: Connection | undefined = undefined;
  isOrdered = false;
  hasOpened = false;
  /** When we began to end it, in CLOCK_MONOTONIC milliseconds; 0 if we have not. */
  closingSinceMs = 0;
  isGreetingAwaited = false;
  /** Where it stands among the usable connections of its owner; -1 if it doesn't. */
  usableIndex = -1;
  /** Messages sent whose answer has not come. */
  awaitedAnswers = 0;
  /** What went wrong first. */
  failure: FailureCode | undefined = undefined;
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  isReading = true;
  isSlow = false;
  receiver: FrameReceiver | undefined = undefined;
  readonly #handshake: Handshake;
  readonly #socket: net.Socket;
  /** Of its request, until it is answered. */
  #key = '';
  /** The part of a response that came in pieces. */
  #head: Buffer | undefined = undefined;
  #deflate: BoundedDeflate | undefined = undefined;
  /** Sends all frames if they are deflated, which takes time, so that they stay in order. */
  #sender: Sender | undefined = undefined;

  constructor(
    connecting: ConnectingSocket,
    handshake: Handshake,
    owner: ConnectionOwner,
    start: ConnectionStart,
  ) {
    this.owner = owner;
    this.dueMs = start.dueMs;
    this.startedMs = start.startedMs;
    this.pair = start.pair;
    this.retriesLeft = start.retriesLeft;
    this.index = start.index;
    this.#handshake = handshake;
    this.#socket = connecting.socket;
    listenTo(connecting, this);
  }

  /** Gives the handshake up; it counts as failed for this reason. */
  abandon(failure: FailureCode, detail?: string): void {
    this.#fail(failure, detail);
    this.terminate();
  }

  /** Sends a message, deflated if that was agreed on; a deflated one is read after this has returned. */
  send(data: Buffer, isBinary: boolean): void {
    if (this.state !== 'open') return;
    // Messages must not wait for each other. Connections that send none are spared the system call.
    this.#socket.setNoDelay(true);
    if (this.#sender === undefined) this.#sendFrame(isBinary ? opcodes.binary : opcodes.text, data);
    else {
      const sent = this.#countFrame();
      this.#sender.send(data, { binary: isBinary, compress: true, fin: true, mask: true }, sent);
      this.#checkUnsent(data.length);
    }
  }

  ping(): void {
    if (this.state !== 'open') return;
    if (this.#sender === undefined) this.#sendFrame(opcodes.ping, noData);
    else {
      this.#sender.ping(noData, true, this.#countFrame());
      this.#checkUnsent(0);
    }
  }

  /** Begins the close handshake (1000), if the connection is open. */
  close(): void {
    if (this.state !== 'open') return;
    // The server's answer may stand behind much that has not been read yet.
    this.#goOnReading();
    this.#close(1000, false);
  }

  /** Cuts the connection off, so that the server gets a reset (RST) rather than an end (FIN). */
  reset(): void {
    if (this.state === 'closed') return;
    this.state = 'closing';
    this.isReading = false;
    this.#deflate?.giveUp();
    resetSocket(this.#socket);
  }

  /** Says nothing any more, whatever comes, but stays until the server closes the connection. */
  fallSilent(): void {
    this.state = 'closing';
    this.isReading = false;
    this.#goOnReading();
  }

  /** From now on it waits after each read until it is told to {@link readOn}; `isPausing` also before the first. */
  readSlowly(isPausing: boolean): void {
    this.isSlow = true;
    if (isPausing) this.#socket.pause();
  }

  /** Reads once more, if it reads slowly. */
  readOn(): void {
    if (this.state !== 'closed') this.#socket.resume();
  }

  /** Cuts the connection off. */
  terminate(): void {
    if (this.state === 'closed') return;
    this.state = 'closing';
    this.isReading = false;
    this.#deflate?.giveUp();
    this.#socket.destroy();
  }

  get memory(): MemoryBudget {
    return this.owner.memory;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength + (this.#sender?._bufferedBytes ?? 0);
  }

  messageCame(data: Buffer, isBinary: boolean): void {
    this.owner.connectionReceived(this, data, isBinary);
  }

  pingCame(data: Buffer): void {
    if (this.state !== 'open') return;
    if (this.#sender === undefined) this.#sendFrame(opcodes.pong, data);
    else {
      this.#sender.pong(Buffer.from(data), true, this.#countFrame());
      this.#checkUnsent(data.length);
    }
  }

  pongCame(): void {
    this.owner.pongReceived(this);
  }

  closeCame(code: number | undefined, reason: string): void {
    if (this.closingSinceMs === 0) this.owner.failureExplained('lost', describeClose(code, reason));
    this.isReading = false;
    if (this.state === 'open') this.#close(code, true);
    else this.#end();
  }

  framesBroke(error: Error): void {
    this.failure ??= classifyOpenError(error);
    this.isReading = false;
    // RFC 6455, section 7.1.7: say why, then leave.
    if (this.state === 'open')
      this.#close(this.failure === 'message_too_large' ? 1009 : 1002, true);
    else this.#end();
  }

  memoryExceeded(): void {
    this.#cutAtLimit('memory_exceeded');
  }

  receiverDrained(): void {
    if (!this.isSlow) this.#socket.resume();
  }

  /** Sends the request. Not for use from outside, like all that follows: the listeners call it. */
  socketReady(): void {
    this.#key = this.#handshake.makeKey();
    this.#handshake.send(this.#socket, this.index, this.#key);
  }

  /** Takes the first `length` bytes; false if no more are wanted for now. */
  socketRead(bytes: Buffer, length: number): boolean {
    if (this.state === 'connecting') return this.#readResponse(bytes, length);
    const goesOn = !this.isReading || readFrames(this, bytes, 0, length);
    if (!this.isSlow) return goesOn;
    this.owner.slowReadDone(this, length);
    return false;
  }

  socketEnded(): void {
    if (this.state === 'connecting') this.abandon('reset');
    else {
      if (this.state === 'open' && this.failure === undefined) {
        this.owner.failureExplained('lost', 'ended without a close frame');
      }
      this.#end();
    }
  }

  socketFailed(error: Error): void {
    const failure = this.hasOpened ? classifyOpenError(error) : classifyHandshakeError(error);
    this.#fail(failure, describeError(failure, error));
  }

  socketClosed(): void {
    this.state = 'closing';
    const { receiver } = this;
    // Messages that came in time may still be inflated.
    if (receiver === undefined || receiver.closed) this.receiverClosed();
    else receiver.on('close', handleReceiverClose).end();
  }

  receiverClosed(): void {
    this.state = 'closed';
    this.isReading = false;
    this.#deflate?.cleanup();
    this.receiver?.release();
    this.memory.forget(this);
    this.owner.connectionClosed(this);
  }

  #goOnReading(): void {
    if (!this.isSlow) return;
    this.isSlow = false;
    this.#socket.resume();
  }

  /** Keeps what went wrong first. */
  #fail(failure: FailureCode, detail: string | undefined): void {
    if (this.failure !== undefined) return;
    this.failure = failure;
    if (detail !== undefined) this.owner.failureExplained(failure, detail);
  }

  #readResponse(chunk: Buffer, chunkLength: number): boolean {
    let [bytes, length] = [chunk, chunkLength];
    if (this.#head !== undefined) {
      bytes = Buffer.concat([this.#head, chunk.subarray(0, chunkLength)]);
      ({ length } = bytes);
    }
    const response = this.#handshake.read(bytes, length, this.#key);
    switch (response.kind) {
      case 'incomplete':
        this.#head = Buffer.from(bytes.subarray(0, length));
        return true;
      case 'rejected':
        this.abandon('rejected', response.detail);
        return true;
      case 'invalid':
        this.abandon('protocol', response.detail);
        return true;
      case 'accepted':
        this.#head = undefined;
        this.#key = '';
        if (response.extensions !== undefined && !this.#useDeflate(response.extensions))
          return true;
        this.state = 'open';
        this.hasOpened = true;
        this.owner.connectionOpened(this);
        return readFrames(this, bytes, response.headBytes, length);
    }
  }

  /** Returns false, having given up, if the server chose something that was not offered. */
  #useDeflate(extensions: string): boolean {
    const { messageCompressed } = this.owner;
    let deflate: BoundedDeflate;
    try {
      deflate = negotiateDeflate(extensions, this.memory.limits.messageBytes, messageCompressed);
    } catch {
      // Which of the many mistakes it is makes no difference to the count.
      this.abandon('protocol');
      return false;
    }
    this.receiver = new FrameReceiver(this, deflate);
    this.#sender = new Sender(this.#socket, { 'permessage-deflate': deflate });
    this.#deflate = deflate;
    return true;
  }

  #sendFrame(opcode: number, data: Buffer): void {
    const frame = { fin: true, opcode, mask: true, readOnly: true, rsv1: false };
    const parts = Sender.frame(data, frame);
    // More than one part, which shares the data, comes from a mask of zeros only.
    const bytes = parts.length > 1 ? Buffer.concat(parts) : (parts[0] ?? data);
    const socket = this.#socket;
    socket.write(bytes, this.memory.countFrame(this));
    if (socket.writableLength > 0) this.#checkUnsent(bytes.length);
  }

  /** Deflating takes time, so a frame may wait before any byte of it is written. */
  #countFrame(): (() => void) | undefined {
    this.memory.beginBacklog(this);
    return this.memory.countFrame(this);
  }

  /** Cuts the connection off if a frame of so many bytes was one too many. */
  #checkUnsent(frameBytes: number): void {
    const broken = this.memory.frameWaits(this, frameBytes);
    // Who is leaving has nothing more to say than its close.
    if (broken !== undefined && this.state === 'open') this.#cutAtLimit(broken);
  }

  #cutAtLimit(failure: FailureCode): void {
    this.#fail(failure, undefined);
    this.terminate();
    this.receiver?.release();
    this.memory.forget(this);
  }

  /** Sends a close frame, and if it is the last thing to be said, ends the connection. */
  #close(code: number | undefined, isLast: boolean): void {
    this.state = 'closing';
    if (this.#sender === undefined) {
      this.#sendFrame(opcodes.close, code === 1000 ? normalClosure : closeData(code));
      if (isLast) this.#end();
    } else {
      this.#sender.close(code, undefined, true, () => {
        if (!this.isReading) this.#end();
      });
    }
  }

  /** Ends the connection as soon as all that we have written is gone. */
  #end(): void {
    this.state = 'closing';
    const socket = this.#socket;
    if (socket.destroyed) return;
    // Spares the shutdown, and the wait for the end of the other side.
    if (socket.writableLength === 0 && !('encrypted' in socket)) socket.destroy();
    else socket.setTimeout(endTimeoutMs, handleTimeout).destroySoon();
  }
}

const noData = Buffer.alloc(0);

function handleTimeout(this: net.Socket): void {
  this.destroy();
}

function handleReceiverClose(this: FrameReceiver): void {
  const { sink } = this;
  if (sink instanceof Connection) sink.receiverClosed();
}
