import { foreignText } from '../../program/foreign-text.js';

/** Longest part of a reason that is quoted, in characters: a close frame has room for 123 bytes. */
const longestReason = 123;

/** Writes why the server has closed, such as `closed with 4401: log in first`. */
export function describeClose(code: number | undefined, reason: string): string {
  const text = foreignText(reason, longestReason);
  return `closed with ${code ?? 'no code'}${text === '' ? '' : `: ${text}`}`;
}

/** Returns what a close frame holds (RFC 6455, section 5.5.1). */
export function closeData(code: number | undefined): Buffer {
  const data = Buffer.alloc(code === undefined ? 0 : 2);
  if (code !== undefined) data.writeUInt16BE(code);
  return data;
}

/** What a close frame holds that ends a connection whose work is done (1000). */
export const normalClosure = closeData(1000);
