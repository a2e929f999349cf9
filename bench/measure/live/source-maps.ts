import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTextIfThere } from '../../../machine/read-text.js';

/** A place in a file, as V8 counts: lines and columns from 0. */
export interface SourcePosition {
  /** An absolute path, or a name if it is not a file. */
  readonly path: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The source maps (ECMA-426) of the files that were asked for; each is read once. */
export class SourceMaps {
  readonly #maps = new Map<string, SourceMap | undefined>();

  /** Returns the place in the source that a place in compiled code comes from, or the latter itself if there is no map for it. */
  resolve(compiled: SourcePosition): SourcePosition {
    const entry = this.#mapOf(compiled.path)?.findEntry(compiled.lineNumber, compiled.columnNumber);
    if (entry === undefined || !('originalSource' in entry)) return compiled;
    const { originalSource, originalLine, originalColumn } = entry;
    const path = originalSource.startsWith('file:')
      ? fileURLToPath(originalSource)
      : resolve(dirname(compiled.path), originalSource);
    return { path, lineNumber: originalLine, columnNumber: originalColumn };
  }

  #mapOf(path: string): SourceMap | undefined {
    if (!this.#maps.has(path)) this.#maps.set(path, readMap(path));
    return this.#maps.get(path);
  }
}

/** The map that a file names in its last lines; undefined if it names none that can be read. */
function readMap(path: string): SourceMap | undefined {
  // Packages are named by their installed files.
  if (!path.startsWith('/') || path.includes('/node_modules/')) return undefined;
  const code = readTextIfThere(path) ?? '';
  const url = [...code.matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1];
  if (url === undefined) return undefined;
  const [, inline] = /^data:application\/json[^,]*;base64,(.*)$/.exec(url) ?? [];
  const text =
    inline === undefined
      ? readTextIfThere(resolve(dirname(path), decodeURI(url)))
      : Buffer.from(inline, 'base64').toString();
  if (text === undefined) return undefined;
  try {
    return new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    // A broken map: the compiled file is named.
    return undefined;
  }
}
