import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { endAtOnce, startProgram } from '../../bench/targets/child-program.js';
import { localGenerator } from '../../bench/load/generator-run.js';
import { RunError } from '../../program/failure.js';
import { type Baselines, openConnections } from './baselines.js';
import { findBun } from './server-peers.js';
import { readTreeCost } from './tree-cost.js';

/** What a connection costs its client. */
export interface GeneratorFigures {
  readonly cpuMicrosPerConnection: number;
  /** Proportional share of memory, of all its processes, in bytes. */
  readonly pssBytesPerConnection: number;
  readonly connectionsPerSecond: number;
}

/** A load generator that is measured beside the others, in one process that opens connections. */
export interface GeneratorPeer {
  readonly name: string;
  readonly missing: () => string | undefined;
  /** Opens connections to a local port, each of which counts once it was greeted, and closes them. */
  readonly measure: (
    port: string,
    connections: number,
    baselines: Baselines,
  ) => Promise<GeneratorFigures>;
}

/**
 * Where clients can't choose their local ports, the kernel takes half of the usual 28,232 at once and then searches, which
 * takes milliseconds each.
 */
const mostFromOneAddress = 12_000;

/** Compiled by tsc, for both Node and Bun. */
const plainClients = fileURLToPath(new URL('./plain-clients.js', import.meta.url));

/** Our own generator first. */
export const generatorPeers: readonly GeneratorPeer[] = [
  { name: 'tidemark loadgen', missing: () => undefined, measure: measureOurs },
  {
    name: 'C, connect_baseline',
    missing: () => undefined,
    measure: async (port, connections, { connect }) => {
      const { program, perSecond, cpuMicros } = await openConnections(connect, port, connections);
      const { pssBytes } = readTreeCost(program.pid);
      await endAtOnce(program);
      return {
        cpuMicrosPerConnection: cpuMicros,
        pssBytesPerConnection: pssBytes / connections,
        connectionsPerSecond: perSecond,
      };
    },
  },
  {
    name: 'Node’s TCP sockets alone',
    missing: () => undefined,
    measure: (port, connections) => measurePlain(process.execPath, 'socket', port, connections),
  },
  {
    name: 'ws, its own constructor',
    missing: () => undefined,
    measure: (port, connections) => measurePlain(process.execPath, 'ws', port, connections),
  },
  {
    name: 'Node’s own WebSocket',
    missing: () =>
      'WebSocket' in globalThis
        ? undefined
        : `Node ${process.versions.node} has none: use 22 or 24`,
    measure: (port, connections) =>
      measurePlain(process.execPath, 'global', port, Math.min(connections, mostFromOneAddress)),
  },
  {
    name: 'Bun’s own WebSocket',
    missing: () => (findBun() === undefined ? 'no bun on the PATH' : undefined),
    measure: (port, connections) =>
      measurePlain(findBun() ?? 'bun', 'global', port, Math.min(connections, mostFromOneAddress)),
  },
];

async function measureOurs(port: string, connections: number): Promise<GeneratorFigures> {
  // The one that opens connections: the coordinator is there once, however many there are.
  let pid = 0;
  let cpuBefore = 0;
  let figures: GeneratorFigures | undefined;
  let beganAtMs = 0;
  const run = await localGenerator(10_000)(
    [
      `ws://127.0.0.1:${port}`,
      `--connections=${connections}`,
      '--rate=max',
      '--processes=1',
      '--hold=2s',
    ],
    (line) => {
      if (line.kind === 'started') {
        pid = line.process_pids[0] ?? 0;
        cpuBefore = readTreeCost(pid).cpuSeconds;
      }
      if (line.kind !== 'phase') return;
      if (line.phase === 'ramp') beganAtMs = line.monotonic_ms;
      if (line.phase !== 'hold') return;
      const { cpuSeconds, pssBytes } = readTreeCost(pid);
      figures = {
        cpuMicrosPerConnection: (1e6 * (cpuSeconds - cpuBefore)) / connections,
        pssBytesPerConnection: pssBytes / connections,
        connectionsPerSecond: (1000 * connections) / (line.monotonic_ms - beganAtMs),
      };
    },
  );
  const end = await run.ended;
  if (figures === undefined) {
    throw new RunError(`the load generator ${end} before it held ${connections} connections`);
  }
  return figures;
}

/** Measures a client as people write it: one object per connection, 50 at a time from a timer. */
async function measurePlain(
  command: string,
  implementation: 'socket' | 'ws' | 'global',
  port: string,
  connections: number,
): Promise<GeneratorFigures> {
  let wake = (): void => undefined;
  const lines: string[] = [];
  const nextLine = async (): Promise<string> => {
    while (lines.length === 0) {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        void program.ended.then(({ errorLine }) => {
          reject(new RunError(`${command} ended: ${errorLine}`));
        });
      });
    }
    return lines.shift() ?? '';
  };
  const program = await startProgram({
    name: command,
    command,
    args: [plainClients, `ws://127.0.0.1:${port}`, String(connections), implementation],
    hasChannel: false,
    onLine: (line) => {
      lines.push(line);
      wake();
    },
  });
  try {
    await nextLine();
    const before = readTreeCost(program.pid);
    const beganAt = performance.now();
    process.kill(program.pid, 'SIGUSR2');
    await nextLine();
    const seconds = (performance.now() - beganAt) / 1000;
    await sleep(200);
    const { cpuSeconds, pssBytes } = readTreeCost(program.pid);
    return {
      cpuMicrosPerConnection: (1e6 * (cpuSeconds - before.cpuSeconds)) / connections,
      pssBytesPerConnection: pssBytes / connections,
      connectionsPerSecond: connections / seconds,
    };
  } finally {
    await endAtOnce(program);
  }
}
