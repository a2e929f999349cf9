import { describeLoad, describeProgress, describeSummary } from './describe-run.js';
import type { Load } from '../plan/load.js';
import type { LoadgenOptions } from '../plan/options.js';
import type { ReportLine, SummaryLine } from '../report/report-lines.js';
import { maskSecrets, toJson } from '../../program/secrets.js';

/** Where text goes, such as `process.stdout` and `process.stderr`. */
export interface TextSink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Prints a run: JSON for machines goes to standard output; words for people go there too if it is a terminal and
 * no JSON was asked for, and otherwise to standard error.
 */
export class RunOutput {
  readonly #options: Pick<LoadgenOptions, 'json' | 'jsonLines' | 'quiet'>;
  readonly #machine: TextSink;
  readonly #people: TextSink;

  constructor(
    options: Pick<LoadgenOptions, 'json' | 'jsonLines' | 'quiet'>,
    stdout: TextSink,
    stderr: TextSink,
  ) {
    this.#options = options;
    this.#machine = stdout;
    this.#people = stdout.isTTY === true && !this.#isForMachine ? stdout : stderr;
  }

  /** Prints what is about to run. */
  printLoad(load: Load): void {
    if (!this.#options.quiet) this.#people.write(`${maskSecrets(describeLoad(load))}\n`);
  }

  /** Prints a line of the running load. */
  printLine(line: ReportLine): void {
    if (this.#options.jsonLines) this.#machine.write(`${toJson(line)}\n`);
    if (this.#options.quiet) return;
    if (line.kind === 'progress') this.#people.write(`${describeProgress(line)}\n`);
    if (line.kind === 'phase') this.#people.write(`${line.phase}\n`);
  }

  /** Prints the summary. People get no table if no connection was ever open: the reason says it all. */
  printSummary(summary: SummaryLine): void {
    if (this.#options.json) this.#machine.write(`${toJson(summary, 2)}\n`);
    if (this.#options.jsonLines) this.#machine.write(`${toJson(summary)}\n`);
    if (summary.connections_opened_total === 0 || (this.#isForMachine && this.#options.quiet)) {
      return;
    }
    this.#people.write(`${describeSummary(summary)}\n`);
  }

  get #isForMachine(): boolean {
    return this.#options.json || this.#options.jsonLines;
  }
}
