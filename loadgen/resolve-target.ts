import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errorCodeOf, RunError } from '../options/failure.js';
import type { DialTarget } from './dialer.js';

/**
 * Looks the host of a URL up, once for all connections. Of several addresses the first IPv4 one is taken: servers
 * that listen on `127.0.0.1` alone are more common than those on `::1` alone.
 * @throws {RunError} if there is no such host.
 */
export async function resolveTarget(
  text: string,
  flags: Pick<DialTarget, 'isDeflateOffered' | 'isInsecure'>,
): Promise<DialTarget> {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const defaultPort = url.protocol === 'wss:' ? 443 : 80;
  return {
    url: url.href,
    address: isIP(host) === 0 ? await lookUp(host) : host,
    port: url.port === '' ? defaultPort : Number(url.port),
    ...flags,
  };
}

async function lookUp(host: string): Promise<string> {
  try {
    const addresses = await lookup(host, { all: true });
    const chosen = addresses.find(({ family }) => family === 4) ?? addresses[0];
    if (chosen !== undefined) return chosen.address;
  } catch (error) {
    throw new RunError(
      `Cannot find the host ${host} (${errorCodeOf(error) ?? 'no reason given'})`,
      {
        cause: error,
      },
    );
  }
  throw new RunError(`Cannot find the host ${host}: it has no address`);
}
