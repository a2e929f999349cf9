import { reply, type Routes } from '../program/admin-port.js';
import type { StatsDocument } from './documents.js';

/** What the server's admin port reports on. */
export interface AdminSource {
  /** Says in words why not all workers serve; undefined if they do. */
  readonly findTrouble: () => string | undefined;
  readonly stats: () => Promise<StatsDocument>;
  readonly collectGarbage: () => Promise<void>;
}

/**
 * Returns what the server's admin port answers: `/healthz`, `/metrics` and `/stats`, and `POST /collect-garbage`, after
 * which `/stats` shows what is alive.
 */
export function adminRoutes(source: AdminSource): Routes {
  return {
    'GET /healthz': (_, response) => {
      const trouble = source.findTrouble();
      if (trouble === undefined) reply(response, 200, 'text/plain', 'ok\n');
      else reply(response, 503, 'text/plain', `${trouble}\n`);
    },
    'GET /metrics': async (_, response) => {
      const { prometheusContentType } = await import('../program/prometheus-text.js');
      const { formatMetrics } = await import('./metrics.js');
      reply(response, 200, prometheusContentType, await formatMetrics(await source.stats()));
    },
    'GET /stats': async (_, response) => {
      reply(response, 200, 'application/json', `${JSON.stringify(await source.stats())}\n`);
    },
    'POST /collect-garbage': async (_, response) => {
      await source.collectGarbage();
      reply(response, 200, 'text/plain', 'collected\n');
    },
  };
}
