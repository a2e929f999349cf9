/** What connections may make a process of the generator keep, whatever the server does. Sizes are in bytes. */
export interface MemoryLimits {
  /** Longest message that is taken, as it comes and inflated: `--max-message`. */
  readonly messageBytes: number;
  /** Most that one connection may have unsent when something more is to be sent: `--max-unsent`. */
  readonly unsentBytes: number;
  /** Most that all connections of a process may have unsent, and have of unfinished messages: `--max-buffered`. */
  readonly totalBytes: number;
}

/**
 * The limits unless told otherwise. Servers that send messages of more than 16 MiB are rare, and a server that has left 4 MiB of
 * one connection unread, beyond what the kernel holds for it, is behind by thousands of messages.
 */
export const usualLimits: MemoryLimits = {
  messageBytes: 16 * 1024 ** 2,
  unsentBytes: 4 * 1024 ** 2,
  totalBytes: 256 * 1024 ** 2,
};
