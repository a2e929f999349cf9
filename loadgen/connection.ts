import WebSocket from 'ws';
import { classifyHandshakeError, classifyOpenError } from './classify-failure.js';
import type { FailureCode } from './failure-codes.js';
import type { Ordered } from './start-order.js';

/** Who is told what happens to its connections. */
export interface ConnectionOwner {
  connectionOpened(connection: Connection): void;
  connectionReceived(connection: Connection, data: Buffer, isBinary: boolean): void;
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
}

/**
 * One WebSocket connection. Its state stands in its own fields, and all connections share their listeners: a closure
 * or a timer per connection would cost more than the state itself.
 */
export class Connection extends WebSocket implements Ordered<Connection> {
  readonly owner: ConnectionOwner;
  readonly dueMs: number;
  readonly startedMs: number;
  readonly pair: number;
  readonly retriesLeft: number;
  older: Connection | undefined = undefined;
  newer: Connection | undefined = undefined;
  isOrdered = false;
  hasOpened = false;
  isClosingByUs = false;
  isGreetingAwaited = false;
  /** Where it stands among the usable connections of its owner; -1 if it doesn't. */
  usableIndex = -1;
  /** Messages sent whose echo has not come. */
  awaitedEchoes = 0;
  /** What went wrong first. */
  failure: FailureCode | undefined = undefined;

  constructor(
    url: URL,
    options: WebSocket.ClientOptions,
    owner: ConnectionOwner,
    start: ConnectionStart,
  ) {
    super(url, options);
    this.owner = owner;
    this.dueMs = start.dueMs;
    this.startedMs = start.startedMs;
    this.pair = start.pair;
    this.retriesLeft = start.retriesLeft;
    this.on('open', handleOpen);
    this.on('message', handleMessage);
    this.on('ping', handlePing);
    this.on('error', handleError);
    this.on('unexpected-response', handleUnexpectedResponse);
    this.on('close', handleClose);
  }

  /** Gives the handshake up; it counts as failed for this reason. */
  abandon(failure: FailureCode): void {
    this.failure ??= failure;
    this.terminate();
  }
}

function handleOpen(this: WebSocket): void {
  if (!(this instanceof Connection)) return;
  this.hasOpened = true;
  // Needed by the handshake only.
  this.off('open', handleOpen);
  this.off('unexpected-response', handleUnexpectedResponse);
  this.owner.connectionOpened(this);
}

function handleMessage(this: WebSocket, data: WebSocket.RawData, isBinary: boolean): void {
  // It is a Buffer as long as `binaryType` is left alone.
  if (!(this instanceof Connection) || !Buffer.isBuffer(data)) return;
  this.owner.connectionReceived(this, data, isBinary);
}

/** Stands for the automatic pong of `ws`, which keeps a closure per connection. */
function handlePing(this: WebSocket, data: Buffer): void {
  if (this.readyState === WebSocket.OPEN) this.pong(data);
}

function handleError(this: WebSocket, error: Error): void {
  if (!(this instanceof Connection)) return;
  this.failure ??= this.hasOpened ? classifyOpenError(error) : classifyHandshakeError(error);
}

function handleUnexpectedResponse(this: WebSocket): void {
  if (this instanceof Connection) this.abandon('rejected');
}

function handleClose(this: WebSocket): void {
  if (this instanceof Connection) this.owner.connectionClosed(this);
}
