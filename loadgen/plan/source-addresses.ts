import { isIPv4 } from 'node:net';
import type { PortRange } from '../../machine/machine-limits.js';
import type { PortPool } from '../connection/port-ring.js';

/** Where the connections of one process come from. */
export type SourcePlan =
  /** The kernel chooses address and port at connect(2). */
  { readonly kind: 'kernel' } | ({ readonly kind: 'pool' } & PortPool);

/** What the source addresses have to be enough for. */
export interface SourceDemand {
  /** The IP addresses of the targets. */
  readonly targetAddresses: readonly string[];
  readonly processes: number;
  /** Connections open at once, for all processes of this generator together. */
  readonly connections: number;
  /** Connections started per second of all these processes together, for as long as the run lasts; 0 without churn. */
  readonly churnRatePerSecond: number;
  readonly ephemeralPorts: PortRange;
  /** Addresses to use; `auto` chooses among this machine's, and is what loopback targets get when nothing is given. */
  readonly sourceIps: readonly string[] | 'auto' | undefined;
  /** This machine's addresses that are not loopback. */
  readonly machineAddresses: readonly string[];
  /** Whether the whole of 127.0.0.0/8 is local: on Linux it is, on macOS only 127.0.0.1. */
  readonly isLoopbackNetLocal: boolean;
}

/**
 * Connections at once per loopback address: a sixth of the default port range, so that the ring of ports comes round
 * to a pair only after several generations of connections.
 */
const connectionsPerLoopbackAddress = 5000;

/** How long the kernel remembers a closed connection (TCP_TIMEWAIT_LEN in `include/net/tcp.h`). */
const timeWaitSeconds = 60;

/** Host numbers 1 to 254 of each 127.x.y.0/24. */
const addressesPerLoopbackNet = 254;

/**
 * Plans the source addresses and ports of each process.
 *
 * A target in 127.0.0.0/8 gets a fresh 127.x.y.0/24 per process and run, never 127.0.0.0/16, so that neither the
 * target nor the TIME_WAIT of an earlier run is in the way. Addresses that were given are shared by all processes,
 * which divide the ports between them. Otherwise the kernel chooses.
 * @throws {RangeError} if no address reaches all targets, or the addresses have fewer ports than there are connections; the message says how many.
 */
export function planSources(demand: SourceDemand, random: () => number): readonly SourcePlan[] {
  refuseDifferentKinds(demand.targetAddresses);
  const isLoopback = demand.targetAddresses.every(isLoopbackNet) && demand.isLoopbackNetLocal;
  if (isLoopback && !Array.isArray(demand.sourceIps)) return planLoopback(demand, random);
  const addresses =
    demand.sourceIps === 'auto'
      ? demand.machineAddresses.filter((each) =>
          demand.targetAddresses.every((target) => isIPv4(each) === isIPv4(target)),
        )
      : (demand.sourceIps ?? []);
  refuseMoreThanPorts(demand, Math.max(1, addresses.length));
  return Array.from({ length: demand.processes }, (_, process): SourcePlan => {
    if (addresses.length === 0) return { kind: 'kernel' };
    const { first, last } = demand.ephemeralPorts;
    return {
      kind: 'pool',
      addresses,
      firstPort: first + process,
      lastPort: last,
      portStep: demand.processes,
    };
  });
}

function planLoopback(demand: SourceDemand, random: () => number): SourcePlan[] {
  const { processes, targetAddresses, ephemeralPorts } = demand;
  const ports = ephemeralPorts.last - ephemeralPorts.first + 1;
  const perAddress = Math.min(connectionsPerLoopbackAddress, ports);
  const forConnections = demand.connections / processes / perAddress;
  const forChurn = ((demand.churnRatePerSecond / processes) * timeWaitSeconds) / ports;
  const wanted = Math.ceil(Math.max(1, forConnections, forChurn));
  const count = Math.min(wanted, addressesPerLoopbackNet);
  // Second octet 1 or more, so that 127.0.x.y, where services listen, is never a source.
  const firstNet = 256 + Math.floor(random() * (65_536 - 256 - processes));
  return Array.from({ length: processes }, (_, process): SourcePlan => {
    const net = firstNet + process;
    const addresses: string[] = [];
    for (let host = 1; addresses.length < count && host <= addressesPerLoopbackNet; host++) {
      const address = `127.${net >> 8}.${net & 255}.${host}`;
      if (!targetAddresses.includes(address)) addresses.push(address);
    }
    return {
      kind: 'pool',
      addresses,
      firstPort: ephemeralPorts.first,
      lastPort: ephemeralPorts.last,
      portStep: 1,
    };
  });
}

/** One local address reaches either targets in 127.0.0.0/8 or others, and of one version of IP only. */
function refuseDifferentKinds(targets: readonly string[]): void {
  const kinds = new Set(targets.map((each) => `${isIPv4(each)} ${isLoopbackNet(each)}`));
  if (kinds.size <= 1) return;
  throw new RangeError(
    `Cannot reach ${targets.join(' and ')} from the same local addresses: start a loadgen for each`,
  );
}

function refuseMoreThanPorts(demand: SourceDemand, addresses: number): void {
  const { first, last } = demand.ephemeralPorts;
  const most = (last - first + 1) * addresses;
  if (demand.connections <= most) return;
  throw new RangeError(
    `Cannot open ${demand.connections} connections to ${demand.targetAddresses.join(', ')}: ${addresses} source ` +
      `${addresses === 1 ? 'address has' : 'addresses have'} ports for ${most} at most; add some with --source-ips`,
  );
}

function isLoopbackNet(address: string): boolean {
  return isIPv4(address) && address.startsWith('127.');
}
