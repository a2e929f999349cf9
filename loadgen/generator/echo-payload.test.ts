import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EchoPayload } from './echo-payload.js';

describe('EchoPayload', () => {
  it('reads back when a message was due', () => {
    for (const sizeBytes of [16, 17, 100]) {
      const payload = new EchoPayload(3, 1000.125, sizeBytes);
      const written = Buffer.from(payload.write(7));
      assert.equal(written.length, sizeBytes);
      payload.write(8);
      assert.equal(payload.read(written), 1000.125 + (7 / 3) * 1000);
    }
  });

  it('refuses whatever differs in a byte or in length', () => {
    const payload = new EchoPayload(3, 1000, 40);
    const written = Buffer.from(payload.write(7));
    for (let at = 0; at < written.length; at++) {
      const changed = Buffer.from(written);
      changed.writeUInt8(written.readUInt8(at) ^ 64, at);
      assert.equal(payload.read(changed), undefined, `byte ${at}`);
    }
    assert.equal(payload.read(written.subarray(1)), undefined);
    assert.equal(payload.read(Buffer.alloc(0)), undefined);
  });

  it('needs room for its header', () => {
    assert.throws(() => new EchoPayload(1, 0, 15), RangeError);
  });
});
