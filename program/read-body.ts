import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of an answer as text; undefined if it is longer than `mostCharacters`, and what has not been read is dropped.
 * @throws {Error} if the connection breaks before its end.
 */
export async function readBody(
  response: IncomingMessage,
  mostCharacters: number,
): Promise<string | undefined> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) {
    body += chunk as string;
    if (body.length > mostCharacters) return undefined;
  }
  return body;
}
