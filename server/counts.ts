import type { ServerCounts } from './documents.js';

/** Counts of a server that has done nothing yet. */
export const noCounts: ServerCounts = {
  connections: 0,
  connections_opened_total: 0,
  connections_closed_total: 0,
  connections_refused_total: 0,
  address_refused_total: 0,
  greetings_sent_total: 0,
  messages_received_total: 0,
  messages_echoed_total: 0,
  backpressure_closed_total: 0,
};

/** Adds up counts. */
export function addServerCounts(parts: readonly ServerCounts[]): ServerCounts {
  return parts.reduce(
    (sum, part) => ({
      connections: sum.connections + part.connections,
      connections_opened_total: sum.connections_opened_total + part.connections_opened_total,
      connections_closed_total: sum.connections_closed_total + part.connections_closed_total,
      connections_refused_total: sum.connections_refused_total + part.connections_refused_total,
      address_refused_total: sum.address_refused_total + part.address_refused_total,
      greetings_sent_total: sum.greetings_sent_total + part.greetings_sent_total,
      messages_received_total: sum.messages_received_total + part.messages_received_total,
      messages_echoed_total: sum.messages_echoed_total + part.messages_echoed_total,
      backpressure_closed_total: sum.backpressure_closed_total + part.backpressure_closed_total,
    }),
    noCounts,
  );
}

/** Returns the counts of a process that has died: what was open has closed with it. */
export function closeCounts(counts: ServerCounts): ServerCounts {
  return { ...counts, connections: 0, connections_closed_total: counts.connections_opened_total };
}
