import type { AllocationNode } from '../../machine/v8.js';
import type { LiveMemory } from './live-memory.js';

/**
 * Writes what is alive in a Node program by stack as a `.heapprofile`, which Chrome DevTools and speedscope open: of several
 * processes, the stacks side by side. Undefined if no samples were taken.
 */
export function formatHeapProfile(live: LiveMemory | undefined): string | undefined {
  const profiles = live?.js_heap?.sites?.profiles ?? [];
  const [first] = profiles;
  if (first === undefined) return undefined;
  const head = { ...first, children: profiles.flatMap(({ children }) => children) };
  return JSON.stringify({ head: numberNodes(head, { last: 0 }), samples: [] });
}

type NumberedNode = Omit<AllocationNode, 'children'> & {
  readonly id: number;
  readonly children: readonly NumberedNode[];
};

/** Gives each node the number that the format wants (`HeapProfiler.SamplingHeapProfileNode` of the Chrome DevTools protocol). */
function numberNodes(node: AllocationNode, counter: { last: number }): NumberedNode {
  const { callFrame, selfSize, children } = node;
  const id = ++counter.last;
  return {
    callFrame,
    selfSize,
    id,
    children: children.map((child) => numberNodes(child, counter)),
  };
}
