import * as net from 'node:net';
import * as tls from 'node:tls';
import { endpointOf } from '../../program/endpoint.js';
import {
  type ConnectingSocket,
  Connection,
  type ConnectionOwner,
  type ConnectionStart,
  onread,
} from './connection.js';
import { Handshake, type HandshakeDemand, parseTargetUrl } from './handshake.js';
import type { PortRing } from './port-ring.js';

/** Where connections go, with the host name resolved. */
export interface DialTarget extends HandshakeDemand {
  /** IP address of the URL's host: looked up once, not once per connection. */
  readonly address: string;
  readonly port: number;
  /** Whether certificates that can't be verified are accepted. */
  readonly isInsecure: boolean;
  /** Certificates (PEM) that are trusted besides the well-known ones. */
  readonly ca?: string | undefined;
  /** Whether connections may be ended by a reset. */
  readonly canReset: boolean;
}

/** Starts connections to one target, each from the local address and port whose turn it is. */
export class Dialer {
  readonly #url: URL;
  readonly #target: DialTarget;
  readonly #ring: PortRing | undefined;
  readonly #handshake: Handshake;
  readonly #isSecure: boolean;
  /** One for all connections: each would else have the certificates parsed again. */
  readonly #secureContext: tls.SecureContext | undefined;

  /** Without a ring the kernel chooses local addresses and ports. */
  constructor(target: DialTarget, ring: PortRing | undefined) {
    this.#url = parseTargetUrl(target.url);
    this.#target = target;
    this.#ring = ring;
    this.#handshake = new Handshake(target);
    this.#isSecure = this.#url.protocol === 'wss:';
    this.#secureContext = this.#isSecure ? createSecureContext(target) : undefined;
  }

  /** Starts a connection; `start` has all but the pair of local address and port, which is chosen here. */
  dial(owner: ConnectionOwner, start: Omit<ConnectionStart, 'pair'>): Connection {
    const pair = this.#ring?.take() ?? -1;
    const socket = this.#isSecure ? this.#connectTls(pair) : this.#connect(pair);
    return new Connection(socket, this.#handshake, owner, { ...start, pair });
  }

  /** Gives the local address and port of a closed connection back. */
  release(connection: Connection): void {
    if (connection.pair >= 0) this.#ring?.release(connection.pair);
  }

  #connect(pair: number): ConnectingSocket {
    const { address: host, port } = this.#target;
    const options = { host, port, onread };
    const ring = pair < 0 ? undefined : this.#ring;
    const socket =
      ring === undefined
        ? net.connect(options)
        : net.connect({
            ...options,
            localAddress: ring.addressOf(pair),
            localPort: ring.portOf(pair),
          });
    return { socket, readyEvent: 'connect' };
  }

  #connectTls(pair: number): ConnectingSocket {
    const { address: host, port, isInsecure, canReset } = this.#target;
    const { host: name } = endpointOf(this.#url);
    const ring = pair < 0 ? undefined : this.#ring;
    const local =
      ring === undefined
        ? {}
        : { localAddress: ring.addressOf(pair), localPort: ring.portOf(pair) };
    // Node resets TCP sockets only, so this one has to be known; it costs memory, so it is done only where needed.
    const carrier = canReset ? net.connect({ host, port, ...local }) : undefined;
    const options = {
      host,
      port,
      onread,
      // An IP address is no server name (RFC 6066, section 3); Node then checks the certificate for the address.
      servername: net.isIP(name) === 0 ? name : '',
      rejectUnauthorized: !isInsecure,
      ...(this.#secureContext === undefined ? {} : { secureContext: this.#secureContext }),
      ...local,
    };
    if (carrier === undefined) return { socket: tls.connect(options), readyEvent: 'secureConnect' };
    const socket = tls.connect({ ...options, socket: carrier });
    return { socket, readyEvent: 'secureConnect', carrier };
  }
}

function createSecureContext({ ca }: DialTarget): tls.SecureContext {
  return tls.createSecureContext(ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] });
}
