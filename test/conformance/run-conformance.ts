/**
 * Holds our server, and `ws` for comparison, against RFC 6455 and RFC 7692, over raw sockets: `npm run conformance`. Prints
 * a Markdown table. Exit status 0 if each server does in every case what it is known to do, 1 otherwise.
 */
import { endAtOnce } from '../../bench/targets/child-program.js';
import { killAllOnSignal } from '../../bench/ending.js';
import type { Target } from '../../bench/targets/target.js';
import { exitStatus } from '../../program/failure.js';
import { conformanceCases } from './cases.js';
import { type ConformanceRow, formatConformance } from './conformance-table.js';
import { type CaseResult, runCases } from './run-case.js';
import {
  type ConformanceServer,
  conformanceServers,
  findSurprises,
  startConformanceServer,
} from './servers.js';

killAllOnSignal();

const results = new Map<ConformanceServer, readonly CaseResult[]>();
for (const server of conformanceServers) results.set(server, await tryAll(server));
const rows = conformanceCases.map(({ section, name }, index): ConformanceRow => ({
  section,
  name,
  results: conformanceServers.flatMap((server) => results.get(server)?.[index] ?? []),
}));
process.stdout.write(`${formatConformance(conformanceServers, rows)}\n`);
const surprises = conformanceServers.flatMap((server, index) =>
  findSurprises(
    server,
    rows.map(({ name, results: each }) => ({ name, kind: each[index]?.kind ?? 'fail' })),
  ),
);
for (const surprise of surprises) process.stderr.write(`Not as it is known: ${surprise}\n`);
process.exitCode = surprises.length > 0 ? exitStatus.failed : exitStatus.done;

async function tryAll(server: ConformanceServer): Promise<CaseResult[]> {
  const plain = await startConformanceServer(server, false);
  const deflating = await startConformanceServer(server, true);
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
