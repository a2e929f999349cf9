import { type Finding, toFinding } from './finding.js';
import type { MachineFacts } from './machine-facts.js';
import type { RunDemand } from './process-plan.js';

/** Looks at what our own server needs: Node and glibc for its native build, and its ports. Empty without it. */
export function checkPrograms(facts: MachineFacts, demand: RunDemand): Finding[] {
  if (demand.server !== 'workers') return [];
  return [...nativeBuild(facts), ...ports(facts)];
}

function nativeBuild({ nativeBuild: build, nodeVersion, glibcVersion }: MachineFacts): Finding[] {
  if (build === undefined) return [];
  const here = `Node ${nodeVersion}, ${glibcVersion === undefined ? 'no glibc' : `glibc ${glibcVersion}`}`;
  const limit = 'native build';
  const meaning = 'uWebSockets.js is compiled for certain versions of Node and glibc';
  return build.kind === 'loads'
    ? [
        toFinding(
          limit,
          meaning,
          here,
          `uWebSockets.js ${build.version} (ABI ${build.abi}${build.lowered ? ', lowered for this glibc' : ''}) loads`,
          'ok',
        ),
      ]
    : [
        toFinding(limit, meaning, here, 'a build that loads', 'not ok', [
          build.reason,
          ...build.advice,
        ]),
      ];
}

function ports({ portsTaken }: MachineFacts): Finding[] {
  if (portsTaken === undefined) return [];
  const isFree = portsTaken.length === 0;
  return [
    toFinding(
      'ports 8080 and 9090',
      'where tidemark server listens unless told otherwise; bench takes free ones',
      isFree ? 'free' : `${portsTaken.join(' and ')} in use`,
      'free',
      isFree ? 'ok' : 'tight',
      ['tidemark server --port 0 --admin-port 0'],
    ),
  ];
}
