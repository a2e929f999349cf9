import { RunError } from '../../program/failure.js';
import {
  type ChildProgram,
  describeEnd,
  type ProgramStart,
  startProgram,
} from './child-program.js';

/** A server that has said where it listens. */
export interface AnnouncedProgram {
  readonly program: ChildProgram;
  /** The first line that it printed: a JSON document. */
  readonly firstLine: string;
}

/**
 * Starts a program and waits for its first line on standard output; undefined if it ends without one.
 * @throws {RunError} if it can't be started.
 */
export async function startForFirstLine(
  start: Omit<ProgramStart, 'onLine'>,
): Promise<{ readonly program: ChildProgram; readonly firstLine: string | undefined }> {
  let takeLine: (line: string) => void;
  const line = new Promise<string>((resolve) => {
    takeLine = resolve;
  });
  const program = await startProgram({
    ...start,
    onLine: (text) => {
      takeLine(text);
    },
  });
  const firstLine = await Promise.race([line, program.ended.then(() => undefined)]);
  return { program, firstLine };
}

/**
 * Starts a server that prints one line of JSON on standard output once it listens, and waits for that.
 * @throws {RunError} if it ends before.
 */
export async function startAnnouncedProgram(
  start: Omit<ProgramStart, 'onLine'>,
): Promise<AnnouncedProgram> {
  const { program, firstLine } = await startForFirstLine(start);
  if (firstLine !== undefined) return { program, firstLine };
  throw new RunError(`The ${start.name} did not start: it ${describeEnd(await program.ended)}`);
}
