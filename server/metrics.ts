import type { ProcessMemory } from '../machine/v8.js';
import { PrometheusText } from '../program/prometheus-text.js';
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

/** Writes the figures of a server in the text format of Prometheus. */
export function formatMetrics(stats: StatsDocument): Promise<string> {
  const text = new PrometheusText('tidemark_server_');
  for (const [name, help] of Object.entries(countMetrics)) {
    text.add(name, help, stats[name as keyof ServerCounts]);
  }
  text.add('workers', 'Worker processes that have reported', stats.workers.length);
  text.add(
    'workers_restarted_total',
    'Workers that died and were replaced',
    stats.workers_restarted_total,
  );
  for (const [name, help] of Object.entries(reloadMetrics)) {
    text.add(name, help, stats[name as keyof TlsReloadCounts]);
  }
  text.add('uptime_seconds', 'Time since the server started', stats.uptime_s);
  const perWorker = text.gauge('worker_connections', 'Connections open now in a worker', ['pid']);
  for (const worker of stats.workers) perWorker.set({ pid: worker.pid }, worker.connections);
  for (const [name, help] of Object.entries(memoryMetrics)) {
    const memory = text.gauge(`process_${name}`, help, ['pid', 'role']);
    const key = name as keyof ProcessMemory;
    memory.set({ pid: stats.supervisor.pid, role: 'supervisor' }, stats.supervisor.memory[key]);
    for (const { pid, memory: used } of stats.workers) {
      memory.set({ pid, role: 'worker' }, used[key]);
    }
  }
  return text.write();
}
