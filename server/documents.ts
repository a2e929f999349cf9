import type { ProcessMemory } from '../machine/v8.js';

/**
 * What the server tells other programs: the line that it prints once it listens (`tidemark server --json`), and the
 * document at `/stats` on the admin port. Memory is in bytes; totals count from the start of the server.
 */

/** Version of both documents; it is raised when a field changes its meaning or is removed. */
export const serverDocumentVersion = 1;

/** Printed on standard output, as one line of JSON, when every worker accepts connections. */
export interface ListeningDocument {
  readonly version: typeof serverDocumentVersion;
  readonly event: 'listening';
  readonly url: string;
  readonly admin_url: string;
  /** Process id of the supervisor, which serves the admin port and holds no connections. */
  readonly supervisor_pid: number;
  readonly worker_pids: readonly number[];
  /** Addresses that lead to one worker each, with `--worker-ports`; else empty. A worker that is replaced leaves its own to the new one. */
  readonly worker_urls: readonly string[];
  /** Connections that are admitted at once, in total. */
  readonly max_connections: number;
  readonly uws: NativeBinding;
}

/** The uWebSockets.js build that was loaded. */
export interface NativeBinding {
  /** Its version, such as `20.57.0`. */
  readonly version: string;
  /** Node's module ABI (NODE_MODULE_VERSION) that it was built for, such as `115`. */
  readonly abi: string;
  /** Absolute path of the `.node` file. */
  readonly file: string;
  /** True for a copy that needs an older glibc than the original build. */
  readonly lowered: boolean;
}

/** Counts of connections and messages; all but `connections` only grow. */
export interface ServerCounts {
  /** Open now. */
  readonly connections: number;
  readonly connections_opened_total: number;
  readonly connections_closed_total: number;
  /** Handshakes answered with 503 because the worker was full, or with 403 because of their origin. */
  readonly connections_refused_total: number;
  /** Handshakes answered with 429 because of `--max-per-address`; not among the others. */
  readonly address_refused_total: number;
  readonly greetings_sent_total: number;
  readonly messages_received_total: number;
  readonly messages_echoed_total: number;
  /** Connections closed because their peer did not read: their unsent bytes exceeded `--max-backpressure`. */
  readonly backpressure_closed_total: number;
}

/** How often the certificate has been taken up again; only grow, and stay 0 without TLS. */
export interface TlsReloadCounts {
  readonly tls_reloads_total: number;
  /** Times that it could not be used, so that the one before was kept. */
  readonly tls_reload_failures_total: number;
}

/** One worker process in {@link StatsDocument}. */
export interface WorkerStats extends ServerCounts {
  readonly pid: number;
  readonly memory: ProcessMemory;
}

/** A worker that ended without being told to. */
export interface LostWorker {
  readonly pid: number;
  /** When: ISO 8601, UTC. */
  readonly at: string;
  /** The signal that killed it, such as `SIGKILL`; null if it ended by itself. */
  readonly signal: string | null;
  /** Its exit status; null if a signal killed it. */
  readonly status: number | null;
}

/** Answer to `GET /stats`. Counts of workers that died are kept in the totals; their connections count as closed. */
export interface StatsDocument extends ServerCounts, TlsReloadCounts {
  readonly version: typeof serverDocumentVersion;
  readonly uptime_s: number;
  /** The process that serves this document; it holds no connections. */
  readonly supervisor: { readonly pid: number; readonly memory: ProcessMemory };
  /**
   * Each with the age of its figures, in seconds: above 3 the worker is frozen, or far too busy; and, with `--worker-ports`, the
   * address that leads to it alone.
   */
  readonly workers: readonly (WorkerStats & {
    readonly report_age_s: number;
    readonly url?: string;
  })[];
  /** Workers that ended without being told to, each replaced by a new one. */
  readonly workers_restarted_total: number;
  /** The last of these, the latest at the end. */
  readonly workers_lost: readonly LostWorker[];
}
