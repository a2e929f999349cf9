import { networkInterfaces } from 'node:os';
import { readMachineLimits } from '../capacity/machine-limits.js';
import { messageOf, RunError } from '../options/failure.js';
import type { DialTarget } from './dialer.js';
import type { Assignment } from './messages.js';
import { rateOf, type LoadgenOptions } from './options.js';
import { planProcesses } from './plan.js';
import { shareOf, slotOf } from './shares.js';
import { planSources } from './source-addresses.js';

/** A run that is fully planned. */
export interface Load {
  readonly options: LoadgenOptions;
  /** One per process. */
  readonly assignments: readonly Assignment[];
  /** Connections of this generator, all its processes together. */
  readonly connections: number;
  readonly cores: number;
  /** Connections per second asked of this generator; undefined for `max`. */
  readonly ratePerSecond: number | undefined;
}

/** Connections per second that `max` may come to, for planning: more than this machine's cores can start. */
const maxRateForPlanning = 40_000;

/**
 * Plans processes, shares, addresses and ports up front.
 * @throws {RunError} if the machine can't have that many connections; the message says how many it can.
 */
export function planLoad(options: LoadgenOptions, target: DialTarget): Load {
  const machine = readMachineLimits();
  const rate = rateOf(options);
  const { shard, lifetime } = options;
  const connections = shareOf(options.connections, { index: shard.index, stride: shard.count });
  const ratePerSecond = rate === 'max' ? undefined : rate / shard.count;
  try {
    const processes = planProcesses({
      connections,
      rate: ratePerSecond ?? 'max',
      openFileLimit: machine.openFiles,
      cores: machine.cores,
      availableMemoryBytes: machine.availableMemoryBytes,
      ...(options.processes === 'auto' ? {} : { processes: options.processes }),
    });
    const sources = planSources(
      {
        targetAddress: target.address,
        processes,
        connections,
        churnRatePerSecond: lifetime === undefined ? 0 : (ratePerSecond ?? maxRateForPlanning),
        ephemeralPorts: machine.ephemeralPorts,
        sourceIps: options.sourceIps,
        machineAddresses: listMachineAddresses(),
        isLoopbackNetLocal: process.platform === 'linux',
      },
      Math.random,
    );
    const assignments = sources.map((source, index): Assignment => ({
      target,
      source,
      slot: slotOf(shard, index, processes),
      connections: options.connections,
      rate,
      ...(lifetime === undefined ? {} : { lifetime }),
      ...(options.duration === undefined ? {} : { durationMs: options.duration }),
      ...(options.messageRate === undefined ? {} : { messageRate: options.messageRate }),
      payloadBytes: options.payloadSize,
      greeting: options.greeting,
      handshakes: Math.max(1, shareOf(options.handshakes, { index, stride: processes })),
      handshakeTimeoutMs: options.handshakeTimeout,
      reportIntervalMs: options.reportInterval,
    }));
    return { options, assignments, connections, cores: machine.cores, ratePerSecond };
  } catch (error) {
    if (error instanceof RangeError) throw new RunError(messageOf(error), { cause: error });
    throw error;
  }
}

function listMachineAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
}
