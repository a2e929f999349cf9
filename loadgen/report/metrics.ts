import { reply, type Routes } from '../../program/admin-port.js';
import { addCounts, countMeanings, countNames, type LoadCounts } from './counts.js';
import type { ReportLine } from './report-lines.js';

/** Returns what every generator's admin port answers: `/healthz` and `/metrics`. */
export function metricsRoutes(metrics: LoadMetrics): Routes {
  return {
    'GET /healthz': (_, response) => {
      reply(response, 200, 'text/plain', 'ok\n');
    },
    'GET /metrics': async (_, response) => {
      const { contentType, text } = await metrics.format();
      reply(response, 200, contentType, text);
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

  /** Writes the figures in the text format of Prometheus. */
  async format(): Promise<{ readonly contentType: string; readonly text: string }> {
    // Loaded where somebody asks for them: it takes 45 ms of CPU.
    const { Counter, Gauge, Registry } = await import('prom-client');
    const registry = new Registry();
    const gauge = (name: string, help: string, value: number): void => {
      new Gauge({ name: `tidemark_loadgen_${name}`, help, registers: [registry] }).set(value);
    };
    const counts = addCounts([this.#finished, ...(this.#running ? [this.#running] : [])]);
    // Their names end as Prometheus asks: totals in `_total`, the others without.
    for (const name of countNames) {
      const { [name]: count } = counts;
      const { [name]: help } = countMeanings;
      if (name.endsWith('_total')) {
        // A counter can't be set; one that is new stands at 0 and is raised to the total.
        new Counter({ name: `tidemark_loadgen_${name}`, help, registers: [registry] }).inc(count);
      } else gauge(name, help, count);
    }
    gauge('processes', 'Generator processes at work', this.#processes);
    gauge('lag_seconds', 'Worst event-loop delay in the last report', this.#lagMs / 1000);
    return { contentType: registry.contentType, text: await registry.metrics() };
  }
}
