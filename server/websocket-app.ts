import { readdirSync } from 'node:fs';
import type { HttpResponse, RecognizedString, TemplatedApp, WebSocket } from 'uWebSockets.js';
import { readMachineLimits } from '../machine/machine-limits.js';
import { Backlog } from './backlog.js';
import type { ServerCounts } from './documents.js';
import { compressionSetting } from './compression.js';
import { GuardedListener } from './guarded-listener.js';
import type { WorkerSettings } from './messages.js';
import type { UWebSockets } from './native-binding.js';

/** Close code of a server that goes away (RFC 6455, section 7.4.1). */
const goingAway = 1001;

/** The protocol version that RFC 6455 defines. */
const supportedVersion = '13';

/** The header Connection lists tokens, one of which has to be this. */
const connectionUpgrade = /(^|[\s,])upgrade([\s,]|$)/i;

/**
 * Suites of TLS 1.2 with a fresh key for each connection, so that a stolen private key opens no recording (RFC 9325, section 4.2);
 * all of TLS 1.3 have one.
 */
const forwardSecretSuites = 'ECDHE+AESGCM:ECDHE+CHACHA20';

/** 16 bytes in base64 (RFC 6455, section 4.1). */
const wholeKey = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** What `WebSocket.send()` of uWebSockets.js returns when a message waits for the client, and when it was dropped at the limit. */
const isWaiting = 0;
const wasDropped = 2;

/** Descriptors that stay free whatever clients do: reporting opens some for a moment. */
const spareDescriptors = 16;

/** No data is kept per connection: one object serves all of them. */
type NoUserData = Record<string, never>;
const noUserData: NoUserData = {};

/** The WebSocket application of one worker: greets on open, echoes, counts. */
export class WebSocketApp {
  readonly #app: TemplatedApp;
  readonly #uws: UWebSockets;
  readonly #settings: WorkerSettings;
  /**
   * All open connections, needed to close them with a code, since `app.close()` of uWebSockets.js cuts them off without one;
   * costs 40 to 70 bytes each (measured at 15,000).
   */
  readonly #open = new Set<WebSocket<NoUserData>>();
  /** Those that dropped a message and are about to be closed; they may drop more until then. */
  readonly #overLimit = new Set<WebSocket<NoUserData>>();
  readonly #backlog: Backlog<WebSocket<NoUserData>>;
  readonly #listener: GuardedListener;
  #openedTotal = 0;
  #closedTotal = 0;
  #refusedTotal = 0;
  #greetingsSentTotal = 0;
  #messagesReceivedTotal = 0;
  #messagesEchoedTotal = 0;
  #backpressureClosedTotal = 0;
  #isClosing = false;
  /** Number of open files of the process before it listened. */
  readonly #idleDescriptors = countDescriptors();

