import type { CompressionMode } from './compression.js';
import type { NativeBinding, WorkerStats } from './documents.js';
import type { TlsFiles } from './tls-files.js';

/** What all workers need to know. */
export interface SharedSettings {
  readonly host: string;
  /** The port that all workers share. */
  readonly port: number;
  readonly tls: TlsFiles | undefined;
  readonly greeting: string | undefined;
  readonly compression: CompressionMode;
  /** Connections that this worker admits. */
  readonly maxConnections: number;
  /** Connections of one remote address that all workers together admit; undefined for any number. */
  readonly maxPerAddress: number | undefined;
  readonly idleTimeoutSeconds: number;
  readonly maxPayloadBytes: number;
  readonly maxBackpressureBytes: number;
  /** What all connections of this worker together may have unsent. */
  readonly maxBackpressureTotalBytes: number;
  /** Origins of web pages that may connect; undefined for all. */
  readonly allowedOrigins: readonly string[] | undefined;
  readonly binding: NativeBinding;
}

/** What one worker needs to know. */
export interface WorkerSettings extends SharedSettings {
  /** The port of this worker alone; undefined if it has none. */
  readonly ownPort: number | undefined;
}

/** Returns the ports at which a worker listens. */
export function portsOf({ port, ownPort }: WorkerSettings): readonly number[] {
  return ownPort === undefined ? [port] : [port, ownPort];
}

/** What the supervisor says to a worker. Both are always of the same build, so there is no version. */
export type ToWorker =
  | { readonly kind: 'start'; readonly settings: WorkerSettings }
  /** Answer with a report, after a garbage collection if that is asked for. */
  | { readonly kind: 'report'; readonly collectsGarbage: boolean }
  /** The answer to the oldest `admit` that has none. */
  | { readonly kind: 'admission'; readonly isAdmitted: boolean }
  /** Take up certificate and key from their files for new connections. */
  | { readonly kind: 'reload-tls' }
  /** Stop accepting, close every connection with 1001, and end; cut those that are open after the time limit. */
  | { readonly kind: 'shutdown'; readonly timeoutMs: number };

/** What a worker says to its supervisor. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'listening' }
  /** It can't start, for a reason that would stop another worker too. */
  | { readonly kind: 'failed'; readonly message: string }
  /** May this remote address have another connection? It counts until `left`. Sent only where addresses have a limit. */
  | { readonly kind: 'admit'; readonly address: string }
  | { readonly kind: 'left'; readonly address: string }
  /** The answer to `reload-tls`; with the reason if the certificate from before is kept. */
  | { readonly kind: 'tls-reloaded'; readonly failure: string | undefined }
  /** Sent once a second, and as the answer to `report`. */
  | { readonly kind: 'report'; readonly stats: WorkerStats }
  /** Last message: all connections are closed, `cut` of them by force. */
  | { readonly kind: 'ended'; readonly cut: number; readonly stats: WorkerStats };
