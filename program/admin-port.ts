import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCodeOf, messageOf, RunError } from './failure.js';
import { originOf } from './endpoint.js';

/** Answers one request; what it throws is answered with status 500. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** What an admin port answers, by method and path, such as `GET /healthz`. A `GET` answers `HEAD` too. */
export type Routes = Readonly<Record<`${'GET' | 'POST' | 'DELETE'} /${string}`, Handler>>;

/** An admin port, open. */
export interface AdminPort {
  /** Its address, such as `http://127.0.0.1:9090`. */
  readonly url: string;
  readonly close: () => void;
}

/**
 * Opens an admin port: HTTP, without authentication, on an address of its own. Others than loopback let the network in.
 * Pages in a browser are kept out: what they send has an Origin, or says that it comes from another site, or, where they
 * have bent a name of theirs to this address, is for another host (DNS rebinding). Browsers always send a Host; a check in
 * HTTP/1.0, as load balancers and scripts do it, may have none.
 * @throws {RunError} if the address can't be had.
 */
export async function openAdminPort(
  host: string,
  port: number,
  routes: Routes,
): Promise<AdminPort> {
  const server = createServer((request, response) => {
    const objection = findObjection(request.headers, host);
    if (objection === undefined) void answer(request, response, routes);
    else reply(response, 403, 'text/plain', `${objection}\n`);
  });
  await listen(server, host, port);
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: originOf('http', { host, port: actualPort }),
    close: () => {
      server.close();
      // A scraper keeps its connection open between scrapes.
      server.closeAllConnections();
    },
  };
}

/** Answers with a whole body, which no cache may keep. */
export function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
}

/** Where requests may come from that a browser sends: typed in by a person, or of a page that this port itself has served. */
const ownSites: ReadonlySet<unknown> = new Set([undefined, 'none', 'same-origin']);

/**
 * Says in words why a request is refused; undefined if it is not.
 * @param headers of the request
 * @param host that the port listens on; only on loopback it is known under which names it can be asked for
 */
export function findObjection(headers: IncomingHttpHeaders, host: string): string | undefined {
  if (headers.origin !== undefined || !ownSites.has(headers['sec-fetch-site'])) {
    return 'Requests of web pages are refused';
  }
  if (headers.host === undefined || !isLoopback(host)) return undefined;
  const asked = hostnameOf(headers.host);
  if (asked === host || isLoopback(asked)) return undefined;
  return 'This port is asked for by its own name: localhost, or its address';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

/** Takes the name out of a Host header, without port and brackets. */
function hostnameOf(header: string): string {
  return header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: Routes,
): Promise<void> {
  const path = request.url?.split('?', 1)[0] ?? '/';
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handlers = new Map(Object.entries(routes));
  const handler = handlers.get(`${method ?? ''} ${path}`);
  try {
    if (handler !== undefined) await handler(request, response);
    else refuse(response, path, [...handlers.keys()]);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else reply(response, 500, 'text/plain', `${messageOf(error)}\n`);
  }
}

/** Answers 405 where the path exists with other methods, else 404. */
function refuse(response: ServerResponse, path: string, known: readonly string[]): void {
  const methods = known.flatMap((route) => {
    const [method = '', ofPath] = route.split(' ');
    return ofPath === path ? [method, ...(method === 'GET' ? ['HEAD'] : [])] : [];
  });
  if (methods.length > 0) {
    response.setHeader('Allow', methods.join(', '));
    reply(response, 405, 'text/plain', `Only ${methods.join(' and ')} can be used\n`);
    return;
  }
  const paths = [...new Set(known.map((route) => route.split(' ')[1]))];
  const list = `${paths.slice(0, -1).join(', ')} and ${paths.at(-1) ?? ''}`;
  reply(response, 404, 'text/plain', `There are ${list}\n`);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const reason = errorCodeOf(error) === 'EADDRINUSE' ? 'it is in use' : messageOf(error);
      reject(
        new RunError(
          `Cannot open the admin port ${port} on ${host}: ${reason}; choose another with --admin-port`,
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
