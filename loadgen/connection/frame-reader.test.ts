import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { usualLimits } from './memory-limits.js';
import { FrameReceiver, type FrameSink, readFrames } from './frame-reader.js';
import { chunkCostBytes, MemoryBudget } from './memory-budget.js';

/** Writes down what it is told. */
class Recorder implements FrameSink {
  memoryExceeded(): void {
    this.events.push('memory exceeded');
  }
  receiver: FrameReceiver | undefined;
  isReading = true;
  readonly events: string[] = [];
  readonly memory: MemoryBudget;

  constructor(limits = usualLimits) {
    this.memory = new MemoryBudget(limits);
  }

  messageCame(data: Buffer, isBinary: boolean): void {
    this.events.push(`${isBinary ? 'binary' : 'text'} ${data.toString('hex')}`);
  }
  pongCame(): void {
    this.events.push('pong');
  }
  pingCame(data: Buffer): void {
    this.events.push(`ping ${data.toString('hex')}`);
  }
  closeCame(code: number | undefined, reason: string): void {
    this.isReading = false;
    const why = reason === '' ? '' : ` "${reason}"`;
    this.events.push(`close ${code ?? 'without a code'}${why}`);
  }
  framesBroke(error: Error): void {
    this.isReading = false;
    this.events.push(`broke ${'code' in error ? String(error.code) : ''}`);
  }
  receiverDrained(): void {
    // Nothing to be resumed.
  }
}

/** Returns the events of a stream that comes in chunks of these lengths, each in a buffer that is used again. */
async function eventsOf(
  stream: Buffer,
  lengths: readonly number[],
  isReceiverOnly: boolean,
): Promise<string[]> {
  const recorder = new Recorder();
  if (isReceiverOnly) recorder.receiver = new FrameReceiver(recorder, undefined);
  const shared = Buffer.alloc(Math.max(1, stream.length));
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const length = Math.min(lengths[turn] ?? stream.length, stream.length - at);
    shared.fill(0xff);
    stream.copy(shared, 0, at, at + length);
    if (recorder.isReading) readFrames(recorder, shared, 0, length);
    at += length;
    // The receiver reports errors in the next tick.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return recorder.events;
}

function frame(first: number, payload: Uint8Array, isLongForm: boolean, isMasked: boolean): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const { length } = payload;
  if (length < 126 && !isLongForm) return Buffer.from([first, length | mask, ...payload]);
  if (length < 65_536)
    return Buffer.from([first, 126 | mask, length >> 8, length & 255, ...payload]);
  const head = Buffer.from([first, 127 | mask, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 6);
  return Buffer.concat([head, payload]);
}

const usual = fc.constantFrom(0x81, 0x82, 0x82, 0x89, 0x8a, 0x01, 0x80);
const firstByte = fc.oneof({ weight: 12, arbitrary: usual }, fc.integer({ min: 0, max: 255 }));
const closeFrame = fc
  .tuple(fc.integer({ min: 998, max: 1016 }), fc.uint8Array({ maxLength: 4 }))
  .map(([code, reason]) =>
    frame(0x88, Buffer.from([code >> 8, code & 255, ...reason]), false, false),
  );
const anyFrame = fc
  .tuple(
    firstByte,
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 30 }),
  )
  .map(([first, payload, form, mask]) => {
    const isControl = (first & 8) !== 0;
    return frame(first, isControl ? payload.subarray(0, 130) : payload, form === 0, mask === 0);
  });
const stream = fc
  .array(fc.oneof({ weight: 8, arbitrary: anyFrame }, closeFrame), { maxLength: 8 })
  .map((frames) => Buffer.concat(frames));

describe('readFrames()', () => {
  it('tells what the receiver of ws tells, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        stream,
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 12 }),
        async (bytes, lengths) => {
          const expected = await eventsOf(bytes, lengths, true);
          assert.deepEqual(await eventsOf(bytes, lengths, false), expected);
        },
      ),
      { numRuns: 1000 },
    );
  });

  const text = Buffer.from('\x81\x02hi', 'latin1');
  const cases: [string, Buffer[], boolean, string[]][] = [
    ['whole messages', [text, text], false, ['text 6869', 'text 6869']],
    ['a normal close', [Buffer.from('\x88\x02\x03\xe8', 'latin1')], false, ['close 1000']],
    ['an empty close', [Buffer.from('\x88\x00', 'latin1')], false, ['close without a code']],
    [
      'a message of 70,000 bytes',
      [frame(0x82, Buffer.alloc(70_000), false, false)],
      true,
      [`binary ${'00'.repeat(70_000)}`],
    ],
    [
      'a masked frame',
      [frame(0x81, Buffer.from('hi'), false, true)],
      true,
      ['broke WS_ERR_UNEXPECTED_MASK'],
    ],
    [
      'a close with code 1006',
      [Buffer.from('\x88\x02\x03\xee', 'latin1')],
      true,
      ['broke WS_ERR_INVALID_CLOSE_CODE'],
    ],
    ['half a message', [text.subarray(0, 3)], true, []],
  ];
  for (const [name, frames, isReceiverNeeded, events] of cases) {
    it(`reads ${name} ${isReceiverNeeded ? 'with' : 'without'} a receiver`, async () => {
      const recorder = new Recorder();
      const bytes = Buffer.concat(frames);
      readFrames(recorder, bytes, 0, bytes.length);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(recorder.events, events);
      assert.equal(recorder.receiver !== undefined, isReceiverNeeded);
    });
  }
});

describe('FrameReceiver', () => {
  /** Head of a binary frame of 1,000 bytes, which is the first fragment of a message. */
  const head = Buffer.from([0x02, 126, 1000 >> 8, 1000 & 0xff]);

  it('counts what it keeps of an unfinished frame, message, and nothing of a finished one', () => {
    const recorder = new Recorder();
    const { memory } = recorder;
    const take = (bytes: Buffer): number => {
      readFrames(recorder, bytes, 0, bytes.length);
      return memory.usedBytes;
    };
    assert.equal(take(Buffer.concat([head, Buffer.alloc(600)])), 600 + chunkCostBytes);
    assert.equal(take(Buffer.alloc(400)), 1000 + chunkCostBytes);
    assert.equal(take(Buffer.from([0x80, 0])), 0);
    take(Buffer.concat([head, Buffer.alloc(600)]));
    recorder.receiver?.release();
    assert.equal(memory.usedBytes, 0);
  });

  it('says that it keeps too much', () => {
    const recorder = new Recorder({ ...usualLimits, totalBytes: 700 });
    const bytes = Buffer.concat([head, Buffer.alloc(600)]);
    readFrames(recorder, bytes, 0, bytes.length);
    assert.deepEqual(recorder.events, ['memory exceeded']);
  });
});
