import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { readMachineLimits } from '../machine/machine-limits.js';
import { errorCodeOf, messageOf, RunError } from '../program/failure.js';

/** Ports below this may be reserved for services; the range from here up to the kernel's own has to be worth searching. */
const lowestPort = 10_000;
const fewestPorts = 1000;

/** Ports that are tried before the kernel is asked for one. */
const mostTries = 20;

/**
 * Makes sure that nothing listens on the port, and returns it; for 0, returns one that is free, below those that the
 * kernel hands out to whatever connects: one of those is soon taken between this check and the first worker.
 *
 * The workers share the port through SO_REUSEPORT. They would also share it with another server of the same user
 * and lose connections to it, so it is first tried without sharing. They can't choose one by themselves:
 * uWebSockets.js does not share a port that the kernel picked. Between this check and the first worker another program
 * can still take the port; a worker then fails to listen, unless that program shares it.
 * @throws {RunError} if the port is in use or the address is not one of this machine's.
 */
export async function findFreePort(host: string, port: number): Promise<number> {
  if (port !== 0) return tryPort(host, port);
  const portsBelow = readMachineLimits().ephemeralPorts.first - lowestPort;
  for (let tries = 0; tries < mostTries && portsBelow >= fewestPorts; tries++) {
    try {
      return await tryPort(host, lowestPort + Math.floor(Math.random() * portsBelow));
    } catch (error) {
      // A problem with the address is reported for the port that was asked for.
      if (!(error instanceof RunError && errorCodeOf(error.cause) === 'EADDRINUSE')) break;
    }
  }
  return tryPort(host, 0);
}

/**
 * Returns as many free ports, see {@link findFreePort}, none of which is `taken`.
 * @throws {RunError} if there are not so many.
 */
export async function findFreePorts(host: string, count: number, taken: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count && tries < count + mostTries; tries++) {
    const port = await findFreePort(host, 0);
    if (port !== taken) found.add(port);
  }
  if (found.size === count) return [...found];
  throw new RunError(`Cannot find ${count} free ports on ${host}: end what listens there`);
}

/** Listens on a port and stops at once; returns its number, which the kernel chooses for 0. */
async function tryPort(host: string, port: number): Promise<number> {
  const server = createServer();
  server.listen({ host, port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new RunError(describe(host, port, error), { cause: error });
  }
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}

function describe(host: string, port: number, error: unknown): string {
  switch (errorCodeOf(error)) {
    case 'EADDRINUSE':
      return `Cannot listen on ${host} port ${port}: it is in use; end what listens there or choose another with --port`;
    case 'EACCES':
      return `Cannot listen on ${host} port ${port}: this user may not; choose one above 1023 with --port`;
    default:
      return `Cannot listen on ${host} port ${port}: ${messageOf(error)}; choose another address with --host`;
  }
}
