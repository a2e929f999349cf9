/** Exit statuses of every `tidemark` command. */
export const exitStatus = {
  /** Done, and every assertion holds. */
  done: 0,
  /** The run could not be completed; one line on stderr says why and what to do. */
  failed: 1,
  /** The command line is wrong; nothing was started. */
  usage: 2,
  /** Done, but an assertion failed. */
  assertionFailed: 3,
} as const;

/** The command line can't be used as it is. Its message is one line for the user; the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for can't be done, or was cut short. Its message is one line for the user; the exit status is 1. */
export class RunError extends Error {
  override readonly name = 'RunError';
  /** Ways on, a short line each, where there are several; shown below the message. */
  readonly advice: readonly string[];

  constructor(message: string, options: ErrorOptions & { advice?: readonly string[] } = {}) {
    super(message, options);
    this.advice = options.advice ?? [];
  }
}

/** Returns the message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s*\n\s*/g, '; ');
}

/** Returns the system error code (`EADDRINUSE`, `ENOSPC`, …) of anything that was thrown, if it has one. */
export function errorCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/**
 * Returns where text for people goes: standard output, unless that is a pipe or a file or has been asked for as `--json`,
 * for then it belongs to programs.
 */
export function peopleStream(json: boolean): NodeJS.WriteStream {
  return process.stdout.isTTY && !json ? process.stdout : process.stderr;
}

/** How wide text may be: undefined for pipes and files, and for a terminal that does not tell (0 columns). */
export function columnsOf(people: NodeJS.WriteStream): number | undefined {
  return people.isTTY && people.columns > 0 ? people.columns : undefined;
}
