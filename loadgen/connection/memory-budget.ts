import type { MemoryLimits } from './memory-limits.js';

/** What a chunk that waits costs besides its bytes: the objects of Node and `ws` for it (measured: 200 to 300 B). */
export const chunkCostBytes = 256;

/** Recounting looks at all backlogs, so this part of the limit has to be claimed in between. */
const claimsPerRecount = 1 / 64;

/** Something that may have written more than the kernel has taken. */
export interface Sending {
  /** Bytes that it has written and that the kernel has not taken yet. */
  readonly unsentBytes: number;
}

/** What one connection has unsent, as long as it has something. */
export class Backlog {
  readonly source: Sending;
  /** What of the budget it takes. */
  costBytes = 0;
  /** Frames that wait, as far as they were counted: the first one is not. */
  frames = 0;
  /** To be called for each frame that was counted, when it is sent. */
  readonly frameSent: () => void;

  constructor(source: Sending, onSent: (backlog: Backlog) => void) {
    this.source = source;
    this.frameSent = () => {
      this.frames--;
      onSent(this);
    };
  }
}

/**
 * Counts what all connections of a process keep because of their servers: parts of messages that are not complete, and frames
 * that are not read. A connection that keeps nothing costs nothing here.
 */
export class MemoryBudget {
  readonly limits: MemoryLimits;
  #usedBytes = 0;
  #claimedBytes = 0;
  readonly #backlogs = new Map<Sending, Backlog>();

  constructor(limits: MemoryLimits) {
    this.limits = limits;
  }

  /** What is kept now, in bytes; it may be too high by what has been sent since it was counted. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Takes more, or gives back if it is negative. Returns false if all connections together then keep too much. */
  claim(bytes: number): boolean {
    this.#usedBytes += bytes;
    if (bytes <= 0) return true;
    this.#claimedBytes += bytes;
    const { totalBytes } = this.limits;
    if (this.#usedBytes > totalBytes && this.#claimedBytes > totalBytes * claimsPerRecount) {
      this.#claimedBytes = 0;
      for (const backlog of this.#backlogs.values()) this.#count(backlog);
    }
    return this.#usedBytes <= totalBytes;
  }

  /** Returns what is to be called when the next frame is sent; undefined for a connection that has nothing unsent. */
  countFrame(source: Sending): (() => void) | undefined {
    if (this.#backlogs.size === 0) return undefined;
    const backlog = this.#backlogs.get(source);
    if (backlog === undefined) return undefined;
    backlog.frames++;
    return backlog.frameSent;
  }

  /** Counts the frames of a connection from the first one on, even if it has nothing unsent. */
  beginBacklog(source: Sending): void {
    if (!this.#backlogs.has(source)) this.#backlogs.set(source, new Backlog(source, this.#sent));
  }

  /** A frame of so many bytes was written, and not all is sent. Says which limit that breaks, undefined if none. */
  frameWaits(
    source: Sending,
    frameBytes: number,
  ): 'unsent_too_large' | 'memory_exceeded' | undefined {
    this.beginBacklog(source);
    const backlog = this.#backlogs.get(source);
    if (backlog === undefined) return undefined;
    const fits = this.#count(backlog);
    // One message may be longer than the limit: it counts from the next one on.
    if (backlog.costBytes - frameBytes > this.limits.unsentBytes) return 'unsent_too_large';
    return fits ? undefined : 'memory_exceeded';
  }

  /** The connection has gone, with all that it has not sent. */
  forget(source: Sending): void {
    const backlog = this.#backlogs.size === 0 ? undefined : this.#backlogs.get(source);
    if (backlog === undefined) return;
    this.#backlogs.delete(source);
    this.claim(-backlog.costBytes);
    backlog.costBytes = 0;
  }

  readonly #sent = (backlog: Backlog): void => {
    if (this.#backlogs.get(backlog.source) === backlog) this.#count(backlog);
  };

  #count(backlog: Backlog): boolean {
    const { source, frames, costBytes } = backlog;
    const { unsentBytes } = source;
    if (unsentBytes === 0 && frames <= 0) {
      this.forget(source);
      return true;
    }
    backlog.costBytes = unsentBytes + frames * chunkCostBytes;
    return this.claim(backlog.costBytes - costBytes);
  }
}
