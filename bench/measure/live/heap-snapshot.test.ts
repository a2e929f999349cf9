import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeHeapSnapshot } from 'node:v8';
import { readHeapSnapshot } from './heap-snapshot.js';

class KnownSession {
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
}

class KnownRegistry {
  readonly sessions = new Map<number, KnownSession>();
}

describe('readHeapSnapshot()', () => {
  it('counts the objects of this very process by class, and names what keeps them', () => {
    const registry = new KnownRegistry();
    for (let number = 0; number < 1234; number++) {
      registry.sessions.set(number, new KnownSession(number));
    }
    const file = writeHeapSnapshot(join(tmpdir(), `tidemark-${process.pid}.heapsnapshot`));
    const { kinds, keptBy } = readHeapSnapshot(readFileSync(file, 'utf8'));
    rmSync(file);
    const sessions = kinds.get('KnownSession');
    assert.equal(sessions?.count, registry.sessions.size);
    assert.ok(sessions.bytes >= 1234 * 16 && sessions.bytes <= 1234 * 200, String(sessions.bytes));
    assert.match(keptBy.get('KnownSession') ?? '', /^sessions \(Map\)/);
    assert.equal(
      [...kinds.keys()].some((name) => name.startsWith('(')),
      false,
    );
  });

  it('counts the memory of ArrayBuffers, and names what keeps the younger ones', () => {
    const registry = { chunks: Array.from({ length: 2000 }, () => new Uint8Array(10_000)) };
    const file = writeHeapSnapshot(join(tmpdir(), `tidemark-${process.pid}.heapsnapshot`));
    const { buffers } = readHeapSnapshot(readFileSync(file, 'utf8'));
    rmSync(file);
    assert.ok(buffers.count >= registry.chunks.length, String(buffers.count));
    assert.ok(buffers.bytes >= 20e6 && buffers.bytes < 40e6, String(buffers.bytes));
    assert.match(buffers.keptBy ?? '', /^chunks \(Array\)/);
  });

  it('refuses what is no snapshot', () => {
    assert.throws(() => readHeapSnapshot('{"snapshot":'), SyntaxError);
  });
});
