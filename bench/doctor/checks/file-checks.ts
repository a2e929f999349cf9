import { formatCount } from '../../../program/quantities.js';
import { connectionCapacity, reservedDescriptors } from '../../../machine/worker-plan.js';
import { type Finding, formatLimit, sysctl, toFinding, unknownFinding } from './finding.js';
import type { MachineFacts } from './machine-facts.js';
import { endsHere, type ProcessPlan, type RunDemand } from './process-plan.js';

/** Open files of all programs that are no connections, with room for those that come. */
const otherFiles = 5000;

/** More processes than this per core are a price to pay: each handshake wakes two that sleep. */
const manyProcessesPerCore = 8;

/** `fs.nr_open` unless somebody has changed it (`fs/file.c`: 1024 × 1024). */
const usualHighestOpenFiles = 1_048_576;

/** Looks at the limits on open files: each connection is one at each end. */
export function checkFiles(
  facts: MachineFacts,
  demand: RunDemand,
  plan: ProcessPlan | undefined,
): Finding[] {
  return [ofProcess(facts, demand, plan), highestOfProcess(facts), ofMachine(facts, demand)];
}

function ofProcess(facts: MachineFacts, demand: RunDemand, plan: ProcessPlan | undefined): Finding {
  const limit = 'open files of a process';
  const meaning = 'RLIMIT_NOFILE, the hard limit, to which Node raises the soft one';
  const here = formatLimit(facts.openFiles);
  const highest = facts.highestOpenFiles ?? usualHighestOpenFiles;
  const remedies = [
    `sudo prlimit --pid $$ --nofile=${highest}:${highest}  # this shell`,
    `docker: --ulimit nofile=${highest}; systemd: LimitNOFILE=${highest}; users: nofile in /etc/security/limits.d/`,
  ];
  const capacity = connectionCapacity(facts.openFiles);
  if (demand.server === 'one process' && demand.connections > capacity) {
    const needed = `${formatCount(demand.connections + reservedDescriptors)}: the server is one process`;
    return toFinding(limit, meaning, here, needed, 'not ok', remedies);
  }
  if (plan === undefined) {
    return toFinding(limit, meaning, here, 'some hundred', 'not ok', remedies);
  }
  const isMuch = plan.workers + plan.generators > manyProcessesPerCore * facts.cores;
  const needed = `enough with ${describePlan(plan)}`;
  return toFinding(limit, meaning, here, needed, isMuch ? 'tight' : 'ok', remedies);
}

function describePlan({ workers, generators }: ProcessPlan): string {
  const parts = [
    ...(workers === 0 ? [] : [`${formatCount(workers)} server`]),
    ...(generators === 0 ? [] : [`${formatCount(generators)} generator`]),
  ];
  return parts.length === 0 ? 'one process' : `${parts.join(' + ')} processes`;
}

function highestOfProcess({ highestOpenFiles, openFiles }: MachineFacts): Finding {
  const limit = 'fs.nr_open';
  const meaning = 'the highest value that the limit of a process can be given';
  if (highestOpenFiles === undefined) return unknownFinding(limit, meaning, '/proc/sys/fs/nr_open');
  const needed = `${formatLimit(openFiles)}, as that limit is now`;
  return toFinding(limit, meaning, formatCount(highestOpenFiles), needed, 'ok');
}

function ofMachine({ systemFiles }: MachineFacts, demand: RunDemand): Finding {
  const limit = 'fs.file-max';
  const meaning = 'open files of all processes; a connection is one at each end';
  if (systemFiles === undefined) return unknownFinding(limit, meaning, '/proc/sys/fs/file-max');
  const need = endsHere(demand) * demand.connections + otherFiles + (systemFiles.used ?? 0);
  return toFinding(
    limit,
    meaning,
    formatCount(systemFiles.limit),
    formatCount(need),
    need <= systemFiles.limit ? 'ok' : 'not ok',
    [sysctl(limit, 2 * need)],
  );
}
