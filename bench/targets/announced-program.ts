import { RunError } from '../../options/failure.js';
import {
  type ChildProgram,
  describeEnd,
  type ProgramStart,
  startProgram,
} from '../child-program.js';

/** A server that has said where it listens. */
export interface AnnouncedProgram {
  readonly program: ChildProgram;
  /** The first line that it printed: a JSON document. */
  readonly firstLine: string;
}

/**
 * Starts a server that prints one line of JSON on standard output once it listens, and waits for that.
 * @throws {RunError} if it ends before.
 */
export async function startAnnouncedProgram(
  start: Omit<ProgramStart, 'onLine'>,
): Promise<AnnouncedProgram> {
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
  const endedEarly = program.ended.then((end) => {
    throw new RunError(`The ${start.name} did not start: it ${describeEnd(end)}`);
  });
  return { program, firstLine: await Promise.race([line, endedEarly]) };
}