  constructor(uws: UWebSockets, settings: WorkerSettings) {
    this.#uws = uws;
    this.#settings = settings;
    this.#backlog = new Backlog(settings.maxBackpressureTotalBytes);
    const { tls } = settings;
    this.#app =
      tls === undefined
        ? uws.App()
        : uws.SSLApp({
            cert_file_name: tls.certFile,
            key_file_name: tls.keyFile,
            ssl_ciphers: forwardSecretSuites,
          });
    this.#listener = new GuardedListener(this.#app, uws, {
      ...settings,
      mostSockets: readMachineLimits().openFiles - this.#idleDescriptors - spareDescriptors,
    });
    // It is called for every socket that comes, but of those that go only for those that have not become a WebSocket.
    this.#app.filter((_, change) => {
      this.#listener.count(Number(change));
    });
    this.#addBehaviour();
    this.#app.any('/*', refuseHandshake);
  }

  /** Listens, sharing the port with the other workers (SO_REUSEPORT); resolves to whether it could. */
  listen(): Promise<boolean> {
    return this.#listener.listen();
  }

  /** Stops accepting, and asks every client to close, with 1001. Handshakes under way are refused. */
  closeAll(): void {
    this.#isClosing = true;
    this.#listener.close();
    for (const socket of this.#open) socket.end(goingAway, 'server is shutting down');
  }

  /**
   * Counts the sockets whose clients have not closed since {@link closeAll}, `most` at most: those of plain HTTP are
   * not WebSocket connections. uWebSockets.js has forgotten them by then, so the process's descriptors are counted.
   */
  countOpenSockets(most: number): number {
    return Math.max(0, Math.min(most, countDescriptors() - this.#idleDescriptors));
  }

  counts(): ServerCounts {
    return {
      connections: this.#openedTotal - this.#closedTotal,
      connections_opened_total: this.#openedTotal,
      connections_closed_total: this.#closedTotal,
      connections_refused_total: this.#refusedTotal,
      greetings_sent_total: this.#greetingsSentTotal,
      messages_received_total: this.#messagesReceivedTotal,
      messages_echoed_total: this.#messagesEchoedTotal,
      backpressure_closed_total: this.#backpressureClosedTotal,
    };
  }

  #addBehaviour(): void {
    const settings = this.#settings;
    const { maxConnections, greeting, allowedOrigins } = settings;
    // Encoded once; uWebSockets.js would encode a string again for each connection.
    const greetingBytes = greeting === undefined ? undefined : Buffer.from(greeting);
    const compresses = settings.compression !== 'off';
    this.#app.ws<NoUserData>('/*', {
      compression: compressionSetting(settings.compression, this.#uws),
      idleTimeout: settings.idleTimeoutSeconds,
      maxPayloadLength: settings.maxPayloadBytes,
      maxBackpressure: settings.maxBackpressureBytes,
      closeOnBackpressureLimit: true,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => {
        if (this.#isClosing || this.#open.size >= maxConnections) {
          this.#refusedTotal++;
          response.writeStatus('503 Service Unavailable').end('The server is full\n', true);
          return;
        }
        // uWebSockets.js takes anything that has a key for a handshake; RFC 6455, section 4.2.1, requires more.
        if (
          request.getHeader('sec-websocket-version') !== supportedVersion ||
          request.getHeader('upgrade').toLowerCase() !== 'websocket'
        ) {
          refuseHandshake(response);
          return;
        }
        if (
          allowedOrigins !== undefined &&
          !isAllowed(request.getHeader('origin'), allowedOrigins)
        ) {
          this.#refusedTotal++;
          response.writeStatus('403 Forbidden').end('Pages of this origin may not connect\n', true);
          return;
        }
        const key = request.getHeader('sec-websocket-key');
        if (!connectionUpgrade.test(request.getHeader('connection')) || !wholeKey.test(key)) {
          response.writeStatus('400 Bad Request').end('This is not a WebSocket handshake\n', true);
          return;
        }
        response.upgrade(
          noUserData,
          key,
          request.getHeader('sec-websocket-protocol'),
          request.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (socket) => {
        this.#open.add(socket);
        this.#openedTotal++;
        if (greetingBytes === undefined) return;
        if (this.#send(socket, greetingBytes, false, compresses)) this.#greetingsSentTotal++;
      },
      message: (socket, message, isBinary) => {
        this.#messagesReceivedTotal++;
        if (this.#send(socket, message, isBinary, compresses)) this.#messagesEchoedTotal++;
      },
      drain: (socket) => {
        this.#backlog.note(socket, socket.getBufferedAmount());
      },
      // At the limit uWebSockets.js drops the message and closes the connection.
      dropped: (socket) => {
        this.#overLimit.add(socket);
      },
      close: (socket) => {
        this.#open.delete(socket);
        this.#listener.count(-1);
        this.#closedTotal++;
        this.#backlog.forget(socket);
        if (this.#overLimit.delete(socket)) this.#backpressureClosedTotal++;
      },
    });
  }

  /**
   * Sends a message; tells whether it was not dropped. Where all connections together are too far behind, one that is behind is cut:
   * to be told so, it would have to read.
   */
  #send(
    socket: WebSocket<NoUserData>,
    message: RecognizedString,
    isBinary: boolean,
    compresses: boolean,
  ): boolean {
    const sent = socket.send(message, isBinary, compresses);
    if (sent === isWaiting && this.#backlog.note(socket, socket.getBufferedAmount())) {
      this.#overLimit.add(socket);
      socket.close();
    }
    return sent !== wasDropped;
  }
}

/** Answers a request that is not a handshake, or is one of another version (RFC 6455, section 4.4). */
function refuseHandshake(response: HttpResponse): void {
  response
    .writeStatus('426 Upgrade Required')
    .writeHeader('Upgrade', 'websocket')
    .writeHeader('Sec-WebSocket-Version', supportedVersion)
    .writeHeader('Content-Type', 'text/plain; charset=utf-8')
    .end('This is a WebSocket server: connect with a WebSocket client\n', true);
}

/** Only web pages send an origin; where that is hidden, it is `null`. */
function isAllowed(origin: string, allowed: readonly string[]): boolean {
  return origin === '' || allowed.includes(origin.toLowerCase());
}

/** Counts the open files of this process, on Linux and macOS. */
function countDescriptors(): number {
  return readdirSync('/dev/fd').length;
}
