import { existsSync } from 'node:fs';
import { RunError } from '../../program/failure.js';

/** Allocators that a target can be started with; `glibc` leaves it as it is. */
export const allocators = ['glibc', 'glibc-arena-max-2', 'jemalloc'] as const;

/** The name of an allocator. */
export type Allocator = (typeof allocators)[number];

/** Where jemalloc is installed: by Debian and Ubuntu, Fedora, Arch and Alpine, and when built from source. */
const jemallocFiles = [
  '/usr/lib/x86_64-linux-gnu/libjemalloc.so.2',
  '/usr/lib/aarch64-linux-gnu/libjemalloc.so.2',
  '/usr/lib64/libjemalloc.so.2',
  '/usr/lib/libjemalloc.so.2',
  '/usr/local/lib/libjemalloc.so.2',
];

/** Returns the file of jemalloc on this machine; undefined if it is not installed. */
export function findJemalloc(): string | undefined {
  return jemallocFiles.find((file) => existsSync(file));
}

/**
 * Returns the environment variables that give a program an allocator (mallopt(3) for `MALLOC_ARENA_MAX`, ld.so(8) for
 * `LD_PRELOAD`). Programs that don't use the C library's malloc, such as those in Go, ignore them.
 * @throws {RunError} if jemalloc is asked for and not installed.
 */
export function allocatorEnvironment(allocator: Allocator): Readonly<Record<string, string>> {
  switch (allocator) {
    case 'glibc':
      return {};
    case 'glibc-arena-max-2':
      return { MALLOC_ARENA_MAX: '2' };
    case 'jemalloc': {
      const file = findJemalloc();
      if (file !== undefined) return { LD_PRELOAD: file };
      throw new RunError(
        'Cannot start the target with jemalloc: it is not installed, get it with apt-get install libjemalloc2',
      );
    }
  }
}
