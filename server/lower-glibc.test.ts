import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { lowerGlibc } from './lower-glibc.js';

const folder = join(createRequire(import.meta.url).resolve('uWebSockets.js'), '..');
const readBuild = (name: string): Buffer => readFileSync(join(folder, name));
const original = readBuild('uws_linux_x64_115.node');

/** Offset and old value of each byte in which two buffers of one size differ. */
function countDifferences(one: Buffer, other: Buffer): number {
  let count = 0;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) count++;
  return count;
}

describe('lowerGlibc()', () => {
  for (const name of ['x64_115', 'x64_127', 'x64_137', 'arm64_115', 'arm64_137']) {
    it(`changes names and version in the build ${name}, and moves nothing`, () => {
      const before = readBuild(`uws_linux_${name}.node`);
      const after = lowerGlibc(before);
      assert.ok(after !== undefined);
      assert.equal(after.length, before.length);
      // Two or three names of four bytes, and the hash and name of one version.
      const differences = countDifferences(before, after);
      assert.ok(differences >= 3 && differences <= 20, String(differences));
    });
  }

  it('leaves the original as it is, and a lowered one has nothing left to lower', () => {
    const before = Buffer.from(original);
    const after = lowerGlibc(original);
    assert.ok(original.equals(before));
    assert.ok(after !== undefined);
    assert.equal(lowerGlibc(after), undefined);
  });

  it('refuses a library that takes something else from glibc 2.38', () => {
    const other = Buffer.from(original);
    other.write('__isoc99_', other.indexOf('__isoc23_strtoul\0'), 'latin1');
    assert.equal(lowerGlibc(other), undefined);
  });

  it('refuses what is no ELF library of x64 or arm64, or cut short', () => {
    const foreign = Buffer.from(original);
    foreign.writeUInt16LE(8, 18);
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('no library at all'.repeat(10)),
      original.subarray(0, 4096),
      foreign,
    ]) {
      assert.equal(lowerGlibc(bytes), undefined);
    }
  });
});
