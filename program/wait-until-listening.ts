import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointOf } from './endpoint.js';
import { messageOf, RunError } from './failure.js';

const pauseMs = 100;

/**
 * Waits until the host of a WebSocket address is known and something accepts TCP connections at its port, or nobody wants
 * to know any more.
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
        `Nothing listens at ${url} (${refusal}): start the server, or correct the address`,
      );
    }
    await sleep(pauseMs);
  }
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
