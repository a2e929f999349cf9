import { Counter, Gauge, Registry } from 'prom-client';
import type { ProcessMemory } from '../machine/v8.js';
import type { ServerCounts, StatsDocument, TlsReloadCounts } from './documents.js';

/** Metrics of the whole server. Names end as Prometheus requires: totals in `_total`, units spelled out. */
const countMetrics: Readonly<Record<keyof ServerCounts, string>> = {
  connections: 'Connections open now',
  connections_opened_total: 'Connections opened since the server started',
  connections_closed_total: 'Connections closed since the server started',
  connections_refused_total:
    'Handshakes answered with 503 because the worker was full, or with 403',
  address_refused_total:
    'Handshakes answered with 429 because their address had too many connections',
  greetings_sent_total: 'Greetings written',
  messages_received_total: 'Messages received',
  messages_echoed_total: 'Messages echoed',
  backpressure_closed_total: 'Connections closed because their client did not read',
};

const reloadMetrics: Readonly<Record<keyof TlsReloadCounts, string>> = {
  tls_reloads_total: 'Times that the certificate was taken up again',
  tls_reload_failures_total: 'Times that it could not be used, and the one before was kept',
};

const memoryMetrics: Readonly<Record<keyof ProcessMemory, string>> = {
  rss_bytes: 'Resident memory of a process',
  js_heap_used_bytes: 'Objects on the JS heap, garbage included',
  js_heap_total_bytes: 'JS heap committed by V8',
  js_heap_resident_bytes: 'Resident part of the JS heap',
  js_external_bytes: 'Native memory that JS objects keep',
  js_array_buffers_bytes: 'Memory of ArrayBuffers and Buffers',
};

/** Content type of {@link formatMetrics}'s text. */
export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Writes the figures of a server in the text format of Prometheus. A new registry is filled for each scrape, so that a
 * worker that is gone leaves no series behind.
 */
export async function formatMetrics(stats: StatsDocument): Promise<string> {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name: `tidemark_server_${name}`, help, labelNames, registers: [registry] });
  // A counter can't be set; a new one starts at 0 and is raised to the total.
  const counter = (name: string, help: string, total: number): void => {
    new Counter({ name: `tidemark_server_${name}`, help, registers: [registry] }).inc(total);
  };
  for (const [name, help] of Object.entries(countMetrics)) {
    const count = stats[name as keyof ServerCounts];
    if (name.endsWith('_total')) counter(name, help, count);
    else gauge(name, help, []).set(count);
  }
  gauge('workers', 'Worker processes that have reported', []).set(stats.workers.length);
  counter(
    'workers_restarted_total',
    'Workers that died and were replaced',
    stats.workers_restarted_total,
  );
  for (const [name, help] of Object.entries(reloadMetrics)) {
    counter(name, help, stats[name as keyof TlsReloadCounts]);
  }
  gauge('uptime_seconds', 'Time since the server started', []).set(stats.uptime_s);
  const perWorker = gauge('worker_connections', 'Connections open now in a worker', ['pid']);
  for (const worker of stats.workers) perWorker.set({ pid: worker.pid }, worker.connections);
  for (const [name, help] of Object.entries(memoryMetrics)) {
    const memory = gauge(`process_${name}`, help, ['pid', 'role']);
    const key = name as keyof ProcessMemory;
    memory.set({ pid: stats.supervisor.pid, role: 'supervisor' }, stats.supervisor.memory[key]);
    for (const { pid, memory: used } of stats.workers) {
      memory.set({ pid, role: 'worker' }, used[key]);
    }
  }
  return registry.metrics();
}
