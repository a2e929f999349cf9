/** A sequential one-byte string takes so much besides its characters (V8, 64 bit, without pointer compression). */
const stringHeaderBytes = 16;

/** Node keeps the characters of strings from this length on outside the heap (`EXTERN_APEX` in src/string_bytes.cc). */
const leastExternalCharacters = 0xfbee9;

/** What all strings are copied from, so that making one leaves no garbage. */
const characters = Buffer.alloc(leastExternalCharacters - 1, 120);

/** Largest {@link heapBallast}, in bytes. */
export const largestBallastBytes = characters.length + stringHeaderBytes;

/**
 * Returns a string that takes so many bytes of the JS heap, rounded up to 8, and 24 at least. It is flat and shares
 * nothing with others: strings that are cut out of or joined from others would only point at them.
 * @throws {RangeError} above {@link largestBallastBytes}: Node would put the characters elsewhere.
 */
export function heapBallast(bytes: number): string {
  if (bytes > largestBallastBytes) {
    throw new RangeError(
      `Cannot put ${bytes} bytes into one string on the heap: ${largestBallastBytes} at most`,
    );
  }
  // One character would be V8's own string of that character.
  return characters.toString('latin1', 0, Math.max(2, bytes - stringHeaderBytes));
}
