/** The parts of `ws` 8.23 that it exports and that `@types/ws` 8.18 does not know yet: only what is used here. */
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';

declare module 'ws' {
  /** What `extension.parse()` makes of a header: each extension with the parameters of each time it is named. */
  type ParsedExtensions = Record<string, Record<string, (string | true)[]>[]>;

  const extension: {
    parse(header: string): ParsedExtensions;
    format(extensions: Record<string, Record<string, string | number | boolean>>): string;
  };

  class PerMessageDeflate {
    static readonly extensionName: 'permessage-deflate';
    constructor(options: {
      readonly isServer: boolean;
      readonly concurrencyLimit: number;
      readonly maxPayload?: number;
    });
    /** Not public: how long an inflated message may get, in bytes. */
    _maxPayload: number;
    offer(): Record<string, string | number | boolean>;
    accept(configurations: Record<string, (string | true)[]>[]): unknown;
    cleanup(): void;
    compress(data: Buffer, fin: boolean, callback: DeflateCallback): void;
    decompress(data: Buffer, fin: boolean, callback: DeflateCallback): void;
  }

  type DeflateCallback = (error: Error | null, result?: Buffer) => void;

  type NegotiatedExtensions = Partial<Record<'permessage-deflate', PerMessageDeflate>>;

  class Receiver extends Writable {
    constructor(options: {
      readonly extensions?: NegotiatedExtensions;
      readonly isServer?: boolean;
      readonly maxBufferedChunks?: number;
      readonly maxFragments?: number;
      readonly maxPayload?: number;
      readonly skipUTF8Validation?: boolean;
    });
    /** Not public, like all below: bytes that no frame has been made of yet, and the chunks that they came in. */
    readonly _bufferedBytes: number;
    readonly _buffers: readonly Buffer[];
    /** Bytes of the frames of an unfinished message, inflated, and the frames. */
    readonly _messageLength: number;
    readonly _fragments: readonly Buffer[];
  }

  class Sender {
    static frame(
      data: Buffer,
      options: {
        readonly fin: boolean;
        readonly opcode: number;
        readonly mask: boolean;
        readonly readOnly: boolean;
        readonly rsv1: boolean;
      },
    ): Buffer[];
    constructor(socket: Duplex, extensions: NegotiatedExtensions);
    send(
      data: Buffer,
      options: {
        readonly binary: boolean;
        readonly compress: boolean;
        readonly fin: boolean;
        readonly mask: boolean;
      },
      callback?: () => void,
    ): void;
    ping(data: Buffer, mask: boolean, callback?: () => void): void;
    pong(data: Buffer, mask: boolean, callback?: () => void): void;
    /** Not public: bytes that wait until what is before them has been deflated. */
    readonly _bufferedBytes: number;
    close(
      code: number | undefined,
      reason: undefined,
      mask: boolean,
      callback: (error?: Error | null) => void,
    ): void;
  }
}
