/** Real servers that would use up the memory or the time of their clients. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';

/** A server that listens on 127.0.0.1. */
export interface HarmfulServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Sends all connections a binary message of zeros of this many bytes, in one frame. */
export function startGiantGreeter(bytes: number): Promise<HarmfulServer> {
  const zeros = Buffer.alloc(bytes);
  return startRawServer((socket) => {
    socket.write(frameHead(binary | fin, bytes));
    socket.write(zeros);
  });
}

/** Sends all connections a binary message of zeros of this many bytes, in fragments that each look harmless. */
export function startFragmentGreeter(bytes: number, fragmentBytes: number): Promise<HarmfulServer> {
  const zeros = Buffer.alloc(fragmentBytes);
  const fragments = Math.ceil(bytes / fragmentBytes);
  return startRawServer((socket) => {
    for (let at = 0; at < fragments; at++) {
      const last = at === fragments - 1 ? fin : 0;
      socket.write(frameHead((at === 0 ? binary : 0) | last, fragmentBytes));
      socket.write(zeros);
    }
  });
}

/** Announces a message of this many bytes, sends all of it but one byte, and leaves it at that. */
export function startUnfinishedGreeter(bytes: number): Promise<HarmfulServer> {
  const zeros = Buffer.alloc(bytes - 1);
  return startRawServer((socket) => {
    socket.write(frameHead(binary | fin, bytes));
    socket.write(zeros);
  });
}

/** Begins a message, and goes on with it in fragments of one byte, so many of them. */
export function startCrumbGreeter(fragments: number): Promise<HarmfulServer> {
  const crumb = Buffer.concat([frameHead(0, 1), Buffer.alloc(1)]);
  const crumbs = Buffer.concat(Array.from({ length: fragments }, () => crumb));
  return startRawServer((socket) => {
    socket.write(frameHead(binary, 0));
    socket.write(crumbs);
  });
}

/**
 * Sends pings on and on, and never reads what comes back. They are as large as a ping may be (RFC 6455, section 5.5): the kernel
 * keeps some megabytes of pongs before it refuses one, which pings without payload take a minute to fill on a slow machine.
 */
export function startPingFlooder(): Promise<HarmfulServer> {
  const payloadBytes = 125;
  const ping = Buffer.concat([frameHead(0x9 | fin, payloadBytes), Buffer.alloc(payloadBytes)]);
  const many = Buffer.concat(Array.from({ length: 2000 }, () => ping));
  return startRawServer((socket) => {
    socket.pause();
    const fill = (): void => {
      while (!socket.destroyed && socket.write(many));
    };
    socket.on('drain', fill);
    fill();
  });
}

/** Takes connections, but never reads from them. */
export function startDeafServer(): Promise<HarmfulServer> {
  return startRawServer((socket) => {
    socket.pause();
  });
}

/** Reads everything and never answers a close. */
export function startCloseIgnorer(): Promise<HarmfulServer> {
  return startRawServer((socket) => {
    socket.resume();
  });
}

/** Sends messages on and on that are small, and this many bytes when inflated. It reads, but answers nothing. */
export function startDeflateBomber(bytes: number, times: number): Promise<HarmfulServer> {
  const packed = deflateRawSync(Buffer.alloc(bytes), { finishFlush: constants.Z_SYNC_FLUSH });
  // RFC 7692, section 7.2.1: the last four bytes are left out.
  const payload = packed.subarray(0, packed.length - 4);
  const bomb = Buffer.concat([frameHead(binary | fin | compressed, payload.length), payload]);
  return startRawServer((socket) => {
    socket.resume();
    let left = times;
    const fill = (): void => {
      while (!socket.destroyed && left-- > 0 && socket.write(bomb));
    };
    socket.on('drain', fill);
    fill();
  });
}

/** The first byte of a frame (RFC 6455, section 5.2; RFC 7692, section 6). */
const fin = 0x80;
const compressed = 0x40;
const binary = 0x2;

function frameHead(firstByte: number, length: number): Buffer {
  if (length < 126) return Buffer.from([firstByte, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head.writeUInt8(firstByte, 0);
  if (length < 65_536) {
    head.writeUInt8(126, 1);
    head.writeUInt16BE(length, 2);
  } else {
    head.writeUInt8(127, 1);
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return head;
}

/** Starts a server that does `onOpen` with the socket of each connection whose handshake it has answered as it should. */
async function startRawServer(onOpen: (socket: Socket) => void): Promise<HarmfulServer> {
  const http = createServer();
  const sockets = new Set<Socket>();
  http.on('upgrade', (request, stream) => {
    if (!('setNoDelay' in stream)) throw new TypeError('An upgrade without a TCP socket');
    const socket = stream as Socket;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1')
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    const isDeflated = request.headers['sec-websocket-extensions'] !== undefined;
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n` +
        (isDeflated ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n' : '\r\n'),
    );
    onOpen(socket);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    // A server that listens on TCP has an address with a port.
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
