/**
 * Holds our server, and `ws` for comparison, against RFC 6455 and RFC 7692, over raw sockets: `npm run conformance`, or with
 * another build of uWebSockets.js `npm run conformance -- --uws PATH`. Prints a Markdown table. Exit status 0 if each server does
 * in every case what its version is known to do, 1 otherwise, 2 for a wrong command line.
 */
import { parseArgs } from 'node:util';
import { endAtOnce } from '../../bench/targets/child-program.js';
import { killAllOnSignal } from '../../bench/ending.js';
import type { Target } from '../../bench/targets/target.js';
import { exitStatus, messageOf } from '../../program/failure.js';
import { conformanceCases } from './cases.js';
import { type ConformanceRow, formatConformance } from './conformance-table.js';
import { deviationsOf, findSurprises } from './known-deviations.js';
import { type CaseResult, runCases } from './run-case.js';
import {
  type ConformanceServer,
  conformanceServers,
  startConformanceServer,
  versionOf,
} from './servers.js';

killAllOnSignal();

const uws = readUws();
const versions = new Map<ConformanceServer, string>();
const results = new Map<ConformanceServer, readonly CaseResult[]>();
for (const server of conformanceServers) results.set(server, await tryAll(server));
const rows = conformanceCases.map(({ section, name }, index): ConformanceRow => ({
  section,
  name,
  results: conformanceServers.flatMap((server) => results.get(server)?.[index] ?? []),
}));
const names = conformanceServers.map((server) => `${server} ${versions.get(server) ?? ''}`);
process.stdout.write(`${formatConformance(names, rows)}\n`);
const surprises = conformanceServers.flatMap((server, index) =>
  findSurprises(
    server,
    deviationsOf(server, versions.get(server) ?? ''),
    rows.map(({ name, results: each }) => ({ name, kind: each[index]?.kind ?? 'fail' })),
  ),
);
for (const surprise of surprises) process.stderr.write(`Not as it is known: ${surprise}\n`);
process.exitCode = surprises.length > 0 ? exitStatus.failed : exitStatus.done;

async function tryAll(server: ConformanceServer): Promise<CaseResult[]> {
  const plain = await startConformanceServer(server, false, { uws });
  const deflating = await startConformanceServer(server, true, { uws });
  versions.set(server, versionOf(server, plain));
  try {
    return await runCases(conformanceCases, {
      plain: portOf(plain),
      deflating: portOf(deflating),
    });
  } finally {
    for (const target of [plain, deflating]) await endAtOnce(target);
  }
}

function portOf({ url }: Target): number {
  return Number(new URL(url).port);
}

/** Reads the command line; ends with status 2 if it is wrong. */
function readUws(): string | undefined {
  try {
    return parseArgs({ options: { uws: { type: 'string' } } }).values.uws;
  } catch (error) {
    process.stderr.write(`conformance: ${messageOf(error)}\n`);
    process.exit(exitStatus.usage);
  }
}
