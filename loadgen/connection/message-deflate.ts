import { type DeflateCallback, extension, PerMessageDeflate } from 'ws';

/**
 * Messages that are inflated or deflated at once, over all connections of a process: as many as libuv has threads for it. With
 * more of them, more messages stand half inflated in memory, and none is done sooner.
 */
const atOnce = 4;

/** Returns what Sec-WebSocket-Extensions has to say to offer permessage-deflate (RFC 7692). */
export function offerDeflate(): string {
  const deflate = new PerMessageDeflate({ isServer: false, concurrencyLimit: atOnce });
  return extension.format({ [PerMessageDeflate.extensionName]: deflate.offer() });
}

/**
 * Returns the permessage-deflate of one connection, with the parameters that the server chose, for messages of `longestBytes` at
 * most; `onMessage` hears of each message that is compressed, of either side.
 *
 * @throws {Error} if the header is malformed, or names an extension or a parameter that was not offered
 */
export function negotiateDeflate(
  extensions: string,
  longestBytes: number,
  onMessage: () => void,
): BoundedDeflate {
  const { extensionName } = PerMessageDeflate;
  const { [extensionName]: chosen, ...others } = extension.parse(extensions);
  if (chosen === undefined || Object.keys(others).length > 0) {
    throw new Error(`Cannot use the extensions ${extensions}: only ${extensionName} was offered`);
  }
  const deflate = new BoundedDeflate(longestBytes, onMessage);
  deflate.accept(chosen);
  return deflate;
}

/** Tells of the messages that it compresses and decompresses, and can be told to stop. */
export class BoundedDeflate extends PerMessageDeflate {
  /** Called when a frame has been inflated, after it was handed on. */
  onInflated: (() => void) | undefined = undefined;
  readonly #onMessage: () => void;

  constructor(longestBytes: number, onMessage: () => void) {
    super({ isServer: false, concurrencyLimit: atOnce, maxPayload: longestBytes });
    this.#onMessage = onMessage;
  }

  /** Ends what is being inflated, or is about to be, at its next piece: nobody waits for it any more. */
  giveUp(): void {
    this._maxPayload = 1;
  }

  override compress(data: Buffer, fin: boolean, callback: DeflateCallback): void {
    if (fin) this.#onMessage();
    super.compress(data, fin, callback);
  }

  override decompress(data: Buffer, fin: boolean, callback: DeflateCallback): void {
    if (fin) this.#onMessage();
    super.decompress(data, fin, (error, result) => {
      callback(error, result);
      this.onInflated?.();
    });
  }
}
