import type { ReportLine } from '../../loadgen/report-lines.js';

/** One run of one load generator, wherever it is. */
export interface GeneratorRun {
  /** Name for messages, such as `the load generator (pid 4711)`. */
  readonly name: string;
  /** Settles when it has ended and every line has been handed on; the text says how, in words. It never rejects. */
  readonly ended: Promise<string>;
  /** Has it close what it has open and end. Settles when it has ended. */
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
}

/** Starts one run: the arguments of `tidemark loadgen`, its URL first, and who hears its lines. */
export type StartGenerator = (
  args: readonly string[],
  onLine: (line: ReportLine) => void,
) => Promise<GeneratorRun>;
