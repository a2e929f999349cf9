import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closePayload, encodeFrame, opcodes, takeFrame } from './frame.js';

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

describe('encodeFrame()', () => {
  it('writes the masked example of RFC 6455, section 5.7', () => {
    assert.deepEqual(
      encodeFrame({ opcode: opcodes.text, payload: 'Hello', mask }),
      Buffer.from('818537fa213d7f9f4d5158', 'hex'),
    );
  });

  it('writes the fragments of section 5.7, without a mask', () => {
    const first = { opcode: opcodes.text, payload: 'Hel', isFinal: false, isMasked: false };
    assert.deepEqual(encodeFrame(first), Buffer.from('010348656c', 'hex'));
    const last = { opcode: opcodes.continuation, payload: 'lo', isMasked: false };
    assert.deepEqual(encodeFrame(last), Buffer.from('80026c6f', 'hex'));
  });

  it('takes the shortest form of the length, or the one that is asked for', () => {
    const headOf = (length: number, lengthBytes?: 0 | 2 | 8): string =>
      encodeFrame({
        opcode: opcodes.binary,
        payload: Buffer.alloc(length),
        isMasked: false,
        ...(lengthBytes === undefined ? {} : { lengthBytes }),
      })
        .subarray(0, 10)
        .toString('hex');
    assert.equal(headOf(256).slice(0, 8), '827e0100');
    assert.equal(headOf(65_536), '827f0000000000010000');
    assert.equal(headOf(1, 8), '827f0000000000000001');
  });
});

describe('takeFrame()', () => {
  it('takes one frame after the other, as soon as it is whole', () => {
    const two = Buffer.from('810548656c6c6f8903616263', 'hex');
    const first = takeFrame(two);
    assert.equal(first?.frame.payload.toString(), 'Hello');
    const second = takeFrame(first.rest);
    assert.equal(second?.frame.opcode, opcodes.ping);
    assert.equal(second.rest.length, 0);
    for (let cut = 0; cut < 7; cut++) assert.equal(takeFrame(two.subarray(0, cut)), undefined);
  });

  it('takes what is long', () => {
    const payload = Buffer.alloc(70_000, 'x');
    const sent = encodeFrame({ opcode: opcodes.binary, payload, isMasked: false });
    assert.ok(takeFrame(sent)?.frame.payload.equals(payload));
    assert.equal(takeFrame(sent.subarray(0, -1)), undefined);
  });

  it('refuses a mask', () => {
    const masked = encodeFrame({ opcode: opcodes.text, payload: 'Hello', mask });
    assert.throws(() => takeFrame(masked), /with a mask/);
  });
});

describe('closePayload()', () => {
  it('is the code and the reason', () => {
    assert.deepEqual(closePayload(1000, 'bye'), Buffer.from('03e8627965', 'hex'));
  });
});
