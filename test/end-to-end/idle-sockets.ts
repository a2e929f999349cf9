import { connect as connectTcp, type Socket } from 'node:net';

/** Sockets of clients that never say a word; those that the server does not take stay with the kernel. */
export function openIdle(url: string, count: number): Socket[] {
  const { hostname, port } = new URL(url);
  return Array.from({ length: count }, () =>
    connectTcp(Number(port), hostname).on('error', () => undefined),
  );
}
