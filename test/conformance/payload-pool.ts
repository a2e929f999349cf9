import { RandomSource } from './random-source.js';

/** Bytes in each pool: more than the longest message that a fault needs. */
const poolBytes = 128 * 1024;

/** First and last code points of 1, 2, 3 and 4 bytes, without the surrogates. */
const ranges = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, 0x10ffff],
] as const;

const random = new RandomSource(0, 0);
const binaryPool = Buffer.from(Array.from({ length: poolBytes }, () => random.upTo(255)));
const textPool = makeText();

/**
 * Returns random bytes, 0 to 65,536 of them. They share their memory with others: taking a part of a pool costs a
 * hundredth of making them one by one.
 */
export function takeBinary(source: RandomSource, length: number): Buffer {
  const begin = source.upTo(poolBytes - length - 1);
  return binaryPool.subarray(begin, begin + length);
}

/** Returns valid UTF-8 of `length` bytes, or up to 3 fewer, where a character would be cut; as {@link takeBinary}. */
export function takeText(source: RandomSource, length: number): Buffer {
  const begin = atCharacter(source.upTo(textPool.length - length - 1));
  return textPool.subarray(begin, Math.max(begin, atCharacter(begin + length)));
}

/** Returns where the character begins that has this byte. */
function atCharacter(offset: number): number {
  let at = offset;
  while (((textPool[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}

function makeText(): Buffer {
  let text = '';
  for (let bytes = 0; bytes < poolBytes;) {
    const [first, last] = random.pick(ranges);
    // Most faults of decoders are at the edges of a range.
    const edge = random.isOneIn(2) ? first : last;
    const character = String.fromCodePoint(
      random.isOneIn(8) ? edge : first + random.upTo(last - first),
    );
    text += character;
    bytes += Buffer.byteLength(character);
  }
  return Buffer.from(text);
}
