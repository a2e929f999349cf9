/** One of several equal parts of a run, 0-based: `--shard 1/4` is `{ index: 1, count: 4 }`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Which items of a common sequence are taken: `index`, `index + stride`, `index + 2 × stride`, …
 * Dealing the items out like cards keeps each part as evenly paced as the whole, and the parts add up to the whole
 * exactly, whatever the remainder.
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

/** Returns the number, in the common sequence, of the item that a slot takes as its `taken`-th (0-based). */
export function itemOf(slot: Slot, taken: number): number {
  return slot.index + taken * slot.stride;
}
