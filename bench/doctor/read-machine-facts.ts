import { locateControlGroup, type ReadFile } from '../../machine/control-group.js';
import { pageBytes, parsePortRange, readMachineLimits } from '../../machine/machine-limits.js';
import { isMaskBitSet } from '../../machine/procfs/status-mask.js';
import { readTextIfThere } from '../../machine/read-text.js';
import { findCpuQuota, findMemoryLimit, findPidsLimit } from './group-limits.js';
import type { MachineFacts, MemoryReading, UsedLimit } from './checks/machine-facts.js';

/**
 * Reads the limits of this machine, as they hold for this process, some milliseconds long. What takes longer, or runs
 * something, is left undefined: glibc and the native build, the ports and what else runs.
 */
export function readMachineFacts(): MachineFacts {
  const { openFiles, cores, availableMemoryBytes } = readMachineLimits();
  const read = readTextIfThere;
  const ports = read('/proc/sys/net/ipv4/ip_local_port_range');
  return {
    openFiles,
    highestOpenFiles: numberIn(read('/proc/sys/fs/nr_open')),
    systemFiles: usedLimit(
      numberIn(read('/proc/sys/fs/file-max')),
      numberIn(read('/proc/sys/fs/file-nr')),
    ),
    ephemeralPorts: ports === undefined ? undefined : parsePortRange(ports),
    acceptBacklog: numberIn(read('/proc/sys/net/core/somaxconn')),
    synBacklog: numberIn(read('/proc/sys/net/ipv4/tcp_max_syn_backlog')),
    conntrack:
      usedLimit(
        numberIn(read('/proc/sys/net/netfilter/nf_conntrack_max')),
        numberIn(read('/proc/sys/net/netfilter/nf_conntrack_count')),
      ) ?? 'absent',
    tcpMemoryBytes: parseTcpMemory(read('/proc/sys/net/ipv4/tcp_mem')),
    availableMemoryBytes,
    memoryGroup: findMemoryLimit(locateControlGroup('memory', 'self'), read),
    pidsGroup: findPidsLimit(locateControlGroup('pids', 'self'), read),
    userThreads: readUserThreads(read),
    systemThreads: readSystemThreads(read),
    overcommit: numberIn(read('/proc/sys/vm/overcommit_memory')),
    memoryReading: findMemoryReading(
      numberIn(read('/proc/sys/kernel/yama/ptrace_scope')),
      read('/proc/self/status') ?? '',
    ),
    cores,
    cpuQuota: findCpuQuota(locateControlGroup('cpu', 'self'), read),
    nodeVersion: process.versions.node,
    glibcVersion: undefined,
    nativeBuild: undefined,
    portsTaken: undefined,
    otherWork: undefined,
  };
}

/** Number of CAP_SYS_PTRACE (capabilities(7)). */
const tracingCapability = 19;

/**
 * Tells whose memory this process may read.
 * @param scope `kernel.yama.ptrace_scope`; undefined without the security module Yama
 * @param status text of `/proc/self/status`
 */
export function findMemoryReading(scope: number | undefined, status: string): MemoryReading {
  if (scope === 3) return 'none';
  if (isMaskBitSet(status, 'CapEff', tracingCapability)) return 'all';
  if (scope === 2) return 'none';
  return scope === 1 ? 'started' : 'own';
}

/** Takes the soft limit on processes out of the text of `/proc/<pid>/limits`; undefined if there is none. */
export function parseProcessLimit(limits: string): number | undefined {
  const soft = /^Max processes\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** Takes the number of threads out of the text of `/proc/loadavg`, whose fourth field is `running/all`. */
export function parseThreadCount(loadavg: string): number | undefined {
  return numberIn(loadavg.split(' ')[3]?.split('/')[1]);
}

/** Takes the most memory for socket buffers, in bytes, out of `net.ipv4.tcp_mem`: three numbers of pages (tcp(7)). */
export function parseTcpMemory(text: string | undefined): number | undefined {
  const pages = numberIn(text?.split(/\s+/)[2]);
  return pages === undefined ? undefined : pages * pageBytes;
}

function readUserThreads(read: ReadFile): UsedLimit | undefined {
  // The kernel checks RLIMIT_NPROC for everybody but root (`copy_process()` in `kernel/fork.c`).
  if (process.getuid?.() === 0) return undefined;
  return usedLimit(parseProcessLimit(read('/proc/self/limits') ?? ''), undefined);
}

function readSystemThreads(read: ReadFile): MachineFacts['systemThreads'] {
  const used = parseThreadCount(read('/proc/loadavg') ?? '');
  const limits = (['kernel.pid_max', 'kernel.threads-max'] as const).flatMap((variable) => {
    const limit = numberIn(read(`/proc/sys/${variable.replace('.', '/')}`));
    return limit === undefined ? [] : [{ variable, limit, used }];
  });
  return limits.sort((a, b) => a.limit - b.limit)[0];
}

function usedLimit(limit: number | undefined, used: number | undefined): UsedLimit | undefined {
  return limit === undefined ? undefined : { limit, used };
}

/** Returns the number with which a text begins; undefined if there is none. */
function numberIn(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}
