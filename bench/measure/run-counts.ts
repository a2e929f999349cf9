import type { LoadCounts } from '../../loadgen/report-lines.js';
import type { RunCounts } from './rows.js';

const nothing: RunCounts = {
  connections: 0,
  openedTotal: 0,
  closedTotal: 0,
  greetingsTotal: 0,
  failedTotal: 0,
  lostTotal: 0,
  messagesSentTotal: 0,
  echoesTotal: 0,
  lagMs: undefined,
};

/**
 * Adds the counts of the running wave, if there is one, to those of the finished waves. Each wave has a generator of
 * its own that counts from 0, while the columns of samples.csv count from the beginning of the run.
 */
export function addCounts(
  finished: readonly LoadCounts[],
  running: LoadCounts | undefined,
  lagMs: number | undefined,
): RunCounts {
  const all = running === undefined ? finished : [...finished, running];
  const sum = all.reduce(
    (total, wave) => ({
      ...total,
      openedTotal: total.openedTotal + wave.connections_opened_total,
      closedTotal: total.closedTotal + wave.connections_closed_total,
      greetingsTotal: total.greetingsTotal + wave.greetings_received_total,
      failedTotal: total.failedTotal + wave.connections_failed_total,
      lostTotal: total.lostTotal + wave.connections_lost_total,
      messagesSentTotal: total.messagesSentTotal + wave.messages_sent_total,
      echoesTotal: total.echoesTotal + wave.echoes_received_total,
    }),
    nothing,
  );
  return { ...sum, connections: running?.connections ?? 0, lagMs };
}
