import { fileURLToPath } from 'node:url';
import type { AllocationNode } from '../../../machine/v8.js';
import { addAmount } from '../../results/live-memory.js';
import { type NamedFrame, nameSite, nearPath } from './name-site.js';
import { SourceMaps } from './source-maps.js';

/**
 * Names what is alive on a JS heap by where it was allocated. Compiled code, such as from TypeScript, is named by its source
 * map. There is one for all processes of a run, so that files are read once.
 */
export class JsSites {
  readonly #maps = new SourceMaps();
  readonly #frames = new Map<string, NamedFrame>();
  readonly #leftOut: string;

  /** @param leftOut URL of a file: what it allocates, itself or through others, is not the program's */
  constructor(leftOut: string) {
    this.#leftOut = leftOut;
  }

  /** Returns the bytes that are alive in all these processes, by site. */
  sum(profiles: readonly AllocationNode[]): ReadonlyMap<string, number> {
    const sites = new Map<string, number>();
    const visit = (node: AllocationNode, callers: readonly NamedFrame[]): void => {
      if (node.callFrame.url === this.#leftOut) return;
      const stack = [this.#nameFrame(node.callFrame), ...callers];
      if (node.selfSize > 0) addAmount(sites, nameSite(stack), node.selfSize);
      for (const child of node.children) visit(child, stack);
    };
    for (const { children } of profiles) for (const child of children) visit(child, []);
    return sites;
  }

  #nameFrame(callFrame: AllocationNode['callFrame']): NamedFrame {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    const key = `${functionName} ${url}:${lineNumber}:${columnNumber}`;
    const frame = this.#frames.get(key) ?? this.#readFrame(callFrame);
    this.#frames.set(key, frame);
    return frame;
  }

  #readFrame({ functionName, url, ...compiled }: AllocationNode['callFrame']): NamedFrame {
    if (url === '') return { origin: 'engine', text: functionName };
    const at = (file: string, lineNumber: number): string =>
      `${functionName} ${file}:${lineNumber + 1}`.trimStart();
    if (url.startsWith('node:')) return { origin: 'runtime', text: at(url, compiled.lineNumber) };
    const { path, lineNumber } = this.#maps.resolve({ path: pathOf(url), ...compiled });
    const [, inPackage] = /^.*\/node_modules\/(.+)$/.exec(path) ?? [];
    if (inPackage === undefined) return { origin: 'own', text: at(nearPath(path), lineNumber) };
    const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(inPackage) ?? [];
    return { origin: `package ${name}`, text: at(inPackage, lineNumber) };
  }
}

/** Modules of both kinds, `file:///srv/app.mjs` and `/srv/app.cjs`; anything else, such as `evalmachine`, stays. */
function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}
