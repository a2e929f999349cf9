import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMemoryMap } from '../../machine/procfs/read-procfs.js';
import { RunError } from '../../program/failure.js';
import { removeAtEnd } from '../../program/guardian.js';

/** The parts of heaptrack that are used. */
interface Heaptrack {
  /** Library that is loaded before all others and writes down each call of malloc and its like. */
  readonly preload: string;
  /** Program that finds the names of the functions in what was written. */
  readonly interpreter: string;
}

/** Folders of heaptrack: of Debian, Ubuntu and Arch, of Fedora, and when built from source. */
const heaptrackFolders = ['/usr/lib/heaptrack', '/usr/lib64/heaptrack', '/usr/local/lib/heaptrack'];

/** Said where heaptrack is needed and missing. */
export const heaptrackMissing =
  '--stacks needs heaptrack, which is not installed here: apt-get install heaptrack';

function findHeaptrack(): Heaptrack | undefined {
  return heaptrackFolders
    .map((folder) => ({
      preload: join(folder, 'libheaptrack_preload.so'),
      interpreter: join(folder, 'libexec/heaptrack_interpret'),
    }))
    .find(({ preload, interpreter }) => existsSync(preload) && existsSync(interpreter));
}

/** Tells whether stacks can be traced on this machine. */
export function canTraceStacks(): boolean {
  return findHeaptrack() !== undefined;
}

/**
 * Has the programs of a target write down where they allocate: each process, under heaptrack, into a file of its own. What
 * calls malloc a lot becomes several times slower by it.
 */
export class StackTracing {
  readonly interpreter: string;
  readonly #preload: string;
  readonly #folder: string;

  /** @throws {RunError} if heaptrack is not installed. */
  constructor() {
    const heaptrack = findHeaptrack();
    if (heaptrack === undefined) throw new RunError(heaptrackMissing);
    this.interpreter = heaptrack.interpreter;
    this.#preload = heaptrack.preload;
    this.#folder = mkdtempSync(join(tmpdir(), 'tidemark-stacks-'));
    removeAtEnd(this.#folder);
  }

  /**
   * Variables that a program must be started with to be traced. heaptrack removes them from the environment of that program
   * (`heaptrack_preload.cpp`), so that what it starts is not traced unless it is given them again.
   */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#preload,
      // heaptrack puts the process id in place of `$$`.
      DUMP_HEAPTRACK_OUTPUT: join(this.#folder, '$$'),
    };
  }

  /** Tells whether a process is traced now: one that was may have become another program since. */
  traces(pid: number): boolean {
    return readMemoryMap(pid)?.some(({ path }) => path === this.#preload) === true;
  }

  /** What was written, a file per process. */
  get files(): readonly string[] {
    return readdirSync(this.#folder).map((name) => join(this.#folder, name));
  }

  /** Removes what was written. */
  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
