/** Ways to answer a client that offers permessage-deflate (RFC 7692). */
export const compressionModes = [
  'off',
  'shared',
  'dedicated-3kb',
  'dedicated-4kb',
  'dedicated-8kb',
  'dedicated-16kb',
  'dedicated-32kb',
  'dedicated-64kb',
  'dedicated-128kb',
  'dedicated-256kb',
] as const;

/**
 * A way to answer a client that offers permessage-deflate: not at all; with one compressor for all connections, which
 * forgets each message; or with a separate compressor for each connection, of about this size.
 */
export type CompressionMode = (typeof compressionModes)[number];

/** The constants of uWebSockets.js that select the compression; all builds have them. */
export interface CompressionConstants {
  readonly DISABLED: number;
  readonly SHARED_COMPRESSOR: number;
  readonly SHARED_DECOMPRESSOR: number;
  readonly DEDICATED_COMPRESSOR_3KB: number;
  readonly DEDICATED_COMPRESSOR_4KB: number;
  readonly DEDICATED_COMPRESSOR_8KB: number;
  readonly DEDICATED_COMPRESSOR_16KB: number;
  readonly DEDICATED_COMPRESSOR_32KB: number;
  readonly DEDICATED_COMPRESSOR_64KB: number;
  readonly DEDICATED_COMPRESSOR_128KB: number;
  readonly DEDICATED_COMPRESSOR_256KB: number;
}

/**
 * Says what a mode costs, where that is not what its name says; undefined otherwise. uWebSockets tests for the smallest
 * dedicated size with a bit that all of them have, so they all cost the same: 74 KiB for 3 KB and for 256 KB,
 * measured on 20.30 (docs/diagnose.md).
 */
export function noteOnCompression(mode: CompressionMode): string | undefined {
  if (!mode.startsWith('dedicated-')) return undefined;
  return `Note: ${mode} takes about 74 KiB for each connection that negotiates compression, as every dedicated size does in uWebSockets.js; shared takes next to nothing`;
}

/**
 * Returns the `compression` setting of uWebSockets.js for a mode. A shared decompressor decompresses messages
 * in every mode, so that what a mode costs per connection is its compressor.
 */
export function compressionSetting(mode: CompressionMode, uws: CompressionConstants): number {
  if (mode === 'off') return uws.DISABLED;
  const compressor = {
    shared: uws.SHARED_COMPRESSOR,
    'dedicated-3kb': uws.DEDICATED_COMPRESSOR_3KB,
    'dedicated-4kb': uws.DEDICATED_COMPRESSOR_4KB,
    'dedicated-8kb': uws.DEDICATED_COMPRESSOR_8KB,
    'dedicated-16kb': uws.DEDICATED_COMPRESSOR_16KB,
    'dedicated-32kb': uws.DEDICATED_COMPRESSOR_32KB,
    'dedicated-64kb': uws.DEDICATED_COMPRESSOR_64KB,
    'dedicated-128kb': uws.DEDICATED_COMPRESSOR_128KB,
    'dedicated-256kb': uws.DEDICATED_COMPRESSOR_256KB,
  }[mode];
  return compressor | uws.SHARED_DECOMPRESSOR;
}
