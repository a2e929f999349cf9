/** State of a listening socket in `/proc/net/tcp` (TCP_LISTEN in `include/net/tcp_states.h`). */
const listenState = '0A';

/**
 * Returns the inodes of the sockets that listen on a port, or on any port if none is given, from the text of
 * `/proc/<pid>/net/tcp` or `tcp6` (`Documentation/networking/proc_net_tcp.rst`).
 */
export function parseListeningInodes(text: string, port?: number): string[] {
  const ending = port === undefined ? '' : `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state] = fields;
    const inode = fields[9];
    const isListening = state === listenState && local.endsWith(ending);
    return isListening && inode !== undefined ? [inode] : [];
  });
}

/** Tells whether all sockets of such a text listen; its last line may be cut off, and is left out. */
export function hasOnlyListeners(text: string): boolean {
  const [, ...lines] = text.split('\n').slice(0, -1);
  return lines.every((line) => line.trim().split(/\s+/, 4)[3] === listenState);
}

/** Tells whether an IPv4 address belongs to a network namespace, by the text of `/proc/<pid>/net/fib_trie`. */
export function isLocalAddress(fibTrie: string, address: string): boolean {
  const lines = fibTrie.split('\n').map((line) => line.trim());
  return lines.some(
    (line, index) => line === `|-- ${address}` && lines[index + 1] === '/32 host LOCAL',
  );
}

/** A process that holds a listening socket, and the one that started it. */
export interface Listener {
  readonly pid: number;
  readonly parentPid: number;
}

/**
 * Returns the process from which a server is measured: of those that listen, or that started two or more of them, or
 * that the server itself has `told`, the one that none of the others started. Undefined if nothing listens.
 */
export function findServerRoot(
  listeners: readonly Listener[],
  told: readonly number[] = [],
): number | undefined {
  const [first] = listeners;
  if (first === undefined) return undefined;
  const parents = listeners.map(({ parentPid }) => parentPid);
  const members = new Set([
    ...listeners.map(({ pid }) => pid),
    ...parents.filter((pid) => parents.filter((other) => other === pid).length > 1),
    ...parents.filter((pid) => told.includes(pid)),
  ]);
  const parentOf = new Map(listeners.map(({ pid, parentPid }) => [pid, parentPid]));
  let root = first.pid;
  for (let parent = parentOf.get(root); parent !== undefined && members.has(parent);) {
    root = parent;
    parent = parentOf.get(root);
  }
  return root;
}
