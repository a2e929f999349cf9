import { type HeapProfiler, Session } from 'node:inspector';
import type { AllocationNode, SampledAllocations } from './protocol.js';

/** Samples of what this process allocates, being taken. */
export interface HeapSampling {
  /** Returns what is alive of it, by stack; undefined if V8 does not tell. What has no bytes, nor calls what has, is left out. */
  readonly readAlive: () => SampledAllocations | undefined;
}

/**
 * Has V8 sample what this process allocates on its JS heap, as long as the process lives (`HeapProfiler.startSampling` of the
 * Chrome DevTools protocol). Samples of objects that are collected are dropped, so that the others tell what is alive.
 * @param intervalBytes bytes between two samples, on average
 * @returns undefined if V8 can't, or is sampling for somebody else
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

/** Takes out of a tree what nobody reads, before it goes over a socket. */
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
