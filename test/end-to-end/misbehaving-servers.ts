/** A shelf of real servers, each of which does one thing wrong (and one that does everything right). */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** A server that listens on 127.0.0.1. */
export interface TestServer {
  readonly url: string;
  /** Handshake requests that came, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Addresses that the connections came from, in order. */
  readonly sourceAddresses: readonly string[];
  /** Connections that are open, seen from this side. */
  readonly open: ReadonlySet<WebSocket>;
  /** Handshakes that succeeded, seen from this side. */
  readonly openedTotal: () => number;
  stop(): Promise<void>;
}

/** Starts a WebSocket server that does `onOpen` with each new connection. */
export async function startWebSocketServer(
  onOpen: (socket: WebSocket) => void,
  perMessageDeflate = false,
): Promise<TestServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate });
  const requests: IncomingMessage[] = [];
  const sourceAddresses: string[] = [];
  const open = new Set<WebSocket>();
  let openedTotal = 0;
  sockets.on('connection', (socket, request) => {
    openedTotal++;
    requests.push(request);
    sourceAddresses.push(request.socket.remoteAddress ?? 'unknown');
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    onOpen(socket);
  });
  const url = await listen(http);
  return {
    url,
    requests,
    sourceAddresses,
    open,
    openedTotal: () => openedTotal,
    stop: () => {
      for (const socket of open) socket.terminate();
      return stop(http);
    },
  };
}

/** Greets with the given text and echoes every message. */
export function greetAndEcho(greeting: string | undefined): (socket: WebSocket) => void {
  return (socket) => {
    if (greeting !== undefined) socket.send(greeting);
    socket.on('message', (data: Buffer, isBinary) => {
      socket.send(data, { binary: isBinary });
    });
  };
}

/** Starts a server that answers every handshake with 404. */
export function startNotFoundServer(): Promise<TestServer> {
  return startHttpServer((socket) => {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
}

/** Starts a server that never answers a handshake. */
export function startSilentServer(): Promise<TestServer> {
  return startHttpServer(() => undefined);
}

/** Starts a server that answers 101 with a key that is not the one asked for. */
export function startWrongKeyServer(): Promise<TestServer> {
  return startHttpServer((socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: c29tZXRoaW5nIGVsc2U=\r\n\r\n',
    );
  });
}

/** Starts a server that closes the TCP connection instead of answering. */
export function startHangUpServer(): Promise<TestServer> {
  return startHttpServer((socket) => {
    socket.destroy();
  });
}

/** Returns a URL on which nothing listens. */
export async function findRefusingUrl(): Promise<string> {
  const server = await startSilentServer();
  await server.stop();
  return server.url;
}

async function startHttpServer(answer: (socket: Socket) => void): Promise<TestServer> {
  const http = createServer();
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  http.on('upgrade', (request, socket) => {
    requests.push(request);
    socket.on('error', () => undefined);
    if (!('setNoDelay' in socket)) throw new TypeError('An upgrade without a TCP socket');
    sockets.add(socket as Socket);
    answer(socket as Socket);
  });
  const url = await listen(http);
  return {
    url,
    requests,
    sourceAddresses: [],
    open: new Set(),
    openedTotal: () => 0,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return stop(http);
    },
  };
}

async function listen(http: Server): Promise<string> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address with a port.
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
}

async function stop(http: Server): Promise<void> {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
}
