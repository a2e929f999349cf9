import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { errorCodeOf, messageOf, RunError } from '../program/failure.js';

/**
 * Makes sure that nobody listens on the port, and returns it; for 0, returns one that is free.
 *
 * The workers share the port through SO_REUSEPORT, by which they would share it with another server of the same user
 * too and lose connections to it, so it is tried without sharing first. They can't choose one by themselves:
 * uWebSockets.js does not share a port that the kernel picked. Between this check and the first worker another program
 * can still take the port; a worker then fails to listen, unless that program shares it.
 * @throws {RunError} if the port is in use or the address is not one of this machine.
 */
export async function findFreePort(host: string, port: number): Promise<number> {
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
