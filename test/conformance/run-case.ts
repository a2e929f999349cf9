import { inflateRawSync } from 'node:zlib';
import type { ConformanceCase, Expectation, Message } from './cases.js';
import { opcodes, type ServerFrame } from './frame.js';
import { handshakeRequest, RawConnection, whyRefused } from './raw-connection.js';

/** How a server has done in a case. */
export type CaseResult =
  | { readonly kind: 'pass' }
  /** The connection was failed, as it had to be, but cut without a close frame that says why, as it should have been. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'fail'; readonly why: string };

/** Longer than any answer takes on a busy machine, in milliseconds. */
const answerTimeoutMs = 5000;

/** Between two writes, in milliseconds: so that each comes by itself. */
const betweenWritesMs = 2;

/** Ports of a server of which one instance has permessage-deflate and the other has not. */
export interface ServerPorts {
  readonly plain: number;
  readonly deflating: number;
}

/** Tries cases one after the other, each on the instance that it is for, and returns the results in their order. */
export async function runCases(
  cases: readonly ConformanceCase[],
  { plain, deflating }: ServerPorts,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const each of cases) {
    results.push(await runCase(each, each.isDeflated === true ? deflating : plain));
  }
  return results;
}

/** Tries one case on the server that listens on a port of this machine. */
async function runCase(each: ConformanceCase, port: number): Promise<CaseResult> {
  const connection = await RawConnection.open(port);
  try {
    return await tryCase(connection, each);
  } catch (error) {
    if (error instanceof RangeError) return fail(error.message);
    throw error;
  } finally {
    connection.destroy();
  }
}

async function tryCase(connection: RawConnection, each: ConformanceCase): Promise<CaseResult> {
  const { request, isDeflated = false, send = [], expect } = each;
  const extensions = isDeflated ? 'permessage-deflate; client_no_context_takeover' : undefined;
  connection.send(request ?? handshakeRequest({ 'Sec-WebSocket-Extensions': extensions }));
  const answer = await connection.answer(answerTimeoutMs);
  if (expect.kind === 'status') {
    const status = answer?.status ?? 0;
    if (expect.statuses.includes(status)) return { kind: 'pass' };
    return fail(`status ${status} instead of ${expect.statuses.join(' or ')}`);
  }
  const refused = whyRefused(answer);
  if (refused !== undefined) return fail(refused);
  const agreed = answer?.headers['sec-websocket-extensions'] ?? '';
  if (isDeflated && !agreed.startsWith('permessage-deflate')) {
    return fail('the server has not agreed to permessage-deflate');
  }
  for (const bytes of send) {
    connection.send(bytes);
    await new Promise((resolve) => setTimeout(resolve, betweenWritesMs));
  }
  switch (expect.kind) {
    case 'messages':
      return expectMessages(connection, expect.messages);
    case 'pongs':
      return expectPongs(connection, expect);
    case 'close':
      return expectClose(connection, expect.codes);
  }
}

async function expectMessages(
  connection: RawConnection,
  messages: readonly Message[],
): Promise<CaseResult> {
  for (const expected of messages) {
    const frames: ServerFrame[] = [];
    do {
      const frame = await connection.nextFrame(answerTimeoutMs);
      if (frame === undefined) return fail('no echo');
      if (frame.opcode === opcodes.close) return fail(`closed with ${codeOf(frame)}`);
      frames.push(frame);
    } while (frames.at(-1)?.isFinal !== true);
    const why = compare(frames, expected);
    if (why !== undefined) return fail(why);
  }
  return connection.hasEnded ? fail('the connection has ended') : { kind: 'pass' };
}

function compare(frames: readonly ServerFrame[], { opcode, payload }: Message): string | undefined {
  const [first] = frames;
  if (first?.opcode !== opcode) return `opcode ${first?.opcode ?? -1} instead of ${opcode}`;
  const bytes = Buffer.concat(frames.map((frame) => frame.payload));
  // RSV1 marks a message that is compressed (RFC 7692, section 6).
  const received = first.reserved === 4 ? inflate(bytes) : bytes;
  return received.equals(Buffer.from(payload)) ? undefined : 'another payload came back';
}

/** Puts back the four bytes that the sender has left out (RFC 7692, section 7.2.2). */
function inflate(bytes: Buffer): Buffer {
  return inflateRawSync(Buffer.concat([bytes, Buffer.from([0, 0, 0xff, 0xff])]), {
    finishFlush: 2,
  });
}

async function expectPongs(
  connection: RawConnection,
  { payloads }: Extract<Expectation, { kind: 'pongs' }>,
): Promise<CaseResult> {
  for (const payload of payloads) {
    const frame = await connection.nextFrame(answerTimeoutMs);
    if (frame === undefined) return fail('no pong');
    if (frame.opcode !== opcodes.pong) return fail(`opcode ${frame.opcode} instead of a pong`);
    if (!frame.payload.equals(Buffer.from(payload))) return fail('another payload came back');
  }
  return { kind: 'pass' };
}

async function expectClose(
  connection: RawConnection,
  codes: readonly number[],
): Promise<CaseResult> {
  for (;;) {
    const frame = await connection.nextFrame(answerTimeoutMs);
    if (frame === undefined) break;
    if (frame.opcode === opcodes.close) {
      const code = codeOf(frame);
      if (!codes.includes(code))
        return fail(`closed with ${code} instead of ${codes.join(' or ')}`);
      // Section 7.1.1: the server closes the TCP connection first.
      return (await connection.ends(answerTimeoutMs))
        ? { kind: 'pass' }
        : fail('the connection stays open after the close frame');
    }
    if (frame.opcode !== opcodes.pong) return fail('a message came instead of a close frame');
  }
  return connection.hasEnded ? { kind: 'cut' } : fail('the connection stays open');
}

function codeOf({ payload }: ServerFrame): number {
  return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
}

function fail(why: string): CaseResult {
  return { kind: 'fail', why };
}
