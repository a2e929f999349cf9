import { formatCount } from '../../program/quantities.js';
import type { JudgedRecord } from './run-record.js';

/** Share of the connections opened, and number, from which on descriptors that stay open are mentioned. */
const leastShare = 0.01;
const leastDescriptors = 10;

/**
 * Says in words which connections the target still has open at the last floor, though no client uses them any more:
 * those whose clients went silent, or others that it has not closed. Undefined if there are none, or if that is not known.
 */
export function describeLeftOpen({ waves, floors }: JudgedRecord): string | undefined {
  const [first, last] = [floors[0]?.descriptors, floors.at(-1)?.descriptors];
  if (first === undefined || last === undefined || floors.length < 2) return undefined;
  const opened = waves.reduce((sum, wave) => sum + wave.connections_opened_total, 0);
  const silent = waves.reduce((sum, wave) => sum + wave.connections_ended_silently_total, 0);
  const left = last - first;
  if (left < Math.max(leastDescriptors, opened * leastShare)) {
    return silent === 0
      ? undefined
      : `the server has closed the ${formatCount(silent)} connections whose clients went silent, so it is not they`;
  }
  const ofSilent = Math.min(left, silent);
  if (ofSilent < left / 2) {
    return `the server still has ${formatCount(left)} descriptors more open than at the baseline, though every client is gone: it does not close them`;
  }
  return `${formatCount(ofSilent)} of the ${formatCount(silent)} connections whose clients went silent are still open at the server, and their memory is part of this: it pings no clients, or waits for longer than --rest`;
}
