/** The last line of a run that was asked for over HTTP: how the generator ended. */
export interface EndedLine {
  readonly kind: 'exit';
  /** Exit status, or null if a signal ended it. */
  readonly exit_status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last line that it wrote to standard error; empty if none. */
  readonly last_error_line: string;
}
