import { basename } from 'node:path';
import { addAmount, type Sites } from '../../results/live-memory.js';
import { type NamedFrame, nameSite, nearPath } from './name-site.js';

/** Objects, or goroutines, of one stack, as `net/http/pprof` writes them with `debug=1`. */
interface StackRecord {
  readonly count: number;
  readonly bytes: number;
  /** The function that has allocated, or that waits, first. */
  readonly frames: readonly GoFrame[];
}

interface GoFrame {
  /** With its import path, such as `github.com/gorilla/websocket.(*Upgrader).Upgrade`. */
  readonly name: string;
  readonly path: string;
  readonly line: string;
}

/**
 * Returns where a Go program has allocated what is alive on its heap, and where its goroutines wait, at so many bytes each.
 * @param heap the profile of the heap, in its text form
 * @param goroutines the profile of the goroutines, in the same
 * @param heapBytes what is alive on the heap in all, in bytes: samples tell how it is divided
 * @param goroutineBytes what a goroutine is counted as, in bytes
 * @returns undefined if the program takes no samples
 */
export function readGoSites(
  heap: string,
  goroutines: string,
  heapBytes: number,
  goroutineBytes: number,
): Sites | undefined {
  // The first line ends on twice the rate (`writeHeapInternal` of runtime/pprof).
  const everyBytes = Number(/^heap profile: .* @ heap\/(\d+)/.exec(heap)?.[1]) / 2;
  if (!(everyBytes > 0)) return undefined;
  const bytes = new Map<string, number>();
  const sampled = parseRecords(heap).map((record) => ({
    site: nameGoSite(record.frames),
    estimate: scaleSample(record, everyBytes),
  }));
  const total = sampled.reduce((sum, { estimate }) => sum + estimate, 0);
  for (const { site, estimate } of sampled) {
    addAmount(bytes, site, total > 0 ? estimate * (heapBytes / total) : 0);
  }
  for (const { count, frames } of parseRecords(goroutines)) {
    addAmount(bytes, nameGoSite(frames), count * goroutineBytes);
  }
  return { everyBytes, bytes };
}

/** The text form has what was sampled; there is more of it, the smaller it is (`scaleHeapSample` of runtime/pprof). */
function scaleSample({ count, bytes }: StackRecord, everyBytes: number): number {
  return count === 0 ? 0 : bytes / (1 - Math.exp(-bytes / count / everyBytes));
}

/** A record is `1: 4112 [3: 12336] @ 0x46e9b2 …` or `7 @ 0x46e9b2 …`, and its frames follow, a line each. */
function parseRecords(profile: string): readonly StackRecord[] {
  const found = profile.matchAll(/^(\d+)(?:: (\d+) \[[^\]]*\])? @ 0x.*\n((?:#\t.*\n)*)/gm);
  return [...found].map(([, count, bytes = '0', frames = '']) => ({
    count: Number(count),
    bytes: Number(bytes),
    frames: [...frames.matchAll(/^#\t0x\w+\t(\S+?)\+0x\w+\s+(.+):(\d+)$/gm)].map(
      ([, name = '', path = '', line = '']) => ({ name, path, line }),
    ),
  }));
}

function nameGoSite(frames: readonly GoFrame[]): string {
  // The folder of Go's own library is known by a file that is in nearly every stack.
  const library = frames
    .map(({ path }) => /^(.*\/)runtime\/[^/]+$/.exec(path)?.[1])
    .find((folder) => folder !== undefined);
  return nameSite(frames.map((frame) => nameGoFrame(frame, library)));
}

function nameGoFrame({ name, path, line }: GoFrame, library: string | undefined): NamedFrame {
  const short = name.slice(name.lastIndexOf('/') + 1);
  const importPath = name.slice(0, name.length - short.length) + (short.split('.', 1)[0] ?? '');
  if (importPath === 'main') return { origin: 'own', text: `${short} ${nearPath(path)}:${line}` };
  const isLibrary = library === undefined ? isInLibrary(importPath) : path.startsWith(library);
  if (isLibrary) {
    return { origin: 'runtime', text: `${short} ${importPath}/${basename(path)}:${line}` };
  }
  const [, inModule] = /^.*(?:\/pkg\/mod\/|\/vendor\/|\/src\/)(.+)$/.exec(path) ?? [];
  return inModule === undefined
    ? { origin: 'own', text: `${short} ${nearPath(path)}:${line}` }
    : { origin: `package ${importPath}`, text: `${short} ${inModule}:${line}` };
}

/** Built with `-trimpath`, files have no folder; import paths of others than Go's own library begin with a domain. */
function isInLibrary(importPath: string): boolean {
  return !(importPath.split('/', 1)[0] ?? '').includes('.');
}
