import { Counter, Gauge, Registry } from 'prom-client';
import { reply, type Routes } from '../program/admin-port.js';
import type { LoadCounts, ReportLine } from './report-lines.js';
import { addLoadCounts } from './shards/merge-summaries.js';

/** Names end as Prometheus asks: totals in `_total`, units spelled out. */
const countMetrics: Readonly<
  Record<Exclude<keyof LoadCounts, 'errors' | 'error_details'>, string>
> = {
  connections: 'Connections open now',
  connections_pending: 'Handshakes under way',
  connections_asked_total: 'Connections that the schedule has called for',
  connections_attempted_total: 'Connections started',
  connections_opened_total: 'Handshakes that succeeded',
  connections_failed_total: 'Handshakes that failed',
  connections_closed_total: 'Opened connections that have closed',
  connections_lost_total: 'Opened connections that the server closed or that broke',
  greetings_received_total: 'Connections that got the expected greeting',
  messages_sent_total: 'Messages sent for echo',
  echoes_received_total: 'Echoes received',
  errors_total: 'Failures of all kinds',
};

/** Returns what every generator's admin port answers: `/healthz` and `/metrics`. */
export function metricsRoutes(metrics: LoadMetrics): Routes {
  return {
    'GET /healthz': (_, response) => {
      reply(response, 200, 'text/plain', 'ok\n');
    },
    'GET /metrics': async (_, response) => {
      reply(response, 200, Registry.PROMETHEUS_CONTENT_TYPE, await metrics.format());
    },
  };
}

/** Keeps the counts of a generator, over all its runs, for Prometheus. */
export class LoadMetrics {
  #finished: LoadCounts = addLoadCounts([]);
  #running: LoadCounts | undefined;
  #lagMs = 0;
  #processes = 0;

  /** Takes a line of a run. */
  take(line: ReportLine): void {
    switch (line.kind) {
      case 'started':
        this.#processes = line.process_pids.length;
        break;
      case 'phase':
        break;
      case 'progress':
        this.#running = line;
        this.#lagMs = line.lag_ms;
        break;
      case 'summary':
        this.#finished = addLoadCounts([this.#finished, line]);
        this.#running = undefined;
        this.#lagMs = 0;
        this.#processes = 0;
        break;
    }
  }

  /** Notes that the run is over; one that left no summary keeps its last counts, with nothing open any more. */
  endRun(): void {
    if (this.#running === undefined) return;
    const last = { ...this.#running, connections: 0, connections_pending: 0 };
    this.#finished = addLoadCounts([this.#finished, last]);
    this.#running = undefined;
    this.#lagMs = 0;
    this.#processes = 0;
  }

  /** Writes the figures in the text format of Prometheus. */
  format(): Promise<string> {
    const registry = new Registry();
    const gauge = (name: string, help: string, value: number): void => {
      new Gauge({ name: `tidemark_loadgen_${name}`, help, registers: [registry] }).set(value);
    };
    const counts = addLoadCounts([this.#finished, ...(this.#running ? [this.#running] : [])]);
    for (const [name, help] of Object.entries(countMetrics)) {
      const count = counts[name as keyof typeof countMetrics];
      if (name.endsWith('_total')) {
        // A counter can't be set; one that is new stands at 0 and is raised to the total.
        new Counter({ name: `tidemark_loadgen_${name}`, help, registers: [registry] }).inc(count);
      } else gauge(name, help, count);
    }
    gauge('processes', 'Generator processes at work', this.#processes);
    gauge('lag_seconds', 'Worst event-loop delay in the last report', this.#lagMs / 1000);
    return registry.metrics();
  }
}
