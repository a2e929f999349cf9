import * as net from 'node:net';
import * as tls from 'node:tls';
import { endpointOf } from '../../program/endpoint.js';
import { Connection, type ConnectionOwner, type ConnectionStart } from './connection.js';
import { Handshake, type HandshakeDemand, parseTargetUrl } from './handshake.js';
import type { PortRing } from './port-ring.js';
import { type ConnectingSocket, onread } from './socket-listeners.js';

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

/** How connections are spread over several targets: one each in turn, or all of one before those of the next. */
export const spreads = ['even', 'in-turn'] as const;

/** Where the connections of a run go. */
export interface Route {
  /** One or more. */
  readonly targets: readonly [DialTarget, ...DialTarget[]];
  readonly spread: (typeof spreads)[number];
  /** Connections of the whole run that are open at once, of which each target gets an equal part. */
  readonly connections: number;
}

/** Returns which target the connection of this number goes to. */
export function targetIndexOf({ targets, spread, connections }: Route, index: number): number {
  const count = targets.length;
  if (spread === 'even' || count === 1) return index % count;
  return Math.floor(((index % connections) * count) / connections);
}

/** A target with all that its connections have in common. */
class Destination {
  readonly target: DialTarget;
  readonly handshake: Handshake;
  /** One for all connections: each would else have the certificates parsed again. Undefined for `ws://`. */
  readonly secureContext: tls.SecureContext | undefined;
  /** Name that the certificate has to be for; an IP address is none (RFC 6066, section 3): Node then checks for the address. */
  readonly serverName: string;

  constructor(target: DialTarget) {
    const url = parseTargetUrl(target.url);
    const { host } = endpointOf(url);
    this.target = target;
    this.handshake = new Handshake(target);
    this.secureContext = url.protocol === 'wss:' ? createSecureContext(target) : undefined;
    this.serverName = net.isIP(host) === 0 ? host : '';
  }
}

/** Starts connections, each from the local address and port whose turn it is. */
export class Dialer {
  readonly #route: Route;
  readonly #destinations: readonly Destination[];
  readonly #ring: PortRing | undefined;

  /** Without a ring the kernel chooses local addresses and ports. */
  constructor(route: Route, ring: PortRing | undefined) {
    this.#route = route;
    this.#destinations = route.targets.map((target) => new Destination(target));
    this.#ring = ring;
  }

  /** Starts a connection; `start` has all but the pair of local address and port, which is chosen here. */
  dial(owner: ConnectionOwner, start: Omit<ConnectionStart, 'pair'>): Connection {
    const pair = this.#ring?.take() ?? -1;
    const destination = this.#destinations[targetIndexOf(this.#route, start.index)];
    if (destination === undefined) throw new RangeError(`no target for connection ${start.index}`);
    const { handshake, secureContext, target } = destination;
    const socket =
      secureContext === undefined
        ? this.#connect(target, pair)
        : this.#connectTls(destination, secureContext, pair);
    return new Connection(socket, handshake, owner, { ...start, pair });
  }

  /** Gives the local address and port of a closed connection back. */
  release(connection: Connection): void {
    if (connection.pair >= 0) this.#ring?.release(connection.pair);
  }

  /**
   * The options are put together just so: with all five in one literal, or with a spread last, what Node allocates for each socket is
   * 1.3 KiB more (measured on Node 20.20: V8 copies such objects more dearly).
   */
  #connect({ address: host, port }: DialTarget, pair: number): ConnectingSocket {
    const ring = pair < 0 ? undefined : this.#ring;
    const options = { host, port, onread };
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

  /** Where a connection comes from; nothing if the kernel chooses. */
  #localOf(pair: number): { localAddress?: string; localPort?: number } {
    const ring = pair < 0 ? undefined : this.#ring;
    if (ring === undefined) return {};
    return { localAddress: ring.addressOf(pair), localPort: ring.portOf(pair) };
  }

  #connectTls(
    { target, serverName }: Destination,
    secureContext: tls.SecureContext,
    pair: number,
  ): ConnectingSocket {
    const { address: host, port, isInsecure, canReset } = target;
    const local = this.#localOf(pair);
    // Node resets TCP sockets only, so this one has to be known; it costs memory, so it is done only where needed.
    const carrier = canReset ? net.connect({ host, port, ...local }) : undefined;
    const options = {
      host,
      port,
      onread,
      servername: serverName,
      rejectUnauthorized: !isInsecure,
      secureContext,
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
