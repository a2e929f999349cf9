import { memoryNeed } from '../../../machine/memory-need.js';
import { formatBytes } from '../../../program/quantities.js';
import { type Finding, sysctl, toFinding, unknownFinding } from './finding.js';
import type { GroupLimit, MachineFacts } from './machine-facts.js';
import type { ProcessPlan, RunDemand } from './process-plan.js';

/** Looks at the memory of the machine and of the control group. */
export function checkMemory(
  facts: MachineFacts,
  { connections, server }: RunDemand,
  plan: ProcessPlan | undefined,
): Finding[] {
  // Without a plan nothing is needed; that there is none is another check's finding.
  const needOf = (holdsServer: boolean): number =>
    plan === undefined ? 0 : memoryNeed({ connections, ...plan, holdsServer });
  const isServerOurs = server !== 'running' && server !== 'elsewhere';
  return [
    ofMachine(facts, needOf(server !== 'elsewhere')),
    ofGroup(facts.memoryGroup, needOf(isServerOurs)),
    overcommit(facts),
    census(facts, server),
  ];
}

function ofMachine({ availableMemoryBytes }: MachineFacts, need: number): Finding {
  return toFinding(
    'memory available',
    'what is available without swapping; a server other than ours, or compression, takes more',
    formatBytes(availableMemoryBytes),
    `about ${formatBytes(need)}`,
    stateOf(need, availableMemoryBytes),
    ['open fewer connections, or have server and generator on two machines'],
  );
}

function ofGroup(group: GroupLimit | undefined, need: number): Finding {
  const limit = 'memory of the control group';
  const meaning = 'a process whose group exceeds it is killed; sockets count too';
  const needed = `about ${formatBytes(need)}`;
  if (group === undefined) return toFinding(limit, meaning, 'no limit', needed, 'ok');
  const free = group.limit - (group.used ?? 0);
  const wanted = Math.ceil((1.25 * (need + (group.used ?? 0))) / 1024 ** 2);
  return toFinding(
    limit,
    meaning,
    `${formatBytes(free)} free of ${formatBytes(group.limit)}`,
    needed,
    stateOf(need, free),
    [
      `echo ${wanted}M | sudo tee ${group.file}`,
      `docker: --memory=${wanted}m; systemd: MemoryMax=${wanted}M; kubernetes: resources.limits.memory: ${wanted}Mi`,
    ],
  );
}

/** More than nine tenths leave no room for the rest of the machine. */
function stateOf(need: number, free: number): 'ok' | 'tight' | 'not ok' {
  if (need > free) return 'not ok';
  return need > 0.9 * free ? 'tight' : 'ok';
}

function overcommit({ overcommit: mode }: MachineFacts): Finding {
  const limit = 'vm.overcommit_memory';
  const meaning = 'with 2 the kernel refuses memory that is reserved but not used, as V8 does';
  if (mode === undefined) return unknownFinding(limit, meaning, '/proc/sys/vm/overcommit_memory');
  return toFinding(limit, meaning, String(mode), '0 or 1', mode === 2 ? 'tight' : 'ok', [
    sysctl(limit, 0),
  ]);
}

/**
 * Whose memory may be read decides whether the blocks of malloc can be counted, and so whether a leak can be told from what
 * the allocator keeps.
 */
function census({ memoryReading }: MachineFacts, server: RunDemand['server']): Finding {
  const here = {
    all: 'of every process',
    own: 'of this user’s processes',
    started: 'of processes that tidemark has started',
    none: 'of no process',
  } as const;
  const isEnough =
    memoryReading !== 'none' && (memoryReading !== 'started' || server !== 'running');
  return toFinding(
    'kernel.yama.ptrace_scope',
    'whose memory may be read, to count the blocks that the target holds in malloc',
    here[memoryReading],
    'of the target',
    isEnough ? 'ok' : 'tight',
    [sysctl('kernel.yama.ptrace_scope', 0), 'docker: --cap-add=SYS_PTRACE; else run as root'],
  );
}
