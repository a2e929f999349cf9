import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AllocationNode } from '../../machine/v8.js';
import { formatHeapProfile } from './heap-profile.js';

function node(name: string, selfSize: number, ...children: AllocationNode[]): AllocationNode {
  const callFrame = { functionName: name, scriptId: '1', url: '', lineNumber: 0, columnNumber: 0 };
  return { callFrame, selfSize, children };
}

describe('formatHeapProfile()', () => {
  it('puts the stacks of all processes under one head, each node with a number', () => {
    const profiles = [
      node('(root)', 0, node('a', 1)),
      node('(root)', 0, node('b', 2, node('c', 3))),
    ];
    const sites = { everyBytes: 1, bytes: new Map<string, number>(), profiles };
    const heap = { bytes: 6, outsideMallocBytes: 6, processes: 2, kinds: new Map(), sites };
    const text = formatHeapProfile({ js_heap: heap }) ?? '';
    const numbers: string[] = [];
    JSON.parse(
      text,
      function (this: { callFrame?: { functionName: string } }, key, value: unknown) {
        if (key === 'id') numbers.push(`${this.callFrame?.functionName ?? ''} ${String(value)}`);
        return value;
      },
    );
    assert.deepEqual(numbers.toSorted(), ['(root) 1', 'a 2', 'b 3', 'c 4']);
  });

  it('writes nothing where no samples were taken', () => {
    assert.equal(formatHeapProfile(undefined), undefined);
    assert.equal(formatHeapProfile({}), undefined);
  });
});
