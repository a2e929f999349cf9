import type { ReportLine } from '../../loadgen/report/report-lines.js';
import { describeEnd, startProgram, tidemarkProgram } from '../targets/child-program.js';

/** One run of one load generator, wherever it is. */
export interface GeneratorRun {
  /** Name for messages, such as `the load generator (pid 4711)`. */
  readonly name: string;
  /** Settles when it has ended and every line has been handed on; the text says how, in words. It never rejects. */
  readonly ended: Promise<string>;
  /** Makes it close its connections and end. Settles when it has ended. */
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
}

/** Starts one run: takes the arguments of `tidemark loadgen`, its URL first, and what receives its lines. */
export type StartGenerator = (
  args: readonly string[],
  onLine: (line: ReportLine) => void,
) => Promise<GeneratorRun>;

/** Returns a function that starts a generator as a process on this machine, which gets this long to end when it is stopped. */
export function localGenerator(stopGraceMs: number): StartGenerator {
  return async (args, onLine): Promise<GeneratorRun> => {
    const program = await startProgram({
      name: 'load generator',
      command: process.execPath,
      args: [tidemarkProgram, 'loadgen', ...args, '--json-lines', '--quiet'],
      hasChannel: true,
      onLine: (text) => {
        onLine(JSON.parse(text) as ReportLine);
      },
    });
    return {
      name: `the load generator (pid ${program.pid})`,
      ended: program.ended.then(describeEnd),
      stop: async () => {
        await program.stop(stopGraceMs);
      },
      kill: program.kill,
    };
  };
}
