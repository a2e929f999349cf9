import { formatCount } from '../../../program/quantities.js';
import { type Finding, sysctl, toFinding } from './finding.js';
import type { MachineFacts, UsedLimit } from './machine-facts.js';
import { endsHere, type ProcessPlan, type RunDemand, threadsPerProcess } from './process-plan.js';

/**
 * Processor time that opening and greeting a connection takes at one end, with the kernel's, in seconds (measured: 400,000
 * in 58 s on 2 cores for both ends).
 */
const cpuPerConnectionEnd = 150e-6;

/** Others may take this much of all cores before figures suffer. */
const toleratedOtherWork = 0.1;

/** Looks at how many processes may run, and on what. */
export function checkProcesses(
  facts: MachineFacts,
  demand: RunDemand,
  plan: ProcessPlan | undefined,
): Finding[] {
  // Without a plan none are needed; that there is none is another check's finding.
  const threads = (plan?.processes ?? 0) * threadsPerProcess;
  return [
    ofGroup(facts, threads),
    ofUser(facts, threads),
    ofMachine(facts, threads),
    cores(facts, demand),
    ...otherWork(facts),
  ];
}

function ofGroup({ pidsGroup }: MachineFacts, threads: number): Finding {
  const wanted = 2 * (threads + (pidsGroup?.used ?? 0));
  return countThreads('threads of the control group', 'pids.max', pidsGroup, threads, [
    ...(pidsGroup === undefined ? [] : [`echo ${wanted} | sudo tee ${pidsGroup.file}`]),
    `docker: --pids-limit=${wanted}; systemd: TasksMax=${wanted}`,
  ]);
}

function ofUser({ userThreads }: MachineFacts, threads: number): Finding {
  const wanted = 2 * (threads + (userThreads?.used ?? 0));
  return countThreads(
    'threads of this user',
    'RLIMIT_NPROC, which does not bind root',
    userThreads,
    threads,
    [`sudo prlimit --pid $$ --nproc=${wanted}:${wanted}  # this shell`],
  );
}

function ofMachine({ systemThreads }: MachineFacts, threads: number): Finding {
  const variable = systemThreads?.variable ?? 'kernel.pid_max';
  const wanted = 2 * (threads + (systemThreads?.used ?? 0));
  return countThreads(variable, 'threads of the whole machine', systemThreads, threads, [
    sysctl(variable, wanted),
  ]);
}

function countThreads(
  limit: string,
  meaning: string,
  found: UsedLimit | undefined,
  threads: number,
  remedies: readonly string[],
): Finding {
  const needed = `${formatCount(threads)}, ${threadsPerProcess} per process`;
  if (found === undefined) return toFinding(limit, meaning, 'no limit', needed, 'ok');
  const used = found.used === undefined ? '' : `, ${formatCount(found.used)} in use`;
  const isEnough = threads + (found.used ?? 0) <= found.limit;
  const here = `${formatCount(found.limit)}${used}`;
  return toFinding(limit, meaning, here, needed, isEnough ? 'ok' : 'not ok', remedies);
}

function cores({ cores: count, cpuQuota }: MachineFacts, demand: RunDemand): Finding {
  const usable = Math.min(count, cpuQuota ?? Infinity);
  const here =
    cpuQuota === undefined ? formatCount(count) : `${cpuQuota.toFixed(1)} by quota, of ${count}`;
  const limit = 'processor cores';
  const meaning =
    'with too few, the connections come later than at the rate asked, and the run says so';
  if (demand.rate === 'max')
    return toFinding(limit, meaning, here, 'any: as fast as they can', 'ok');
  const need = demand.rate * endsHere(demand) * cpuPerConnectionEnd;
  return toFinding(
    limit,
    meaning,
    here,
    `about ${need.toFixed(1)} for ${formatCount(demand.rate)}/s`,
    need <= usable ? 'ok' : 'tight',
    [
      `--rate ${Math.floor(usable / (endsHere(demand) * cpuPerConnectionEnd))}, or server and generator on two machines`,
    ],
  );
}

function otherWork({ otherWork: work, cores: count }: MachineFacts): Finding[] {
  if (work === undefined) return [];
  const names = work.processes.map(
    ({ name, pid, cpuPercent }) => `${name} (pid ${pid}) ${cpuPercent.toFixed(0)} %`,
  );
  const isMuch = work.cpuPercent > 100 * count * toleratedOtherWork;
  return [
    toFinding(
      'what else runs',
      'CPU of other programs, for one second; 100 % is one core',
      `${work.cpuPercent.toFixed(0)} %${names.length === 0 ? '' : `: ${names.join(', ')}`}`,
      `${(100 * count * toleratedOtherWork).toFixed(0)} % or less`,
      isMuch ? 'tight' : 'ok',
      ['end it, or measure later: times and rates suffer'],
    ),
  ];
}
