import type { PortRange } from '../../../machine/machine-limits.js';

/** A limit and how much of it is in use; undefined if that is not known. */
export interface UsedLimit {
  readonly limit: number;
  readonly used: number | undefined;
}

/** A limit of a control group, with the file that sets it. */
export interface GroupLimit extends UsedLimit {
  readonly file: string;
}

/** A process that takes much of the machine. */
export interface BusyProcess {
  readonly pid: number;
  readonly name: string;
  /** CPU over the time that was watched; 100 is one core. */
  readonly cpuPercent: number;
}

/** What runs beside us. */
export interface OtherWork {
  /** CPU of all others together, also of those that we can't see from a container; 100 is one core. */
  readonly cpuPercent: number;
  /** Those who take most, the first most of all. */
  readonly processes: readonly BusyProcess[];
}

/** Whether a native build of uWebSockets.js can be loaded here. */
export type NativeBuild =
  | {
      readonly kind: 'loads';
      readonly version: string;
      readonly abi: string;
      /** Whether it is a copy that asks for an older glibc. */
      readonly lowered: boolean;
    }
  | { readonly kind: 'fails'; readonly reason: string; readonly advice: readonly string[] };

/** Whose memory may be read through `/proc/<pid>/mem`: that takes the right to trace the process (ptrace(2)). */
export type MemoryReading =
  /** Of every process: as root, or with CAP_SYS_PTRACE. */
  | 'all'
  /** Of those of the same user. */
  | 'own'
  /** Of those that this process has started (`kernel.yama.ptrace_scope` = 1). */
  | 'started'
  /** Of none (2 or 3). */
  | 'none';

/** What is known of a machine. Undefined means that it could not be read, or was not looked at. */
export interface MachineFacts {
  /** RLIMIT_NOFILE of this process. Node raises the soft limit to the hard one when it starts. */
  readonly openFiles: number;
  /** `fs.nr_open`: the highest value that RLIMIT_NOFILE can be given. */
  readonly highestOpenFiles: number | undefined;
  /** `fs.file-max`, and the files open (`fs.file-nr`). */
  readonly systemFiles: UsedLimit | undefined;
  readonly ephemeralPorts: PortRange | undefined;
  /** `net.core.somaxconn`. */
  readonly acceptBacklog: number | undefined;
  /** `net.ipv4.tcp_max_syn_backlog`. */
  readonly synBacklog: number | undefined;
  /** `net.netfilter.nf_conntrack_max` and what is tracked now; `absent` if nothing can be tracked. */
  readonly conntrack: UsedLimit | 'absent';
  /** `net.ipv4.tcp_mem`: the most that data in socket buffers may take, in bytes. */
  readonly tcpMemoryBytes: number | undefined;
  /** Memory that is available without swapping, of the whole machine, in bytes. */
  readonly availableMemoryBytes: number;
  /** Memory of the control group, in bytes; undefined if it has no limit. */
  readonly memoryGroup: GroupLimit | undefined;
  /** Processes and threads of the control group; undefined if it has no limit. */
  readonly pidsGroup: GroupLimit | undefined;
  /** Processes and threads of this user (RLIMIT_NPROC), which does not bind root. */
  readonly userThreads: UsedLimit | undefined;
  /** Processes and threads of the machine: the smaller one of `kernel.pid_max` and `kernel.threads-max`. */
  readonly systemThreads: (UsedLimit & { readonly variable: string }) | undefined;
  /** `vm.overcommit_memory`: with 2 the kernel promises no more memory than it has. */
  readonly overcommit: number | undefined;
  /** What this process may read of the memory of others. */
  readonly memoryReading: MemoryReading;
  readonly cores: number;
  /** Cores' worth of CPU time that the control group may use; undefined if there is no limit. */
  readonly cpuQuota: number | undefined;
  readonly nodeVersion: string;
  /** undefined too if Node runs without glibc. */
  readonly glibcVersion: string | undefined;
  readonly nativeBuild: NativeBuild | undefined;
  /** Those of the server's default ports that somebody listens on. */
  readonly portsTaken: readonly number[] | undefined;
  readonly otherWork: OtherWork | undefined;
}
