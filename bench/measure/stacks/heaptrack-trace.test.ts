import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeaptrackTrace, type TracedBlocks } from './heaptrack-trace.js';

/** Two allocations: 0x10 bytes by `inner < outer`, both inlined into one instruction, and 0x400 bytes by what has no symbol. */
const lines = [
  'v 10500 3',
  'X ./server',
  's 5 /bin/a',
  's 5 inner',
  's 3 a.c',
  's 5 outer',
  'i 7f01 1 2 3 c 4 3 2a',
  't 1 0',
  'a 10 1',
  'c 5',
  '+ 0',
  '+ 0',
  'i 7f02 1',
  't 2 1',
  'a 400 2',
  '+ 1',
  'c 64',
  '- 0',
  'c c8',
];

function read(momentsMs: readonly number[]): readonly (readonly TracedBlocks[])[] {
  const trace = new HeaptrackTrace(momentsMs);
  for (const line of lines) trace.readLine(line);
  trace.end();
  return trace.alive;
}

describe('HeaptrackTrace', () => {
  it('tells what was alive at each moment, also after the end', () => {
    const counts = read([0, 50, 150, 1000]).map((alive) =>
      alive.map(({ size, count }) => [size, count]),
    );
    assert.deepEqual(counts, [
      [],
      [
        [16, 2],
        [1024, 1],
      ],
      [
        [16, 1],
        [1024, 1],
      ],
      [
        [16, 1],
        [1024, 1],
      ],
    ]);
  });

  it('has one object for a stack, at all moments', () => {
    const [first, second] = read([50, 150]);
    assert.equal(first?.length, 2);
    assert.equal(first[0]?.stack, second?.[0]?.stack);
  });

  it('has the stacks, with functions that were inlined and without symbols', () => {
    const [[first, second] = []] = read([100]);
    assert.deepEqual(
      first?.stack.map(({ name, file, line, module }) => [name, file, line, module]),
      [
        ['inner', 'a.c', 12, '/bin/a'],
        ['outer', 'a.c', 42, '/bin/a'],
      ],
    );
    assert.deepEqual(
      second?.stack.map(({ name, isNamed }) => [name, isNamed]),
      [
        ['0x7f02', false],
        ['inner', true],
        ['outer', true],
      ],
    );
  });
});
