import type { RunSummary } from '../../bench/results/summary.js';
import type { BenchFigures } from './bench-runs.js';
import type { ServerFigures } from './measure-servers.js';
import type { BenchmarkResults } from './results.js';

/** A run of the bench that has opened so many connections, for tests: memory grows with them, the ramp too. */
export function exampleRun(connections: number): BenchFigures {
  return {
    connections,
    summary: { connections_lost: 0 } as RunSummary,
    rampSeconds: connections / 8000,
    connectionsPerSecond: 8000,
    pssBytesPerConnection: 440,
    privateBytesPerConnection: 550,
    idleTargetCpuPercent: 4,
    idleLoadgenCpuPercent: 4.5,
    lastTenthOverFirst: 0.6,
    samplerCpuPercent: 0.9,
    floorCountingMs: 40,
    targetProcesses: 3,
    memoryUsedBytes: connections * 12_000,
    memoryUnavailableBytes: connections * 11_000,
  };
}

function server(cpuMicrosPerConnection: number, cpuMicrosPerEcho: number): ServerFigures {
  return {
    rssBytesPerConnection: 900,
    cpuMicrosPerConnection,
    connectionsPerSecond: 20_000,
    echoesPerSecond: 80_000,
    cpuMicrosPerEcho,
  };
}

function generator(cpuMicrosPerConnection: number) {
  return { cpuMicrosPerConnection, pssBytesPerConnection: 2900, connectionsPerSecond: 9000 };
}

// By less than the connections grow, so that it meets its target.
const million = { ...exampleRun(1_000_000), rampSeconds: 1_000_000 / 9000 };

/** Results of a full benchmark that meets every target, for tests. */
export const exampleResults: BenchmarkResults = {
  servers: [
    { name: 'uws, newest build', skipped: 'glibc | is too old' },
    { name: 'uws, lowered build', runs: [server(19, 5)] },
    { name: 'uWebSockets.js alone', runs: [server(18, 4.9)] },
    { name: 'ws', runs: [server(80, 9)] },
    { name: 'Bun', runs: [server(19, 4.8)] },
  ],
  generators: [
    { name: 'tidemark loadgen', runs: [generator(42)] },
    { name: 'C, connect_baseline', runs: [generator(18)] },
    { name: 'Node’s TCP sockets alone', runs: [generator(35)] },
  ],
  ramps: [
    { figures: exampleRun(400_000), cSeconds: 30 },
    { figures: million, cSeconds: 60 },
  ],
  sampler: { fewProcesses: exampleRun(2000), manyProcesses: exampleRun(2000) },
  churn: { open: 50_000, ratePerSecond: 2000, achievedPerSecond: 1999, lagP99Ms: 20 },
  growth: [{ ...exampleRun(1000), rampSeconds: 0.1 }, exampleRun(10_000), million],
};
