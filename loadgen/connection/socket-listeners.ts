import type * as net from 'node:net';

/** What happens to a socket, told to its connection. */
export interface SocketUser {
  /** Bytes can go out. */
  socketReady(): void;
  /** Takes the first `length` bytes, which may be overwritten afterwards; false if no more are wanted for now. */
  socketRead(bytes: Buffer, length: number): boolean;
  /** The other side will send nothing more. */
  socketEnded(): void;
  socketFailed(error: Error): void;
  socketClosed(): void;
}

/** A socket that is being connected, `connect` or `secureConnect` being the event that says when bytes can go out. */
export interface ConnectingSocket {
  readonly socket: net.Socket;
  readonly readyEvent: 'connect' | 'secureConnect';
  /** Of a TLS socket, the TCP socket below: only that one can send a reset. */
  readonly carrier?: net.Socket;
}

/** What the socket of a connection reads into, and who is told: the same for all of them, see `net.connect()`. */
export const onread: net.OnReadOpts = {
  // What has been read is used up before the next read, so one buffer serves all sockets.
  buffer: Buffer.allocUnsafeSlow(64 * 1024),
  callback: handleRead,
};

/** Where a socket has its connection. */
const owned = Symbol('connection');

/** Where a TLS socket has the TCP socket that carries it, if that is one of its own. */
const carrier = Symbol('carrier');

interface OwnedSocket extends net.Socket {
  [owned]?: SocketUser;
  [carrier]?: net.Socket;
}

/** Has a connection told what happens to its socket. All connections share the listeners: closures would cost more than their state. */
export function listenTo(connecting: ConnectingSocket, user: SocketUser): void {
  const { readyEvent, carrier: below } = connecting;
  const socket: OwnedSocket = connecting.socket;
  socket[owned] = user;
  if (below !== undefined) {
    socket[carrier] = below;
    // Node reads into a buffer of ours only where it has made the TCP socket itself.
    socket.on('data', handleData);
  }
  socket.on(readyEvent, handleReady);
  socket.on('end', handleEnd);
  socket.on('error', handleError);
  socket.on('close', handleClose);
}

/** Cuts a socket off with a reset (RST). */
export function resetSocket(socket: net.Socket): void {
  ((socket as OwnedSocket)[carrier] ?? socket).resetAndDestroy();
}

/** Node calls it as a method of the socket. */
function handleRead(this: OwnedSocket, length: number, bytes: Buffer): boolean {
  return this[owned]?.socketRead(bytes, length) ?? true;
}

function handleData(this: OwnedSocket, bytes: Buffer): void {
  if (this[owned]?.socketRead(bytes, bytes.length) === false) this.pause();
}

function handleReady(this: OwnedSocket): void {
  this[owned]?.socketReady();
}

function handleEnd(this: OwnedSocket): void {
  this[owned]?.socketEnded();
}

function handleError(this: OwnedSocket, error: Error): void {
  this[owned]?.socketFailed(error);
}

function handleClose(this: OwnedSocket): void {
  this[owned]?.socketClosed();
}
