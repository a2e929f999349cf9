import * as net from 'node:net';
import * as tls from 'node:tls';
import { endpointOf } from '../../program/endpoint.js';
import { Connection, type ConnectionOwner, type ConnectionStart } from './connection.js';
import { Handshake } from './handshake.js';
import type { PortRing } from './port-ring.js';
import { type DialTarget, type Route, targetIndexOf } from './route.js';
import { type ConnectingSocket, onread } from './socket-listeners.js';
import { parseTargetUrl } from './target-url.js';

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
