import { type HeapProfiler, Session } from 'node:inspector';
import type { AllocationNode } from '../../../machine/v8.js';
import type { SampledAllocations } from './protocol.js';

/** Sampling, under way, of what this process allocates. */
export interface HeapSampling {
  /** Returns what of it is alive, by stack; undefined if V8 does not say. Stacks without bytes are left out. */
  readonly readAlive: () => SampledAllocations | undefined;
}

/**
 * Makes V8 sample what this process allocates on its JS heap, as long as the process lives (`HeapProfiler.startSampling` of the
 * Chrome DevTools protocol). Samples of objects that are collected are dropped, so that the others show what is alive.
 * @param intervalBytes bytes between two samples, on average
 * @returns undefined if V8 can't, or is already sampling for something else
 */
export function startHeapSampling(intervalBytes: number): HeapSampling | undefined {
  const session = new Session();
  session.connect();
  const failures: Error[] = [];
  // The session of this very thread answers before `post` returns.
  session.post('HeapProfiler.startSampling', { samplingInterval: intervalBytes }, (error) => {
    if (error !== null) failures.push(error);
  });
  if (failures.length > 0) {
    session.disconnect();
    return undefined;
  }
  return {
    readAlive: () => {
      let head: HeapProfiler.SamplingHeapProfileNode | undefined;
      session.post('HeapProfiler.getSamplingProfile', (error, answer) => {
        if (error === null) head = answer.profile.head;
      });
      return head === undefined ? undefined : { every_bytes: intervalBytes, head: prune(head) };
    },
  };
}

/** Removes from a tree what nothing reads, before it goes over a socket. */
function prune({
  callFrame,
  selfSize,
  children,
}: HeapProfiler.SamplingHeapProfileNode): AllocationNode {
  return {
    callFrame,
    selfSize,
    children: children
      .map(prune)
      .filter((child) => child.selfSize > 0 || child.children.length > 0),
  };
}
