/**
 * Sends random frames to our server and to `ws`: `npm run fuzz`, or `npm run fuzz -- 100000 42` for so many frames from that
 * seed. Prints a Markdown table. Exit status 0 if both live, answer a healthy client, and have not grown; 1 otherwise.
 */
import { endAtOnce } from '../../bench/targets/child-program.js';
import { killAllOnSignal } from '../../bench/ending.js';
import { readProcessTree } from '../../machine/procfs/read-procfs.js';
import { readTreeCost } from '../peers/tree-cost.js';
import { exitStatus } from '../../program/failure.js';
import { formatBytes, formatCount, parseWholeNumber } from '../../program/quantities.js';
import { fuzz } from './fuzz.js';
import { type ConformanceServer, conformanceServers, startConformanceServer } from './servers.js';

/** More than garbage and caches explain, and less than a leak of a hundred bytes per frame, in bytes. */
const mostGrowthBytes = 96 * 1024 ** 2;

killAllOnSignal();

const frames = parseWholeNumber(process.argv[2] ?? '1000000', 1);
const seed = parseWholeNumber(process.argv[3] ?? String(Date.now() % 2 ** 31), 0, 2 ** 31);
process.stdout.write(
  `${formatCount(frames)} frames, seed ${seed}\n\n` +
    '| server | connections | ended by it | healthy echoes | RSS before | RSS after | processes lost |\n' +
    '| --- | --- | --- | --- | --- | --- | --- |\n',
);
for (const server of conformanceServers) {
  if (!(await isUnharmed(server))) process.exitCode = exitStatus.failed;
}

async function isUnharmed(server: ConformanceServer): Promise<boolean> {
  const target = await startConformanceServer(server, false);
  try {
    const port = Number(new URL(target.url).port);
    // What a server takes when it is used at all is no growth.
    await fuzz(port, { frames: Math.min(frames, 20_000), seed: seed ^ 1 });
    const pids = readProcessTree([target.rootPid]);
    const before = readTreeCost(target.rootPid).rssBytes;
    const result = await fuzz(port, { frames, seed });
    const after = readTreeCost(target.rootPid).rssBytes;
    const alive = new Set(readProcessTree([target.rootPid]));
    const lost = pids.filter((pid) => !alive.has(pid)).length;
    const cells = [
      server,
      result.connections,
      result.ended,
      `${result.healthyEchoes} of ${result.healthyAsked}`,
      formatBytes(before),
      formatBytes(after),
      lost,
    ];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
    return (
      lost === 0 &&
      result.healthyEchoes === result.healthyAsked &&
      after - before <= mostGrowthBytes
    );
  } finally {
    await endAtOnce(target);
  }
}
