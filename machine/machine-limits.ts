import { availableParallelism } from 'node:os';
import { readTextIfThere } from './read-text.js';

/** Page size of x86-64 and of nearly all arm64 kernels, in bytes. */
export const pageBytes = 4096;

/** What this machine allows one program. */
export interface MachineLimits {
  /** Open files that one process may hold (RLIMIT_NOFILE, soft; Node raises it to the hard limit when it starts). */
  readonly openFiles: number;
  /** Processor cores that this process may run on. */
  readonly cores: number;
  /** Memory that can still be had without swapping, in bytes, within the cgroup's limit. */
  readonly availableMemoryBytes: number;
  /** First and last local ports that the kernel hands out by itself, inclusive. */
  readonly ephemeralPorts: PortRange;
}

/** A range of TCP ports, both ends inclusive. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The range that IANA assigns to ephemeral ports (RFC 6335, section 6), used where the kernel doesn't report one. */
const ianaEphemeralPorts: PortRange = { first: 49_152, last: 65_535 };

/** Reads the limits of this process and machine. */
export function readMachineLimits(): MachineLimits {
  return {
    openFiles: readOpenFileLimit(),
    cores: availableParallelism(),
    availableMemoryBytes: process.availableMemory(),
    ephemeralPorts: readEphemeralPorts(),
  };
}

/**
 * Takes the soft open-file limit from the text of `/proc/<pid>/limits` (proc_pid_limits(5)).
 * Returns Infinity for `unlimited`, and undefined if there is no such line.
 */
export function parseOpenFileLimit(limits: string): number | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/** Takes the range from the text of `/proc/sys/net/ipv4/ip_local_port_range`; undefined if it holds no range. */
export function parsePortRange(text: string): PortRange | undefined {
  const [first, last] = text.trim().split(/\s+/).map(Number);
  if (first === undefined || last === undefined || !(first <= last)) return undefined;
  return { first, last };
}

function readOpenFileLimit(): number {
  const limits = readTextIfThere('/proc/self/limits');
  const parsed = limits === undefined ? undefined : parseOpenFileLimit(limits);
  // Without procfs (macOS) Node's diagnostic report is the only source; it takes some milliseconds.
  return parsed ?? openFileLimitFromReport();
}

function openFileLimitFromReport(): number {
  const report = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | 'unlimited' } };
  };
  const soft = report.userLimits?.open_files?.soft;
  // POSIX guarantees 20 (_POSIX_OPEN_MAX); 256 is the default of macOS, the only measured system without procfs.
  return soft === 'unlimited' ? Infinity : (soft ?? 256);
}

function readEphemeralPorts(): PortRange {
  const text = readTextIfThere('/proc/sys/net/ipv4/ip_local_port_range');
  return (text === undefined ? undefined : parsePortRange(text)) ?? ianaEphemeralPorts;
}
