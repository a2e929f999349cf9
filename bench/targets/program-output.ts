import { stripVTControlCharacters } from 'node:util';
import { foreignText } from '../../program/foreign-text.js';

/** How much of a program's output is kept: its last 64 KiB. */
const keptBytes = 64 * 1024;

/** Longest line that is quoted, in characters. */
const quotedCharacters = 500;

/** The end of what a program writes, on both streams, in the order in which it arrives. */
export class OutputTail {
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  append(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Now and then, so that a chatty program costs no copy for each of its lines.
    if (this.#bytes > 2 * keptBytes) this.#chunks = [this.#join()];
  }

  get text(): string {
    return Buffer.from(this.#join()).toString('utf8');
  }

  #join(): Uint8Array {
    const tail = Buffer.concat(this.#chunks).subarray(-keptBytes);
    this.#bytes = tail.length;
    return tail;
  }
}

/** Lines that name an error, in the forms of Node, Bun, Python, Java, Go, Rust, .NET, Ruby and V8. */
const errorForms: readonly RegExp[] = [
  /^(Uncaught )?[\w$.]*(Error|Exception|Exit|Interrupt)( \[\w+\])?(: |$)/,
  /^error: /i,
  /^\[UnhandledPromiseRejection: /,
  /^FATAL ERROR: /,
  /^Exception in thread /,
  /^Unhandled exception/,
  /^(panic|fatal error): /,
  /^thread '.*' (\(\d+\) )?panicked at /,
  /\(\w+(Error|Exception)\)$/,
];

/** What comes after the error: stacks, advice, what a shell or a package manager says about it. */
const laterForms: readonly RegExp[] = [
  /^\s/,
  /^[\]})]*$/,
  /^Node\.js v\d/,
  /^Bun v\d/,
  /^\(Use `node --trace/,
  /^\(node:\d+\) /,
  /^Emitted '\w+' event /,
  /^Require stack:$/,
  /^- \//,
  /^Caused by: /,
  /^\.\.\. \d+ more$/,
  /^-{3,}/,
  /^\d+: 0x/,
  /^<--- .* --->$/,
  /^\[\d+:0x/,
  /^goroutine \d+ /,
  /^created by /,
  /^[\w./*()[\]{}-]+\(.*\)$/,
  /^\[signal /,
  /^exit status \d+$/,
  /^note: run with /,
  /^stack backtrace:$/,
  /^npm (error|ERR!|notice)/,
  /^(Aborted|Killed|Terminated|Segmentation fault|Trace\/breakpoint trap)( \(core dumped\))?$/,
];

/**
 * Finds the line that says why a program ended, in what it has written: the one that names the error, above its stack and
 * what a shell says about it; else, unless a signal ended it, the last line. Empty if there is none. Terminal codes are
 * removed.
 */
export function findErrorLine(output: string, isBySignal = false): string {
  const lines = stripVTControlCharacters(output)
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
  const thrown = lines.findLastIndex((line) => line.startsWith('(Use `node --trace-uncaught'));
  // A thrown value that is not an Error has no recognisable form, but Node says this below it.
  if (thrown > 0) return quote(lines[thrown - 1] ?? '');
  const last = lines.findLastIndex((line) => !laterForms.some((form) => form.test(line)));
  if (last < 0) return isBySignal ? '' : quote(lines.findLast((line) => line !== '') ?? '');
  // A message may have several lines: the first has the form, and no blank line is between.
  for (let index = last; index >= 0 && lines[index] !== ''; index--) {
    const line = lines[index] ?? '';
    if (!errorForms.some((form) => form.test(line))) continue;
    return quote([line, ...continuation(line, lines[index + 1])].join(' ')) + heapNote(line, lines);
  }
  // Whatever sent the signal, the last thing that the program said was not about that.
  return isBySignal ? '' : quote(lines[last] ?? '');
}

/** Rust says where it panicked, and on the next line why. */
function continuation(line: string, next: string | undefined): string[] {
  return / panicked at .*:$/.test(line) && next !== undefined ? [next] : [];
}

/** V8 prints its last collections, in megabytes: what was in use before and after (and was committed). */
function heapNote(line: string, lines: readonly string[]): string {
  if (!line.endsWith('JavaScript heap out of memory')) return '';
  const collection = lines.findLast((each) => /-> [\d.]+ \([\d.]+\) MB/.test(each));
  const megabytes = /-> ([\d.]+) \(/.exec(collection ?? '')?.[1];
  const size = megabytes === undefined ? '' : `its JS heap had ${megabytes} MB; `;
  return ` (${size}--max-old-space-size raises the limit)`;
}

function quote(line: string): string {
  return foreignText(line.replace(/^tidemark: /, ''), quotedCharacters);
}
