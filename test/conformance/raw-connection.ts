import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { acceptOf } from '../../loadgen/connection/handshake.js';
import { type ServerFrame, takeFrame } from './frame.js';

/** The key of the example in RFC 6455, section 1.3. */
export const exampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

/** What a server has answered to a request. */
export interface HandshakeAnswer {
  readonly status: number;
  /** Values by the lower-case names of the headers. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A WebSocket connection of which every byte is ours to choose, to a server on this machine. */
export class RawConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  #hasNews = false;
  #wake = (): void => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wakeUp();
    });
    socket.on('close', () => {
      this.#hasEnded = true;
      this.#wakeUp();
    });
    // A server may cut off whoever breaks the rules; that it has ended is what counts.
    socket.on('error', () => undefined);
  }

  /** Connects to a port of this machine. */
  static async open(port: number): Promise<RawConnection> {
    // Each write is to leave by itself.
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Whether the server has closed or cut the connection. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  send(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Resolves with the answer to a request; undefined if the connection ends, or time is up, before it is whole. */
  async answer(timeoutMs: number): Promise<HandshakeAnswer | undefined> {
    const end = await this.#waitFor(() => {
      const at = this.#received.indexOf('\r\n\r\n');
      return at < 0 ? undefined : at;
    }, timeoutMs);
    if (end === undefined) return undefined;
    const [statusLine = '', ...lines] = this.#received.toString('latin1', 0, end).split('\r\n');
    this.#received = this.#received.subarray(end + 4);
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers) };
  }

  /**
   * Resolves with the next frame; undefined if the connection ends, or time is up, before it is whole.
   * @throws {RangeError} if it is a frame that no server may send.
   */
  async nextFrame(timeoutMs: number): Promise<ServerFrame | undefined> {
    const taken = await this.#waitFor(() => takeFrame(this.#received), timeoutMs);
    if (taken === undefined) return undefined;
    this.#received = taken.rest;
    return taken.frame;
  }

  /**
   * Takes all frames that are whole by now.
   * @throws {RangeError} if one is a frame that no server may send.
   */
  takeFrames(): ServerFrame[] {
    this.#hasNews = false;
    const frames: ServerFrame[] = [];
    for (;;) {
      const taken = takeFrame(this.#received);
      if (taken === undefined) return frames;
      this.#received = taken.rest;
      frames.push(taken.frame);
    }
  }

  /** Resolves with true as soon as bytes or the end have come since the last {@link takeFrames}, with false if time is up. */
  async changes(timeoutMs: number): Promise<boolean> {
    return (
      (await this.#waitFor(() => (this.#hasNews ? true : undefined), timeoutMs)) ?? this.#hasEnded
    );
  }

  /** Resolves with whether the connection has ended, as soon as it has, or when time is up. */
  async ends(timeoutMs: number): Promise<boolean> {
    await this.#waitFor(() => (this.#hasEnded ? true : undefined), timeoutMs);
    return this.#hasEnded;
  }

  async #waitFor<Value>(
    find: () => Value | undefined,
    timeoutMs: number,
  ): Promise<Value | undefined> {
    const time = { isUp: false };
    const timer = setTimeout(() => {
      time.isUp = true;
      this.#wake();
    }, timeoutMs);
    try {
      for (;;) {
        const found = find();
        if (found !== undefined || this.#hasEnded || time.isUp) return found;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #wakeUp(): void {
    this.#hasNews = true;
    this.#wake();
  }
}

/** Writes the opening handshake of a client (RFC 6455, section 4.1), with other headers if some are given. */
export function handshakeRequest(
  headers: Readonly<Record<string, string | undefined>> = {},
  requestLine = 'GET / HTTP/1.1',
): string {
  const all: Readonly<Record<string, string | undefined>> = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': exampleKey,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${[requestLine, ...lines].join('\r\n')}\r\n\r\n`;
}

/** Says in words what is wrong with the answer to {@link handshakeRequest}; undefined if it opens the connection. */
export function whyRefused(answer: HandshakeAnswer | undefined): string | undefined {
  if (answer === undefined) return 'no answer to the handshake';
  if (answer.status !== 101) return `status ${answer.status} instead of 101`;
  const { 'sec-websocket-accept': accept } = answer.headers;
  return accept === acceptOf(exampleKey) ? undefined : `a wrong Sec-WebSocket-Accept: ${accept}`;
}
