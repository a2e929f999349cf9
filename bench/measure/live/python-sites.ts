import type { PythonTraces } from '../../targets/agent/protocol.js';
import { addAmount, type Sites } from '../../results/live-memory.js';
import { type NamedFrame, nameSite, nearPath } from './name-site.js';

/**
 * Names what is alive in Python programs by the lines that allocated it, in all these processes together.
 * @param processes what `tracemalloc` has told in each of them; empty if none traces
 * @returns undefined if there are none
 */
export function sumPythonSites(processes: readonly PythonTraces[]): Sites | undefined {
  if (processes.length === 0) return undefined;
  const [bytes, counts] = [new Map<string, number>(), new Map<string, number>()];
  for (const { lines, stacks } of processes) {
    const frames = lines.map(([path, line]) => nameFrame(path, line));
    for (const [stack, blocks, size] of stacks) {
      const site = nameSite(stack.flatMap((index) => frames[index] ?? []));
      addAmount(bytes, site, size);
      addAmount(counts, site, blocks);
    }
  }
  return { everyBytes: 1, bytes, counts };
}

/** Python's own library is beside its packages, such as `/usr/lib/python3.11/asyncio/` and `…/site-packages/websockets/`. */
function nameFrame(path: string, line: number): NamedFrame {
  const [, inPackage] = /^.*\/(?:site|dist)-packages\/(.+)$/.exec(path) ?? [];
  if (inPackage !== undefined) {
    const [name = ''] = inPackage.split('/', 1);
    return { origin: `package ${name}`, text: `${inPackage}:${line}` };
  }
  const [, inLibrary] = /^.*\/lib\/python3[^/]*\/(.+)$/.exec(path) ?? [];
  if (inLibrary !== undefined) return { origin: 'runtime', text: `${inLibrary}:${line}` };
  // What has no file, such as `<frozen importlib._bootstrap>`.
  if (path.startsWith('<')) return { origin: 'engine', text: path };
  return { origin: 'own', text: `${nearPath(path)}:${line}` };
}
