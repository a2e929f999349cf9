import { pageBytes } from '../../../machine/machine-limits.js';
import { formatBytes, formatCount } from '../../../program/quantities.js';
import { type Finding, sysctl, toFinding, unknownFinding } from './finding.js';
import type { MachineFacts } from './machine-facts.js';
import { endsHere, type RunDemand } from './process-plan.js';

/** Handshakes that the generator has in flight at most, unless `--handshakes` says otherwise. */
const handshakesInFlight = 512;

/** Addresses of 127.0.0.0/8, all of which are local (`ip route show table local`), and about as many as are of use. */
const loopbackAddresses = 65_536 * 254;

/** Looks at ports, backlogs, connection tracking and buffers. */
export function checkNetwork(facts: MachineFacts, demand: RunDemand): Finding[] {
  return [
    ...(demand.holdsGenerator ? [localPorts(facts, demand)] : []),
    backlog(
      'net.core.somaxconn',
      'connections that wait to be accepted, per listening socket; uWebSockets.js asks for 512',
      facts.acceptBacklog,
    ),
    backlog(
      'net.ipv4.tcp_max_syn_backlog',
      'handshakes under way, per listening socket; beyond it the kernel sends SYN cookies',
      facts.synBacklog,
    ),
    conntrack(facts, demand),
    tcpMemory(facts, demand),
  ];
}

function localPorts({ ephemeralPorts }: MachineFacts, { connections }: RunDemand): Finding {
  const limit = 'net.ipv4.ip_local_port_range';
  const meaning =
    'local ports per source address; on loopback the generator takes as many addresses as it needs, elsewhere --source-ip adds some';
  if (ephemeralPorts === undefined) {
    return unknownFinding(limit, meaning, '/proc/sys/net/ipv4/ip_local_port_range');
  }
  const { first, last } = ephemeralPorts;
  const perAddress = last - first + 1;
  const addresses = Math.ceil(connections / perAddress);
  return toFinding(
    limit,
    meaning,
    `${formatCount(perAddress)} ports`,
    `${formatCount(addresses)} source ${addresses === 1 ? 'address' : 'addresses'}`,
    addresses <= loopbackAddresses ? 'ok' : 'not ok',
    [sysctl(limit, '1024 65535')],
  );
}

function backlog(limit: string, meaning: string, value: number | undefined): Finding {
  if (value === undefined) {
    return unknownFinding(limit, meaning, `/proc/sys/${limit.replaceAll('.', '/')}`);
  }
  return toFinding(
    limit,
    meaning,
    formatCount(value),
    `${formatCount(handshakesInFlight)}, all handshakes in flight`,
    value >= handshakesInFlight ? 'ok' : 'tight',
    [sysctl(limit, 4096), `docker: --sysctl ${limit}=4096`],
  );
}

function conntrack({ conntrack: table }: MachineFacts, demand: RunDemand): Finding {
  const limit = 'net.netfilter.nf_conntrack_max';
  const meaning =
    'connections that the firewall can track, those on loopback too; beyond it packets are dropped';
  if (table === 'absent') return toFinding(limit, meaning, 'nothing is tracked', 'nothing', 'ok');
  const { used } = table;
  const need = demand.connections + (used ?? 0);
  const isTracking = used === undefined ? '' : `, ${formatCount(used)} tracked now`;
  return toFinding(
    limit,
    meaning,
    `${formatCount(table.limit)}${isTracking}`,
    `${formatCount(need)} if a firewall rule tracks`,
    // That the table is there does not mean that a rule asks for it: without one, nothing is tracked.
    need <= table.limit ? 'ok' : 'tight',
    [sysctl(limit, 2 * need), 'sudo iptables -t raw -A OUTPUT -o lo -j NOTRACK  # loopback only'],
  );
}

function tcpMemory({ tcpMemoryBytes }: MachineFacts, demand: RunDemand): Finding {
  const limit = 'net.ipv4.tcp_mem';
  const meaning = 'data in the buffers of all sockets; idle connections have none';
  if (tcpMemoryBytes === undefined) {
    return unknownFinding(limit, meaning, '/proc/sys/net/ipv4/tcp_mem');
  }
  // A page is what data takes at least that waits in a buffer.
  const need = demand.connections * endsHere(demand) * pageBytes;
  const pages = [1, 1.5, 2].map((factor) => Math.ceil((factor * need) / pageBytes));
  return toFinding(
    limit,
    meaning,
    formatBytes(tcpMemoryBytes),
    `${formatBytes(need)} if each end has a page in its buffer`,
    need <= tcpMemoryBytes ? 'ok' : 'tight',
    [sysctl(limit, pages.join(' '))],
  );
}
