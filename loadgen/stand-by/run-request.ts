import { namesFile } from '../connection/template.js';

/** Longest body of a request for a run, in bytes: a greeting may be long, the rest is not. */
export const longestRequestBytes = 64 * 1024;

/** Options that are the waiting generator's own affair, or name a file of its machine. */
const forbidden = /^--(stand-by|admin-host|admin-port|json|json-lines|ca)(=|$)|^--send=@/;

/**
 * Takes the command line of a run out of the body of a request: a JSON array of text, the URL first, then options of
 * `tidemark loadgen`, each as `--name=value`.
 * @throws {RangeError} if it is anything else.
 */
export function parseRunRequest(body: string): readonly string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw new RangeError('the body is not JSON', { cause: error });
  }
  if (!isListOfText(parsed)) throw new RangeError('the body is not an array of text');
  const [url = '', ...options] = parsed;
  if (!/^wss?:\/\//.test(url)) {
    throw new RangeError('the first item is not a ws:// or wss:// URL');
  }
  const wrong = options.find((each) => !each.startsWith('--') || forbidden.test(each));
  const naming = parsed.find(namesFile);
  if (naming !== undefined) {
    throw new RangeError(`${JSON.stringify(naming)} names a file of this machine`);
  }
  if (wrong !== undefined) {
    throw new RangeError(`${JSON.stringify(wrong)} is not an option that a request may give`);
  }
  return parsed;
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** The last line of a run that was asked for over HTTP: how the generator ended. */
export interface EndedLine {
  readonly kind: 'exit';
  /** Exit status, or null if a signal ended it. */
  readonly exit_status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last line that it wrote to standard error; empty if none. */
  readonly last_error_line: string;
}
