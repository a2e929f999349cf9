import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, RunError } from '../../options/failure.js';

const pauseMs = 100;

/**
 * Waits until something accepts TCP connections at the host and port of a WebSocket address, or nobody wants to know
 * any more.
 * @throws {RunError} if nothing has after the time limit.
 */
export async function waitUntilListening(
  url: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const { host, port } = endpointOf(url);
  const deadline = performance.now() + timeoutMs;
  while (signal?.aborted !== true) {
    const refusal = await tryToConnect(host, port);
    if (refusal === undefined) return;
    if (performance.now() > deadline) {
      throw new RunError(
        `Nothing listens at ${url} (${refusal}): start the server, or correct --url`,
      );
    }
    await sleep(pauseMs);
  }
}

/** Returns the host, an IPv6 address without its brackets, and the port of a WebSocket address. */
export function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port === '' ? (protocol === 'wss:' ? 443 : 80) : Number(port) };
}

async function tryToConnect(host: string, port: number): Promise<string | undefined> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    socket.destroy();
  }
}
