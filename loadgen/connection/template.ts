import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf } from '../../program/failure.js';

/** What stands for a text of its own in each connection. */
type Placeholder =
  | { readonly kind: 'index' | 'uuid' | 'time' }
  | { readonly kind: 'line'; readonly lines: readonly string[] };

const placeholderForm = /\{(?:(index|uuid|time)|line:([^{}]+))\}/g;

/**
 * A text with placeholders: `{index}`, the number of the connection in the whole run, from 0; `{uuid}`, a random UUID
 * (version 4); `{time}`, milliseconds since 1970; `{line:FILE}`, the line of that file that belongs to the connection, with
 * lines counted from 0 and begun again after the last. Other braces stand for themselves, as in JSON.
 */
export class Template {
  readonly #parts: readonly (string | Placeholder)[];

  /** @throws {RangeError} if a file can't be read, is empty, or holds control characters. */
  constructor(text: string) {
    const parts: (string | Placeholder)[] = [];
    let end = 0;
    for (const match of text.matchAll(placeholderForm)) {
      parts.push(text.slice(end, match.index), placeholderOf(match[1], match[2] ?? ''));
      end = match.index + match[0].length;
    }
    parts.push(text.slice(end));
    this.#parts = parts.filter((part) => part !== '');
  }

  /** Whether the text is the same for all connections. */
  get isFixed(): boolean {
    return this.#parts.every((part) => typeof part === 'string');
  }

  /** Connections that can have a line of their own; Infinity without a file. */
  get distinctLines(): number {
    return Math.min(
      ...this.#parts.map((part) =>
        typeof part !== 'string' && part.kind === 'line' ? part.lines.length : Infinity,
      ),
    );
  }

  /** Returns the text of the connection with this number; `encode` is applied to what the placeholders stand for. */
  render(index: number, encode: (value: string) => string = (value) => value): string {
    let text = '';
    for (const part of this.#parts) {
      text += typeof part === 'string' ? part : encode(valueOf(part, index));
    }
    return text;
  }
}

/** Tells whether a text names a file of this machine in a placeholder. */
export function namesFile(text: string): boolean {
  return /\{line:[^{}]+\}/.test(text);
}

function placeholderOf(name: string | undefined, path: string): Placeholder {
  if (name === 'index' || name === 'uuid' || name === 'time') return { kind: name };
  return { kind: 'line', lines: readLines(path) };
}

function readLines(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RangeError(messageOf(error), { cause: error });
  }
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (text.trim() === '') throw new RangeError(`${path} has no lines`);
  // They become headers and request lines, which a control character could break out of (RFC 9110, section 5.5).
  const broken = lines.findIndex((line) => hasControls(line));
  if (broken >= 0) throw new RangeError(`line ${broken + 1} of ${path} has a control character`);
  return lines;
}

/** Tells whether a text has characters that may not stand in a header. */
export function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return /[\0-\x08\x0a-\x1f\x7f]/.test(text);
}

function valueOf(placeholder: Placeholder, index: number): string {
  switch (placeholder.kind) {
    case 'index':
      return String(index);
    case 'uuid':
      return randomUUID();
    case 'time':
      return String(Date.now());
    case 'line':
      return placeholder.lines[index % placeholder.lines.length] ?? '';
  }
}
