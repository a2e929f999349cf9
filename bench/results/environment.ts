import { maskArguments } from '../../program/secrets.js';
import { cpus, hostname, release, totalmem, version } from 'node:os';
import { readMachineLimits } from '../../machine/machine-limits.js';
import { readTextIfThere } from '../../machine/read-text.js';
import { readPackage } from '../../program/package.js';

/** Kernel settings that decide how many connections a machine can open, and how fast. */
const kernelSettings = [
  'fs/file-max',
  'fs/nr_open',
  'net/core/somaxconn',
  'net/ipv4/ip_local_port_range',
  'net/ipv4/tcp_max_syn_backlog',
  'net/ipv4/tcp_mem',
  'net/ipv4/tcp_rmem',
  'net/ipv4/tcp_wmem',
  'net/ipv4/tcp_tw_reuse',
  'net/netfilter/nf_conntrack_max',
  'vm/overcommit_memory',
] as const;

/** What is written to environment.json: all that one needs to compare two runs, or to run one again. */
export interface Environment {
  readonly command_line: readonly string[];
  readonly tidemark_version: string;
  readonly tidemark_variables: Readonly<Record<string, string>>;
  readonly node_version: string;
  /** The native build that the target runs, in words; missing until it has started, and if it does not tell. */
  readonly target_build?: string | undefined;
  readonly versions: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly kernel: string;
  readonly kernel_version: string;
  readonly distribution?: string | undefined;
  readonly host: string;
  readonly processor?: string | undefined;
  readonly cores: number;
  readonly memory_bytes: number;
  readonly available_memory_bytes: number;
  /** Limit of the control group; undefined if there is none. */
  readonly memory_limit_bytes?: number | undefined;
  readonly open_file_limit: number | 'unlimited';
  readonly ephemeral_ports: readonly [number, number];
  readonly kernel_settings: Readonly<Record<string, string>>;
}

/** Describes this machine, its limits and the versions in use. */
export function describeEnvironment(): Environment {
  const limits = readMachineLimits();
  const { version: tidemarkVersion, dependencies } = readPackage();
  const constrained = process.constrainedMemory();
  const { first, last } = limits.ephemeralPorts;
  return {
    command_line: maskArguments(process.argv),
    tidemark_version: tidemarkVersion,
    tidemark_variables: tidemarkVariables(),
    node_version: process.version,
    versions: Object.fromEntries(
      Object.entries(process.versions).flatMap(([name, text]) =>
        text === undefined ? [] : [[name, text]],
      ),
    ),
    dependencies,
    kernel: release(),
    kernel_version: version(),
    distribution: /^PRETTY_NAME="?([^"\n]*)/m.exec(readTextIfThere('/etc/os-release') ?? '')?.[1],
    host: hostname(),
    processor: cpus()[0]?.model,
    cores: limits.cores,
    memory_bytes: totalmem(),
    available_memory_bytes: limits.availableMemoryBytes,
    // Without a limit the kernel reports a number larger than any machine's memory, or Node reports 0.
    memory_limit_bytes: constrained > 0 && constrained < totalmem() ? constrained : undefined,
    open_file_limit: Number.isFinite(limits.openFiles) ? limits.openFiles : 'unlimited',
    ephemeral_ports: [first, last],
    kernel_settings: readKernelSettings(),
  };
}

function tidemarkVariables(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith('TIDEMARK_') && value !== undefined ? [[name, value]] : [],
    ),
  );
}

function readKernelSettings(): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of kernelSettings) {
    const text = readTextIfThere(`/proc/sys/${name}`);
    if (text !== undefined) found[name.replaceAll('/', '.')] = text.replaceAll(/\s+/g, ' ');
  }
  return found;
}
