import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AllocationNode } from '../../../machine/v8.js';
import { startHeapSampling } from './heap-sampling.js';

const kept: unknown[][] = [];

function keepMany(): void {
  for (let index = 0; index < 4000; index++) kept.push(new Array<unknown>(100).fill(index));
}

function dropMany(): void {
  for (let index = 0; index < 4000; index++) new Array<unknown>(100).fill(index);
}

/** Bytes that are alive of what functions of this name have allocated, or have had allocated. */
function aliveOf(name: string, { callFrame, selfSize, children }: AllocationNode): number {
  const isIt = callFrame.functionName === name;
  const total = (node: AllocationNode): number =>
    node.children.reduce((sum, child) => sum + total(child), node.selfSize);
  if (isIt) return total({ callFrame, selfSize, children });
  return children.reduce((sum, child) => sum + aliveOf(name, child), 0);
}

describe('startHeapSampling()', () => {
  it('tells what is alive by the function that has allocated it', () => {
    const sampling = startHeapSampling(4096);
    keepMany();
    dropMany();
    const { head } = sampling?.readAlive() ?? {};
    assert.ok(head !== undefined);
    // 4,000 arrays of 100 elements of 8 bytes: 400 samples or more, so that chance is some 5 %.
    const truth = kept.length * 800;
    const found = aliveOf('keepMany', head);
    assert.ok(found > 0.75 * truth && found < 1.25 * truth, `${found} of ${truth}`);
    assert.ok(aliveOf('dropMany', head) < 0.05 * truth);
  });
});
