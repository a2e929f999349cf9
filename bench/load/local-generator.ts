import type { ReportLine } from '../../loadgen/report-lines.js';
import { describeEnd, startProgram } from '../targets/child-program.js';
import { tidemarkProgram } from '../targets/tidemark-program.js';
import type { GeneratorRun, StartGenerator } from './generator-run.js';

/** Returns what starts a generator as a process of this machine, which gets this long to end when it is stopped. */
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
