/** One mapping of a process's address space, as `/proc/<pid>/smaps` lists it (proc_pid_smaps(5)). */
export interface MemoryMapping {
  /** First address, and the address after the last. Below 2^47 on x86-64 and 2^48 on arm64, so exact as numbers. */
  readonly start: number;
  readonly end: number;
  /** Such as `rw-p`. */
  readonly permissions: string;
  /** File, or a name in brackets such as `[heap]`; empty for an anonymous mapping. */
  readonly path: string;
  /** Resident bytes, shared pages counted in full. */
  readonly rssBytes: number;
  /** Resident bytes, each shared page divided by the number of processes that map it. */
  readonly pssBytes: number;
  /** Bytes given back with MADV_FREE: still resident, but the kernel takes them when it needs memory. */
  readonly lazyFreeBytes: number;
}

const uppercaseA = 65;
const uppercaseZ = 90;

/**
 * Parses the text of `/proc/<pid>/smaps`, or of `/proc/<pid>/maps`, which tells no sizes of memory. Header lines begin with a
 * lower-case hexadecimal address, the fields of a mapping with an upper-case letter, which is how they are told apart. An empty
 * text (a kernel thread, or a process that has just ended) gives no mappings.
 * @throws {SyntaxError} if a header line is not one.
 */
export function parseMemoryMap(smaps: string): MemoryMapping[] {
  const mappings: MemoryMapping[] = [];
  let current: Mutable<MemoryMapping> | undefined;
  for (let at = 0; at < smaps.length;) {
    const newline = smaps.indexOf('\n', at);
    const end = newline === -1 ? smaps.length : newline;
    const first = smaps.charCodeAt(at);
    if (first < uppercaseA || first > uppercaseZ) {
      current = parseHeader(smaps.slice(at, end));
      mappings.push(current);
    } else if (current !== undefined) {
      // Three of some 25 fields are wanted; testing by position spares a string per line.
      if (smaps.startsWith('Rss:', at)) current.rssBytes = kilobytes(smaps, at + 4, end);
      else if (smaps.startsWith('Pss:', at)) current.pssBytes = kilobytes(smaps, at + 4, end);
      else if (smaps.startsWith('LazyFree:', at)) {
        current.lazyFreeBytes = kilobytes(smaps, at + 9, end);
      }
    }
    at = end + 1;
  }
  return mappings;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function parseHeader(line: string): Mutable<MemoryMapping> {
  const match = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+\s*(.*)$/.exec(line);
  if (match === null) throw new SyntaxError(`Not a line of /proc/<pid>/smaps: ${line}`);
  const [, start = '', end = '', permissions = '', path = ''] = match;
  return {
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
    permissions,
    path,
    rssBytes: 0,
    pssBytes: 0,
    lazyFreeBytes: 0,
  };
}

/** Reads `   1234 kB`. The kernel's kB is 1024 bytes. */
function kilobytes(text: string, from: number, to: number): number {
  return Number.parseInt(text.slice(from, to), 10) * 1024;
}
