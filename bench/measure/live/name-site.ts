import { relative } from 'node:path';
import { frameSeparator } from '../../results/live-memory.js';

/** Most frames of a stack that are named, and most of these from the program's own code. */
const mostFrames = 3;
const mostOwnFrames = 2;

/** A function in a stack. */
export interface NamedFrame {
  /** Whose code it is: the program's, a package's by its name, that of the language's own library, or that of its engine. */
  readonly origin: 'own' | `package ${string}` | 'runtime' | 'engine';
  /** Function, file and line, such as `setSocket ws/lib/receiver.js:51`. */
  readonly text: string;
}

/**
 * Names a site at which a program allocates, briefly enough for a line: the function, and which functions from elsewhere called
 * it. Frames of the language's library are left out where others are behind them. Of the frames of one package, the one nearest
 * to the allocation is named; of the program's own code, the nearest two.
 * @param stack its frames, the one that allocated first
 */
export function nameSite(stack: readonly NamedFrame[]): string {
  const told: NamedFrame[] = [];
  let ownFrames = 0;
  for (const frame of stack) {
    const { origin, text } = frame;
    if (origin === 'engine' || origin === 'runtime') continue;
    // What calls the program is of no interest.
    if (origin !== 'own' && ownFrames > 0) continue;
    const last = told.at(-1);
    // A function that calls itself is named once.
    if (origin === 'own' ? last?.text === text : last?.origin === origin) continue;
    told.push(frame);
    if (origin === 'own') ownFrames++;
    if (told.length === mostFrames || ownFrames === mostOwnFrames) break;
  }
  if (told.length === 0) told.push(...runtimeFrame(stack));
  return told.map(({ text }) => text).join(frameSeparator);
}

/** Where there is no other code: the nearest frame of the library that its users may know, else the nearest of all. */
function runtimeFrame(stack: readonly NamedFrame[]): readonly NamedFrame[] {
  const frames = stack.filter(({ origin }) => origin === 'runtime');
  const known = frames.find(({ text }) => !text.includes('internal/'));
  const found = known ?? frames[0] ?? stack[0];
  return found === undefined ? [] : [found];
}

/** Shortens the path of a file below the folder of the bench. */
export function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return path.startsWith('/') && !near.startsWith('..') ? near : path;
}
