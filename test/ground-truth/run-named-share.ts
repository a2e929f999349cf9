/**
 * Measures how much of an open connection's private memory has a name, for several servers: `npm run named-share`. Prints a
 * Markdown table; exit status 0 if each share is what it should be, 1 if one is not or a server could not be measured.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canTraceStacks } from '../../bench/targets/stack-tracing.js';
import { missingForNetty } from '../../bench/targets/peers/netty/compile-netty-server.js';
import { exitStatus, messageOf } from '../../program/failure.js';
import { formatBytes, formatCount } from '../../program/quantities.js';
import { describeMachine, runBench } from '../peers/bench-runs.js';
import { bundled, known, type MeasuredServer } from './measured-servers.js';

const connections = 10_000;

/** For all: slow enough that Python's server keeps up. */
const commonArguments = ['--rate=1500', '--baseline=3s', '--hold=6s', '--rest=3s'];

/** A server, and the share that is wanted of it. */
interface Wanted {
  readonly server: MeasuredServer;
  readonly share: number;
}

const servers: readonly Wanted[] = [
  { share: 0.9, server: bundled('`ws`', ['--target=ws']) },
  { share: 0.95, server: bundled('`ws`, deflate', ['--target=ws', '--deflate']) },
  {
    share: 0.9,
    server: bundled('Netty, deflate', ['--target=netty', '--deflate'], missingForNetty()),
  },
  { share: 0.85, server: known('Go, gorilla/websocket', 'go', ['none', '0']) },
  { share: 0.7, server: known('Python, websockets', 'python', ['none', '0']) },
  {
    share: 0.8,
    server: bundled(
      'uWebSockets.js, `--stacks`',
      ['--target=uws', '--stacks'],
      canTraceStacks() ? undefined : 'heaptrack is not installed',
    ),
  },
];

const folder = mkdtempSync(join(tmpdir(), 'tidemark-named-share-'));
try {
  process.exitCode = await measureAll(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll(inFolder: string): Promise<number> {
  const lines = [
    '| server | private, per connection | has a name | wanted |',
    '| --- | --- | --- | --- |',
  ];
  let isMissed = false;
  for (const { share: wanted, server } of servers) {
    const { name, missing, argumentsIn } = server;
    process.stderr.write(`${name}\n`);
    const goal = `${(100 * wanted).toFixed(0)} %`;
    try {
      if (missing !== undefined) throw new Error(missing);
      const args = await argumentsIn(inFolder);
      const { summary } = await runBench(inFolder, connections, ...commonArguments, ...args);
      const share = summary.named_share_of_private ?? 0;
      const bytes = summary.waves[0]?.per_connection_over_baseline?.private_bytes ?? 0;
      isMissed ||= share < wanted;
      lines.push(`| ${name} | ${formatBytes(bytes)} | ${(100 * share).toFixed(1)} % | ${goal} |`);
    } catch (error) {
      isMissed = true;
      lines.push(`| ${name} | not measured: ${messageOf(error)} | – | ${goal} |`);
    }
  }
  process.stdout.write(
    `${lines.join('\n')}\n\n${formatCount(connections)} connections, ${describeMachine()}\n`,
  );
  return isMissed ? exitStatus.failed : exitStatus.done;
}
