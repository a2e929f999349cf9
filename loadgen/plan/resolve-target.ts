import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import { endpointOf } from '../../program/endpoint.js';
import { errorCodeOf, RunError } from '../../program/failure.js';
import type { DialTarget } from '../connection/route.js';
import { parseTargetUrl } from '../connection/target-url.js';

/** How long one of several addresses may take to accept a connection before the next one is tried, in milliseconds. */
const tryTimeoutMs = 2000;

/**
 * Looks up the host of a URL, once for all connections. Of several addresses the first that accepts a TCP connection is
 * taken, IPv4 first: a server may listen on `127.0.0.1` alone or on `::1` alone. If none does, it is the first one, whose
 * failures are then the answer.
 * @throws {RunError} if there is no such host.
 */
export async function resolveTarget(
  text: string,
  demand: Omit<DialTarget, 'url' | 'address' | 'port'>,
): Promise<DialTarget> {
  const { host, port } = endpointOf(parseTargetUrl(text));
  const addresses = isIP(host) === 0 ? await lookUp(host) : [host];
  return { ...demand, url: text, address: await chooseAddress(addresses, host, port), port };
}

async function lookUp(host: string): Promise<readonly string[]> {
  try {
    const addresses = await lookup(host, { all: true });
    return addresses
      .toSorted((one, other) => one.family - other.family)
      .map((each) => each.address);
  } catch (error) {
    throw new RunError(
      `Cannot find the host ${host} (${errorCodeOf(error) ?? 'no reason given'})`,
      { cause: error },
    );
  }
}

/**
 * Returns the first address that accepts a TCP connection, or the first one if none does. A single address is not tried.
 * @throws {RunError} if there is none.
 */
export async function chooseAddress(
  addresses: readonly string[],
  host: string,
  port: number,
): Promise<string> {
  const [first] = addresses;
  if (first === undefined) throw new RunError(`Cannot find the host ${host}: it has no address`);
  if (addresses.length === 1) return first;
  for (const address of addresses) if (await accepts(address, port)) return address;
  return first;
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(tryTimeoutMs) });
    return true;
  } catch {
    // Refused, unreachable or late: in each case the next one is tried.
    return false;
  } finally {
    socket.destroy();
  }
}
