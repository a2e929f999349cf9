import { reply, type Routes } from '../../program/admin-port.js';
import type { PrometheusText } from '../../program/prometheus-text.js';
import { addCounts, countMeanings, countNames, type LoadCounts } from './counts.js';
import type { ReportLine } from './report-lines.js';

/** Returns what every generator's admin port answers: `/healthz` and `/metrics`. */
export function metricsRoutes(metrics: LoadMetrics): Routes {
  return {
    'GET /healthz': (_, response) => {
      reply(response, 200, 'text/plain', 'ok\n');
    },
    'GET /metrics': async (_, response) => {
      const { PrometheusText, prometheusContentType } =
        await import('../../program/prometheus-text.js');
      const text = new PrometheusText('tidemark_loadgen_');
      metrics.addTo(text);
      reply(response, 200, prometheusContentType, await text.write());
    },
  };
}

/** Keeps the counts of a generator, over all its runs, for Prometheus. */
export class LoadMetrics {
  #finished: LoadCounts = addCounts([]);
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
        this.#finished = addCounts([this.#finished, line]);
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
    this.#finished = addCounts([this.#finished, last]);
    this.#running = undefined;
    this.#lagMs = 0;
    this.#processes = 0;
  }

  /** Adds the figures to those of a scrape. */
  addTo(text: PrometheusText): void {
    const counts = addCounts([this.#finished, ...(this.#running ? [this.#running] : [])]);
    for (const name of countNames) text.add(name, countMeanings[name], counts[name]);
    text.add('processes', 'Generator processes at work', this.#processes);
    text.add('lag_seconds', 'Worst event-loop delay in the last report', this.#lagMs / 1000);
  }
}
