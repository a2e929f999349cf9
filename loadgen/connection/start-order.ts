/** What an item carries so that it can stand in a {@link StartOrder}. */
export interface Ordered<Item> {
  older: Item | undefined;
  newer: Item | undefined;
  isOrdered: boolean;
}

/**
 * Holds items in the order in which they were started, with removal from anywhere in constant time. As all wait
 * equally long, only the oldest can have waited too long: one look at it replaces a timer per item.
 * The links live on the items, so a place in the order allocates nothing.
 */
export class StartOrder<Item extends Ordered<Item>> {
  /** Items in the order. */
  size = 0;
  #oldest: Item | undefined;
  #newest: Item | undefined;

  /** The item that was started first; undefined if there is none. */
  get oldest(): Item | undefined {
    return this.#oldest;
  }

  /** Adds an item that was started after all others. */
  append(item: Item): void {
    item.older = this.#newest;
    item.isOrdered = true;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
    this.size++;
  }

  /** Takes an item out, if it is in. */
  remove(item: Item): void {
    if (!item.isOrdered) return;
    if (item.older === undefined) this.#oldest = item.newer;
    else item.older.newer = item.newer;
    if (item.newer === undefined) this.#newest = item.older;
    else item.newer.older = item.older;
    item.older = undefined;
    item.newer = undefined;
    item.isOrdered = false;
    this.size--;
  }
}
