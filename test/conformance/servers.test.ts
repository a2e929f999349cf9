import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSurprises } from './servers.js';

const masking = 'fails a connection whose client does not mask';
const other = 'accepts a handshake, and proves that it has read the key';

describe('findSurprises()', () => {
  it('finds none where all is as it is known', () => {
    assert.deepEqual(findSurprises('uws', [{ name: masking, kind: 'fail' }]), []);
    assert.deepEqual(findSurprises('ws', [{ name: masking, kind: 'pass' }]), []);
  });

  it('finds a new failure, a new cut, and a failure that is gone', () => {
    assert.deepEqual(findSurprises('ws', [{ name: other, kind: 'fail' }]), [
      `ws: ${other}: fail, known as pass`,
    ]);
    assert.deepEqual(findSurprises('ws', [{ name: other, kind: 'cut' }]), [
      `ws: ${other}: cut, known as pass`,
    ]);
    assert.deepEqual(findSurprises('uws', [{ name: masking, kind: 'pass' }]), [
      `uws: ${masking}: pass, known as fail`,
    ]);
  });
});
