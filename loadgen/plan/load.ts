import { networkInterfaces } from 'node:os';
import { readMachineLimits } from '../../machine/machine-limits.js';
import { messageOf, RunError } from '../../program/failure.js';
import type { Route } from '../connection/route.js';
import type { Assignment } from './messages.js';
import { rateOf, type LoadgenOptions } from './options.js';
import { behaviourOf, conversationOf, limitsOf, trafficOf } from './client-plan.js';
import { type Behaviour, isReplacing } from './behaviour.js';
import { meanLifetimeMs } from './lifetimes.js';
import { planProcesses, processesForRate } from './plan.js';
import { blocksOf, shareOf, slotOf } from './shares.js';
import { planSources } from './source-addresses.js';

/** A run that is fully planned. */
export interface Load {
  readonly options: LoadgenOptions;
  /** Its address, or addresses separated by spaces. */
  readonly url: string;
  /** One per process. */
  readonly assignments: readonly Assignment[];
  /** Connections of this generator, all its processes together. */
  readonly connections: number;
  readonly cores: number;
  /** Processes that start connections at the same time; the others have started theirs, or wait for their turn. */
  readonly atOnce: number;
  /** Processes that close connections at the same time. */
  readonly drainAtOnce: number;
  /** Connections per second asked of this generator; undefined for `max`. */
  readonly ratePerSecond: number | undefined;
  readonly behaviour: Behaviour;
}

/** Connections per second to plan for with `max`: more than this machine's cores can start. */
const maxRateForPlanning = 40_000;

/**
 * Plans processes, shares, addresses and ports up front.
 * @throws {RunError} if the machine can't have that many connections; the message says how many it can have.
 */
export function planLoad(options: LoadgenOptions, route: Route): Load {
  const machine = readMachineLimits();
  const rate = rateOf(options);
  const { shard } = options;
  const behaviour = behaviourOf(options, options.hold !== undefined);
  const replaces = isReplacing(behaviour);
  const connections = shareOf(options.connections, { index: shard.index, stride: shard.count });
  const ratePerSecond = rate === 'max' ? undefined : rate / shard.count;
  const traffic = trafficOf(options);
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
        targetAddresses: route.targets.map(({ address }) => address),
        processes,
        connections,
        churnRatePerSecond: churnRateOf(
          behaviour,
          connections,
          ratePerSecond ?? maxRateForPlanning,
        ),
        ephemeralPorts: machine.ephemeralPorts,
        sourceIps: options.sourceIps,
        machineAddresses: listMachineAddresses(),
        isLoopbackNetLocal: process.platform === 'linux',
      },
      Math.random,
    );
    // Churn goes on in all processes at once: each replaces its own.
    const atOnce = replaces
      ? processes
      : Math.min(processes, processesForRate(ratePerSecond ?? 'max', machine.cores));
    // Each of those at work fills a server of its own, rather than all the same one.
    const fillsAlone = rate === 'max' && route.spread === 'in-turn' && route.targets.length > 1;
    const blocks = blocksOf(options.connections, shard, processes, fillsAlone ? 1 : atOnce);
    const assignments = sources.map((source, index): Assignment => {
      const slot = slotOf(shard, index, processes);
      const block = blocks[index] ?? { ...slot, count: 0 };
      return {
        route,
        source,
        share: replaces ? { ...slot, count: Infinity } : block,
        places: replaces ? shareOf(options.connections, slot) : block.count,
        messageSlot: slot,
        // With a rate, the schedule itself says when it is a block's turn.
        isHeld: rate === 'max' && index >= atOnce,
        rate,
        behaviour,
        ...(options.duration === undefined ? {} : { durationMs: options.duration }),
        ...(traffic === undefined ? {} : { traffic }),
        greeting: options.greeting,
        conversation: conversationOf(options),
        handshakes: Math.max(
          1,
          shareOf(options.handshakes, { index: index % atOnce, stride: atOnce }),
        ),
        handshakeTimeoutMs: options.handshakeTimeout,
        reportIntervalMs: options.reportInterval,
        limits: limitsOf(options),
      };
    });
    const { cores } = machine;
    const drainAtOnce = processesForRate('max', cores);
    const url = route.targets.map((target) => target.url).join(' ');
    const base = { options, url, behaviour };
    return { ...base, assignments, connections, cores, atOnce, drainAtOnce, ratePerSecond };
  } catch (error) {
    if (error instanceof RangeError) throw new RunError(messageOf(error), { cause: error });
    throw error;
  }
}

/** Returns how many connections are started per second once all are open, as far as can be foreseen. */
function churnRateOf(behaviour: Behaviour, connections: number, ratePerSecond: number): number {
  const { lifetime, stormMs, churnsInHold } = behaviour;
  const byStorms = stormMs === undefined ? 0 : connections / (stormMs / 1000);
  if (lifetime === undefined) return byStorms;
  const byLifetimes = connections / (meanLifetimeMs(lifetime) / 1000);
  return byStorms + (churnsInHold ? byLifetimes : ratePerSecond);
}

function listMachineAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
}
