import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Returns a text that two processes share if and only if a process id means the same to both: the machine's boot id
 * (random(4)) and the pid namespace (pid_namespaces(7)). Empty where the system doesn't provide them, as on macOS.
 */
export function readProcessSpace(): string {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${bootId} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // No procfs: then the processes can't be looked at either.
    return '';
  }
}
