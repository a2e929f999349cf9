/** What a library allocates for one purpose, by the sizes of its blocks, headers included, in bytes. */
interface KnownState {
  readonly name: string;
  /** Sizes of its blocks, and how many of each there are. */
  readonly blocks: Readonly<Record<number, number>>;
}

/**
 * States that are known by the sizes of their blocks. The sizes follow from zlib's `deflateInit2_` (deflate.c): a window of
 * 2 × 2^windowBits, `prev` of 2 × 2^windowBits, `head` of 2 × 2^(memLevel + 7) and `pending_buf` of 4 × 2^(memLevel + 6), and
 * the state itself; Node's zlib is Chromium's, which pads them. glibc adds 8 bytes and rounds up to 16.
 *
 * Measured: Node with 1,000 connections of `ws` 8 with permessage-deflate (window 15, level 8) on Node 20, the JVM with those
 * of Netty 4.1.48 on OpenJDK 17, each with the zlib of Debian 12.
 */
const knownStates: readonly KnownState[] = [
  {
    name: 'zlib deflate state of Node, window 15, memory level 8',
    blocks: { 65_568: 2, 81_952: 1, 65_584: 1, 6080: 1 },
  },
  {
    name: 'zlib deflate state, window 15, memory level 8',
    blocks: { 65_552: 4, 5968: 1 },
  },
];

/** How far the number of blocks per connection may be from that of the state. */
const tolerance = 0.1;

/**
 * Names the blocks that belong to a known state: all of its sizes are there, in its proportions, and there is little else of
 * those sizes.
 * @param perConnection how many blocks of each size a connection has
 * @returns by size of the block, the name of the state that it is part of, and how many such blocks that has
 */
export function findKnownStates(
  perConnection: ReadonlyMap<number, number>,
): ReadonlyMap<number, { readonly name: string; readonly blocks: number }> {
  const names = new Map<number, { name: string; blocks: number }>();
  for (const { name, blocks } of knownStates) {
    const sizes = Object.entries(blocks).map(([size, count]) => [Number(size), count] as const);
    const states = sizes.map(([size, count]) => (perConnection.get(size) ?? 0) / count);
    const [most, least] = [Math.max(...states), Math.min(...states)];
    if (least <= 0 || most > least * (1 + tolerance)) continue;
    for (const [size, count] of sizes) names.set(size, { name, blocks: count });
  }
  return names;
}
