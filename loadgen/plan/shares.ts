/** One of several equal parts of a run, 0-based: `--shard 1/4` is `{ index: 1, count: 4 }`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Which items of a common sequence are taken: `index`, `index + stride`, `index + 2 × stride`, …
 * Dealing out the items like cards keeps each part as evenly paced as the whole, and the parts add up to exactly the
 * whole, whatever the remainder.
 */
export interface Slot {
  readonly index: number;
  readonly stride: number;
}

/** Returns the slot of one process (0-based, of `processes`) within a shard. */
export function slotOf(shard: Shard, process: number, processes: number): Slot {
  return { index: shard.index + shard.count * process, stride: shard.count * processes };
}

/** Returns how many of `total` items a slot takes; Infinity stays Infinity. */
export function shareOf(total: number, slot: Slot): number {
  if (total === Infinity) return Infinity;
  return Math.max(0, Math.ceil((total - slot.index) / slot.stride));
}

/** The items of one process: the first `count` of a slot. */
export interface Share extends Slot {
  /** Infinity if there is no end. */
  readonly count: number;
}

/**
 * Deals out a shard's part of `total` items in blocks: the first `atOnce` processes take turns within the first block,
 * the next ones within the second, and so on. So only `atOnce` processes are at work at any time, each with enough to
 * do to work in batches: dealt out to 21 processes at once, the same connections cost five times as much CPU here,
 * because each one woke a different process.
 */
export function blocksOf(total: number, shard: Shard, processes: number, atOnce: number): Share[] {
  const items = shareOf(total, { index: shard.index, stride: shard.count });
  const beginOf = (process: number): number => Math.floor((items * process) / processes);
  return Array.from({ length: processes }, (_, process) => {
    const first = process - (process % atOnce);
    const last = Math.min(first + atOnce, processes);
    const begin = beginOf(first);
    const withinBlock = { index: process - first, stride: last - first };
    return {
      index: shard.index + shard.count * (begin + withinBlock.index),
      stride: shard.count * withinBlock.stride,
      count: shareOf(beginOf(last) - begin, withinBlock),
    };
  });
}

/** Returns the number, in the common sequence, of the item that a slot takes as its `taken`-th (0-based). */
export function itemOf(slot: Slot, taken: number): number {
  return slot.index + taken * slot.stride;
}
