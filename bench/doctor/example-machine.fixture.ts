import type { MachineFacts } from './checks/machine-facts.js';
import type { RunDemand } from './checks/process-plan.js';

/** A machine of 2 cores and 24 GB as a fresh Debian leaves it, for tests. */
export const exampleMachine: MachineFacts = {
  openFiles: 20_000,
  highestOpenFiles: 1_048_576,
  systemFiles: { limit: 2_466_193, used: 1000 },
  ephemeralPorts: { first: 32_768, last: 60_999 },
  acceptBacklog: 4096,
  synBacklog: 2048,
  conntrack: 'absent',
  tcpMemoryBytes: 2_300_000_000,
  availableMemoryBytes: 24_000_000_000,
  memoryGroup: undefined,
  pidsGroup: undefined,
  userThreads: undefined,
  systemThreads: { variable: 'kernel.pid_max', limit: 32_768, used: 100 },
  overcommit: 0,
  memoryReading: 'all',
  cores: 2,
  cpuQuota: undefined,
  nodeVersion: '20.20.0',
  glibcVersion: '2.36',
  nativeBuild: { kind: 'loads', version: '20.57.0', abi: '115', lowered: false },
  portsTaken: [],
  otherWork: { cpuPercent: 1, processes: [] },
};

/** A small run that the example machine carries with ease, for tests. */
export const exampleDemand: RunDemand = {
  connections: 10_000,
  rate: 2000,
  server: 'workers',
  holdsGenerator: true,
};
