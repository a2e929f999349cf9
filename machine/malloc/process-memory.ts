import { closeSync, openSync, readSync } from 'node:fs';

/** Memory that can be read by address. */
export interface Memory {
  /** Reads `length` bytes into the buffer, from its beginning; returns how many were read, 0 if none can be. */
  read(address: number, into: Uint8Array, length: number): number;
}

/** The memory of another process on this machine, which keeps running meanwhile. */
export class ProcessMemory implements Memory {
  readonly #file: number;

  /** @throws {Error} with a code, if the process is gone or not ours to read (ptrace(2), PTRACE_MODE_ATTACH_FSCREDS) */
  constructor(pid: number) {
    this.#file = openSync(`/proc/${pid}/mem`, 'r');
  }

  read(address: number, into: Uint8Array, length: number): number {
    let done = 0;
    while (done < length) {
      let read: number;
      try {
        read = readSync(this.#file, into, done, length - done, address + done);
      } catch {
        // EIO: no longer mapped, or not readable. What came before still counts.
        return done;
      }
      if (read === 0) return done;
      done += read;
    }
    return done;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Reads words of memory, most of them from a window that moves along. */
export class WordReader {
  readonly #memory: Memory;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #start = 0;
  #length = 0;

  /** `windowBytes` are read at once: many where words are close together, few where they are all over the place. */
  constructor(memory: Memory, windowBytes: number) {
    this.#memory = memory;
    this.#bytes = new Uint8Array(windowBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Returns the little-endian 64-bit word at an address; undefined if it can't be read or is more than 2^53 - 1. */
  word(address: number): number | undefined {
    if (address < this.#start || address + 8 > this.#start + this.#length) this.#move(address);
    const at = address - this.#start;
    if (at < 0 || at + 8 > this.#length) return undefined;
    const high = this.#view.getUint32(at + 4, true);
    if (high >= 2 ** 21) return undefined;
    return high * 2 ** 32 + this.#view.getUint32(at, true);
  }

  #move(address: number): void {
    this.#start = address;
    this.#length = this.#memory.read(address, this.#bytes, this.#bytes.length);
  }
}
