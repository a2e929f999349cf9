/** Memory that the kernel spends on sockets. RSS never shows it. All figures are for the whole machine. */
export interface KernelSocketMemory {
  /** Pages of data that wait in TCP buffers (`mem` of `/proc/net/sockstat`), in bytes. */
  readonly tcpBuffersBytes: number;
  /** Slab memory of socket structures; undefined where `/proc/slabinfo` can't be read (it needs root). */
  readonly socketsBytes: number | undefined;
}

/**
 * Slab caches that grow with every TCP socket: the socket itself, its inode, file and directory entry, its entry in an
 * epoll set, and the small sockets of handshakes under way (`net/ipv4/tcp_ipv4.c`, `net/socket.c`, `fs/file_table.c`,
 * `fs/dcache.c`, `fs/eventpoll.c`). Those of TIME_WAIT are left out: they belong to no process, and mostly to the side that
 * closed first, which is our generator. With them it would look for a minute as if the target had kept something.
 */
const socketCaches: ReadonlySet<string> = new Set([
  'TCP',
  'TCPv6',
  'request_sock_TCP',
  'request_sock_TCPv6',
  'sock_inode_cache',
  'filp',
  'dentry',
  'eventpoll_epi',
]);

/**
 * Takes the bytes in TCP buffers from the text of `/proc/net/sockstat`; undefined if it has no such line.
 * `pageBytes` is the page size: the kernel counts pages there (`sk_memory_allocated()` in `net/ipv4/proc.c`).
 */
export function parseTcpBuffersBytes(sockstat: string, pageBytes: number): number | undefined {
  const pages = /^TCP:.*\bmem (\d+)/m.exec(sockstat)?.[1];
  return pages === undefined ? undefined : Number(pages) * pageBytes;
}

/**
 * Adds up the slabs of all caches that hold sockets, from the text of `/proc/slabinfo` (slabinfo(5)): objects
 * allocated, used or not, times object size. Undefined if no such cache is listed.
 */
export function parseSocketSlabBytes(slabinfo: string): number | undefined {
  let bytes: number | undefined;
  for (const line of slabinfo.split('\n')) {
    const [name = '', , objects, objectBytes] = line.split(/\s+/, 4);
    if (socketCaches.has(name)) bytes = (bytes ?? 0) + Number(objects) * Number(objectBytes);
  }
  return bytes;
}
