/** Where a program listens. */
export interface Endpoint {
  /** Name or address; one of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const defaultPorts: Readonly<Record<string, number>> = {
  'ws:': 80,
  'http:': 80,
  'wss:': 443,
  'https:': 443,
};

/** Returns the host and port of a web address, with the default port of its scheme (RFC 6455, section 3). */
export function endpointOf(address: string | URL): Endpoint {
  const { hostname, port, protocol } = new URL(address);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (defaultPorts[protocol] ?? 80) : Number(port),
  };
}

/** Writes an endpoint as the beginning of a web address: `http://[::1]:80`. */
export function originOf(scheme: 'ws' | 'wss' | 'http', { host, port }: Endpoint): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
