/** A sequential one-byte string takes so much besides its characters (V8, 64 bit, without pointer compression). */
const stringHeaderBytes = 16;

/**
 * Returns a string that takes so many bytes of the JS heap, rounded up to 8. It is flat and shares nothing with others:
 * strings that are cut out of or joined from others would only point at them.
 */
export function heapBallast(bytes: number): string {
  return Buffer.alloc(Math.max(1, bytes - stringHeaderBytes), 120).toString('latin1');
}
