import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCodeOf, messageOf, RunError } from '../options/failure.js';
import type { StatsDocument } from './documents.js';
import { formatMetrics, metricsContentType } from './metrics.js';

/** What the admin port tells of. */
export interface AdminSource {
  readonly isHealthy: () => boolean;
  readonly stats: () => Promise<StatsDocument>;
}

/** The admin port, open. */
export interface AdminServer {
  readonly url: string;
  readonly close: () => void;
}

/**
 * Opens the admin port: `/healthz`, `/metrics` and `/stats`, read-only. It runs in the supervisor, away from the
 * connections, on an address of its own.
 * @throws {RunError} if the address can't be had.
 */
export async function openAdminServer(
  host: string,
  port: number,
  source: AdminSource,
): Promise<AdminServer> {
  const server = createServer((request, response) => {
    void answer(request, response, source);
  });
  await listen(server, host, port);
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    close: () => {
      server.close();
      // A scraper keeps its connection open between scrapes.
      server.closeAllConnections();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  source: AdminSource,
): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    reply(response, 405, 'text/plain', 'Only GET and HEAD are allowed\n');
    return;
  }
  try {
    switch (path) {
      case '/healthz':
        if (source.isHealthy()) reply(response, 200, 'text/plain', 'ok\n');
        else reply(response, 503, 'text/plain', 'not all workers accept connections\n');
        break;
      case '/metrics':
        reply(response, 200, metricsContentType, await formatMetrics(await source.stats()));
        break;
      case '/stats':
        reply(response, 200, 'application/json', `${JSON.stringify(await source.stats())}\n`);
        break;
      default:
        reply(response, 404, 'text/plain', 'There are /healthz, /metrics and /stats\n');
    }
  } catch (error) {
    reply(response, 500, 'text/plain', `${messageOf(error)}\n`);
  }
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
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
