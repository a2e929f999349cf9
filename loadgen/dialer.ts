import * as net from 'node:net';
import * as tls from 'node:tls';
import type WebSocket from 'ws';
import { Connection, type ConnectionOwner } from './connection.js';
import type { PortRing } from './port-ring.js';

/** Where connections go, with the host name resolved. */
export interface DialTarget {
  readonly url: string;
  /** IP address of the URL's host: looked up once, not once per connection. */
  readonly address: string;
  readonly port: number;
  /** Whether permessage-deflate is offered. */
  readonly isDeflateOffered: boolean;
  /** Whether certificates that can't be verified are accepted. */
  readonly isInsecure: boolean;
}

/** Starts connections to one target, each from the local address and port whose turn it is. */
export class Dialer {
  readonly #url: URL;
  readonly #target: DialTarget;
  readonly #ring: PortRing | undefined;
  readonly #options: WebSocket.ClientOptions;
  /** Pair of the connection that is being started: `ws` calls `createConnection` before its constructor returns. */
  #pair = -1;

  /** Without a ring the kernel chooses local addresses and ports. */
  constructor(target: DialTarget, ring: PortRing | undefined) {
    this.#url = new URL(target.url);
    this.#target = target;
    this.#ring = ring;
    const connect =
      this.#url.protocol === 'wss:' ? () => this.#connectTls() : () => this.#connect();
    // One object for all connections. There is no agent: with `createConnection` Node uses none unless told to.
    this.#options = {
      createConnection: connect,
      // `ws` offers the extension unless this is false, and the memory of the target then tells another story.
      perMessageDeflate: target.isDeflateOffered,
      autoPong: false,
      // Greetings and echoes are compared byte by byte, which says more.
      skipUTF8Validation: true,
    };
  }

  /** Starts a connection that was due at `dueMs`; both moments are CLOCK_MONOTONIC milliseconds. */
  dial(owner: ConnectionOwner, dueMs: number, startedMs: number, retriesLeft: number): Connection {
    this.#pair = this.#ring?.take() ?? -1;
    const start = { dueMs, startedMs, pair: this.#pair, retriesLeft };
    return new Connection(this.#url, this.#options, owner, start);
  }

  /** Gives the local address and port of a closed connection back. */
  release(connection: Connection): void {
    if (connection.pair >= 0) this.#ring?.release(connection.pair);
  }

  #connect(): net.Socket {
    const { address: host, port } = this.#target;
    if (this.#ring === undefined || this.#pair < 0) return net.connect({ host, port });
    return net.connect({
      host,
      port,
      localAddress: this.#ring.addressOf(this.#pair),
      localPort: this.#ring.portOf(this.#pair),
    });
  }

  #connectTls(): tls.TLSSocket {
    const { address: host, port, isInsecure } = this.#target;
    const name = this.#url.hostname.replace(/^\[|\]$/g, '');
    const ring = this.#pair < 0 ? undefined : this.#ring;
    return tls.connect({
      host,
      port,
      // An IP address is no server name (RFC 6066, section 3); Node then checks the certificate for the address.
      servername: net.isIP(name) === 0 ? name : '',
      rejectUnauthorized: !isInsecure,
      ...(ring === undefined
        ? {}
        : { localAddress: ring.addressOf(this.#pair), localPort: ring.portOf(this.#pair) }),
    });
  }
}
