import { readdirSync } from 'node:fs';
import type {
  HttpResponse,
  RecognizedString,
  TemplatedApp,
  us_socket_context_t,
  WebSocket,
} from 'uWebSockets.js';
import { readMachineLimits } from '../machine/machine-limits.js';
import { messageOf, RunError } from '../program/failure.js';
import type { AddressAdmission } from './address-admission.js';
import { Backlog } from './backlog.js';
import type { ServerCounts } from './documents.js';
import { compressionSetting } from './compression.js';
import { GuardedListener } from './guarded-listener.js';
import { findRefusal, refuse } from './handshake.js';
import { portsOf, type WorkerSettings } from './messages.js';
import type { UWebSockets } from './native-binding.js';
import { ownerOfAddress } from './remote-address.js';
import type { TlsFiles } from './tls-files.js';

/** Close code of a server that goes away (RFC 6455, section 7.4.1). */
const goingAway = 1001;

/**
 * Suites of TLS 1.2 with a fresh key for each connection, so that a stolen private key opens no recording (RFC 9325, section 4.2);
 * all of TLS 1.3 have one.
 */
const forwardSecretSuites = 'ECDHE+AESGCM:ECDHE+CHACHA20';

/** What `WebSocket.send()` of uWebSockets.js returns when a message waits for the client, and when it was dropped at the limit. */
const isWaiting = 0;
const wasDropped = 2;

/** Descriptors that stay free whatever clients do: reporting opens some for a moment. */
const spareDescriptors = 16;

/** What is kept per connection. */
interface ConnectionData {
  /** Whose connection it is; only where those of an address are limited. */
  readonly address?: string;
}

/**
 * Where addresses have no limit, nothing is kept: uWebSockets.js copies each property to the object of each connection, and one costs
 * 42 bytes (measured at 400,000).
 */
const ofAnyAddress: ConnectionData = {};

/** What uWebSockets.js needs to upgrade; a request itself is gone when its handler has returned. */
interface Handshake {
  readonly key: string;
  readonly protocol: string;
  readonly extensions: string;
  readonly context: us_socket_context_t;
}

/** The WebSocket server of one worker: greets on open, echoes, counts. */
export class WebSocketApp {
  readonly #uws: UWebSockets;
  readonly #settings: WorkerSettings;
  readonly #admission: AddressAdmission | undefined;
  /**
   * All open connections, needed to close them with a code, since `app.close()` of uWebSockets.js cuts them off without one;
   * costs 34 bytes each (measured at 400,000).
   */
  readonly #open = new Set<WebSocket<ConnectionData>>();
  /** Those that dropped a message and are about to be closed; they may drop more until then. */
  readonly #overLimit = new Set<WebSocket<ConnectionData>>();
  readonly #backlog: Backlog<WebSocket<ConnectionData>>;
  readonly #listener: GuardedListener;
  #openedTotal = 0;
  #closedTotal = 0;
  #refusedTotal = 0;
  #addressRefusedTotal = 0;
  #greetingsSentTotal = 0;
  #messagesReceivedTotal = 0;
  #messagesEchoedTotal = 0;
  #backpressureClosedTotal = 0;
  #isClosing = false;
  /** Number of open files of the process before it listened. */
  readonly #idleDescriptors = countDescriptors();

