import { readMachineLimits } from '../machine/machine-limits.js';
import { exitStatus, messageOf, RunError } from '../program/failure.js';
import { type AdminPort, openAdminPort } from '../program/admin-port.js';
import { adminRoutes } from './admin-routes.js';
import {
  type ListeningDocument,
  type NativeBinding,
  serverDocumentVersion,
  type TlsReloadCounts,
} from './documents.js';
import { findFreePort, findFreePorts } from './free-port.js';
import type { SharedSettings } from './messages.js';
import { findNativeBinding } from './native-binding.js';
import type { ServerOptions } from './options.js';
import { checkTlsFiles, type TlsFiles } from './tls-files.js';
import { TlsRenewal } from './tls-renewal.js';
import { WorkerPool } from './worker-pool.js';
import { shareConnections, type WorkerShares } from './worker-shares.js';

/** What is told of events in the server's life. */
export interface ServerListener {
  readonly listening: (document: ListeningDocument) => void;
  /** New connections get another certificate, described here, from now on. */
  readonly tlsReloaded: (description: string) => void;
  readonly stopping: (reason: string) => void;
}

/**
 * Runs the server until a signal ends it, and returns the exit status: 0 if every connection closed in time.
 * @throws {RunError} if it can't start, or its workers keep dying.
 */
export async function runServer(options: ServerOptions, listener: ServerListener): Promise<number> {
  const binding = findNativeBinding(options.uws);
  const shares = planShares(options);
  const tls = findTlsFiles(options);
  if (tls !== undefined) checkTlsFiles(tls);
  const port = await findFreePort(options.host, options.port);

  const settings = toSharedSettings(options, port, tls, shares, binding);
  const ownPorts = options.workerPorts
    ? await findFreePorts(options.host, shares.workers, port)
    : [];
  const pool = new WorkerPool(shares.workers, settings, ownPorts);
  const renewal = tls === undefined ? undefined : renewalOf(tls, pool, listener);
  const stop = whenToldToStop(() => {
    pool.kill();
  }, renewal);
  let admin: AdminPort | undefined;
  try {
    const routes = adminRoutes({
      findTrouble: () => pool.findTrouble(),
      stats: async () => ({ ...(await pool.stats()), ...(renewal?.counts ?? noReloads) }),
      collectGarbage: () => pool.collectGarbage(),
    });
    admin = await openAdminPort(options.adminHost, options.adminPort, routes);
    const started = await Promise.race([pool.start(), stop]);
    if (typeof started !== 'string') {
      renewal?.watch();
      listener.listening({
        version: serverDocumentVersion,
        event: 'listening',
        url: pool.url,
        admin_url: admin.url,
        supervisor_pid: process.pid,
        worker_pids: pool.pids,
        worker_urls: pool.urls,
        max_connections: shares.maxConnections,
        uws: binding,
      });
    }
    listener.stopping(await Promise.race([stop, pool.broken]));
    renewal?.stop();
    const cut = await pool.shutDown(options.shutdownTimeout);
    if (cut === 0) return exitStatus.done;
    throw new RunError(
      `${cut} connections did not close within the shutdown's time limit and were cut; --shutdown-timeout sets it`,
    );
  } finally {
    // Whatever happened, no worker is left; those that ended in order are already gone.
    pool.kill();
    renewal?.stop();
    admin?.close();
  }
}

const noReloads: TlsReloadCounts = { tls_reloads_total: 0, tls_reload_failures_total: 0 };

function renewalOf(tls: TlsFiles, pool: WorkerPool, listener: ServerListener): TlsRenewal {
  return new TlsRenewal(tls, {
    renew: () => pool.reloadTls(),
    renewed: listener.tlsReloaded,
    failed: (message) => {
      process.stderr.write(`tidemark: ${message}\n`);
    },
  });
}

function findTlsFiles({ tlsCert, tlsKey }: ServerOptions): TlsFiles | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  return { certFile: tlsCert, keyFile: tlsKey };
}

function planShares({ workers, maxConnections }: ServerOptions): WorkerShares {
  try {
    return shareConnections({ workers, maxConnections }, readMachineLimits());
  } catch (error) {
    if (error instanceof RangeError) throw new RunError(messageOf(error), { cause: error });
    throw error;
  }
}

function toSharedSettings(
  options: ServerOptions,
  port: number,
  tls: TlsFiles | undefined,
  { share, workers }: WorkerShares,
  binding: NativeBinding,
): SharedSettings {
  return {
    host: options.host,
    port,
    tls,
    greeting: options.greeting,
    compression: options.compression,
    maxConnections: share,
    maxPerAddress: options.maxPerAddress,
    idleTimeoutSeconds: Math.ceil(options.idleTimeout / 1000),
    maxPayloadBytes: options.maxPayload,
    maxBackpressureBytes: options.maxBackpressure,
    maxBackpressureTotalBytes: options.maxBackpressureTotal / workers,
    allowedOrigins: options.allowOrigin,
    binding,
  };
}

/**
 * Resolves, with the reason in words, at the first signal, or when the program that started this one over an IPC
 * channel is gone. A second signal ends everything at once. With TLS, SIGHUP has the certificate taken up again instead.
 */
function whenToldToStop(killAll: () => void, renewal: TlsRenewal | undefined): Promise<string> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (reason: string): void => {
      if (isStopping) {
        killAll();
        process.exit(exitStatus.failed);
      }
      isStopping = true;
      resolve(reason);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    process.on('SIGHUP', (signal) => {
      if (renewal === undefined) stop(signal);
      else if (!isStopping) renewal.renew();
    });
    process.once('disconnect', () => {
      if (!isStopping) stop('the program that started the server has ended');
    });
    // The channel alone must not keep the server running.
    process.channel?.unref();
  });
}
