import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import type { StatsDocument } from '../../server/documents.js';
import { listErrors } from '../../loadgen/report/counts.js';

/** What the server's own counts are compared by. */
export type ServerTotals = Pick<
  StatsDocument,
  | 'connections'
  | 'connections_opened_total'
  | 'connections_closed_total'
  | 'greetings_sent_total'
  | 'messages_received_total'
  | 'messages_echoed_total'
  | 'workers_restarted_total'
>;

/**
 * Returns, in words, what is not as it has to be when all connections are closed again: the generator's own counts, errors of
 * any kind, lost connections, and where the server has counted something else. Nothing is compared with a server that
 * has no counts.
 */
export function findMiscounts(load: SummaryLine, server: ServerTotals | undefined): string[] {
  const found = [...load.discrepancies];
  if (load.errors_total > 0) found.push(`${load.errors_total} errors: ${listErrors(load)}`);
  if (load.connections_lost_total > 0) {
    found.push(`${load.connections_lost_total} connections were lost`);
  }
  if (load.processes_lost > 0) found.push(`${load.processes_lost} generator processes have died`);
  const greetings = load.greetings_received_total;
  const opened = load.connections_opened_total;
  const [sent, echoes] = [load.messages_sent_total, load.echoes_received_total];
  const pairs: (readonly [string, number, string, number])[] = [
    ['greetings received', greetings, 'connections opened', opened],
    ['echoes received', echoes, 'messages sent', sent],
  ];
  if (server !== undefined) {
    pairs.push(
      ['connections that the server opened', server.connections_opened_total, 'ours', opened],
      ['connections that it closed', server.connections_closed_total, 'ours', opened],
      ['connections open on the server', server.connections, 'ours', 0],
      ['greetings that it sent', server.greetings_sent_total, 'those received', greetings],
      ['messages that it received', server.messages_received_total, 'those sent', sent],
      ['messages that it echoed', server.messages_echoed_total, 'echoes received', echoes],
      ['workers that were restarted', server.workers_restarted_total, 'those wanted', 0],
    );
  }
  for (const [name, count, otherName, other] of pairs) {
    if (count !== other) found.push(`${name} (${count}) are not ${otherName} (${other})`);
  }
  return found;
}