  /**
   * @param uws the build to serve with
   * @param settings of this worker
   * @param admission where the connections of an address are limited
   */
  constructor(uws: UWebSockets, settings: WorkerSettings, admission: AddressAdmission | undefined) {
    this.#uws = uws;
    this.#settings = settings;
    this.#admission = admission;
    this.#backlog = new Backlog(settings.maxBackpressureTotalBytes);
    this.#listener = new GuardedListener(this.#createApp(), uws, {
      host: settings.host,
      ports: portsOf(settings),
      mostSockets: readMachineLimits().openFiles - this.#idleDescriptors - spareDescriptors,
    });
  }

  /** Listens at the port that it shares with the other workers (SO_REUSEPORT), and at its own; returns whether it could. */
  listen(): boolean {
    return this.#listener.listen();
  }

  /**
   * Has new connections get the certificate that is in the files now; those that are open stay as they are. uWebSockets.js can't
   * replace the certificate of an app, so another app serves them; the one before is never freed.
   * @throws {RunError} if the files can't be used.
   */
  reloadTls(): void {
    if (!this.#isClosing) this.#listener.serveWith(this.#createApp());
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
      address_refused_total: this.#addressRefusedTotal,
      greetings_sent_total: this.#greetingsSentTotal,
      messages_received_total: this.#messagesReceivedTotal,
      messages_echoed_total: this.#messagesEchoedTotal,
      backpressure_closed_total: this.#backpressureClosedTotal,
    };
  }

  #createApp(): TemplatedApp {
    const { tls } = this.#settings;
    const app = tls === undefined ? this.#uws.App() : createSecureApp(this.#uws, tls);
    // It is called for every socket that comes, but of those that go only for those that have not become a WebSocket.
    app.filter((_, change) => {
      this.#listener.count(Number(change));
    });
    this.#addBehaviour(app);
    // Also handshakes whose key has another length than 24 letters: uWebSockets.js does not take them for such.
    app.any('/*', (response, request) => {
      refuse(response, findRefusal(request, undefined) ?? 'version');
    });
    return app;
  }

  #addBehaviour(app: TemplatedApp): void {
    const settings = this.#settings;
    const { greeting, allowedOrigins } = settings;
    const admission = this.#admission;
    // Encoded once; uWebSockets.js would encode a string again for each connection.
    const greetingBytes = greeting === undefined ? undefined : Buffer.from(greeting);
    const compresses = settings.compression !== 'off';
    app.ws<ConnectionData>('/*', {
      compression: compressionSetting(settings.compression, this.#uws),
      idleTimeout: settings.idleTimeoutSeconds,
      maxPayloadLength: settings.maxPayloadBytes,
      maxBackpressure: settings.maxBackpressureBytes,
      closeOnBackpressureLimit: true,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => {
        const refusal = this.#isFull() ? 'full' : findRefusal(request, allowedOrigins);
        if (refusal !== undefined) {
          if (refusal === 'full' || refusal === 'origin') this.#refusedTotal++;
          refuse(response, refusal);
          return;
        }
        const handshake = {
          key: request.getHeader('sec-websocket-key'),
          protocol: request.getHeader('sec-websocket-protocol'),
          extensions: request.getHeader('sec-websocket-extensions'),
          context,
        };
        if (admission === undefined) upgrade(response, handshake, ofAnyAddress);
        else this.#upgradeIfAdmitted(response, handshake, admission);
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
      // Its pong is on its way already, or waits like a message.
      ping: (socket) => {
        this.#noteBacklog(socket);
      },
      drain: (socket) => {
        this.#backlog.note(socket, socket.getBufferedAmount());
      },
      // At the limit uWebSockets.js drops the message or the pong, before it says what was sent, or that a ping came.
      dropped: (socket) => {
        this.#overLimit.add(socket);
      },
      close: (socket) => {
        this.#open.delete(socket);
        this.#listener.count(-1);
        this.#closedTotal++;
        this.#backlog.forget(socket);
        const { address } = socket.getUserData();
        if (address !== undefined) admission?.leave(address);
        if (this.#overLimit.delete(socket)) this.#backpressureClosedTotal++;
      },
    });
  }

  #isFull(): boolean {
    return this.#isClosing || this.#open.size >= this.#settings.maxConnections;
  }

  /** Upgrades once the supervisor has said that the client's address may have another connection. */
  #upgradeIfAdmitted(
    response: HttpResponse,
    handshake: Handshake,
    admission: AddressAdmission,
  ): void {
    const address = ownerOfAddress(response.getRemoteAddress());
    let isGone = false;
    response.onAborted(() => {
      isGone = true;
    });
    void admission.ask(address).then((isAdmitted) => {
      // It may have become full meanwhile.
      const refusal = !isAdmitted ? 'address' : this.#isFull() ? 'full' : undefined;
      if (isAdmitted && (isGone || refusal !== undefined)) admission.leave(address);
      if (isGone) return;
      if (refusal === 'address') this.#addressRefusedTotal++;
      if (refusal === 'full') this.#refusedTotal++;
      response.cork(() => {
        if (refusal === undefined) upgrade(response, handshake, { address });
        else refuse(response, refusal);
      });
    });
  }

  /** Sends a message; tells whether it was not dropped. */
  #send(
    socket: WebSocket<ConnectionData>,
    message: RecognizedString,
    isBinary: boolean,
    compresses: boolean,
  ): boolean {
    const sent = socket.send(message, isBinary, compresses);
    if (sent === isWaiting || sent === wasDropped) this.#noteBacklog(socket);
    return sent !== wasDropped;
  }

  /**
   * Takes note of how far a connection is behind after something was sent, and cuts it if that is too far, or too far for all together: to
   * be told so, it would have to read. uWebSockets.js itself closes it only when nothing is left to read of it, and reads nobody else
   * meanwhile, which a client that sends on and on puts off for ever.
   */
  #noteBacklog(socket: WebSocket<ConnectionData>): void {
    const unsentBytes = socket.getBufferedAmount();
    const isTooMuch = this.#backlog.note(socket, unsentBytes) && unsentBytes > 0;
    if (isTooMuch) this.#overLimit.add(socket);
    if (this.#overLimit.has(socket)) socket.close();
  }
}

/** @throws {RunError} if certificate and key can't be used; uWebSockets.js does not say why. */
function createSecureApp(uws: UWebSockets, { certFile, keyFile }: TlsFiles): TemplatedApp {
  try {
    return uws.SSLApp({
      cert_file_name: certFile,
      key_file_name: keyFile,
      ssl_ciphers: forwardSecretSuites,
    });
  } catch (error) {
    throw new RunError(
      `uWebSockets.js cannot use the certificate ${certFile} with the key ${keyFile}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function upgrade(
  response: HttpResponse,
  { key, protocol, extensions, context }: Handshake,
  data: ConnectionData,
): void {
  response.upgrade(data, key, protocol, extensions, context);
}

/** Counts the open files of this process, on Linux and macOS. */
function countDescriptors(): number {
  return readdirSync('/dev/fd').length;
}
