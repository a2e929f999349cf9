import type { HeapProfiler } from 'node:inspector';
import type { ProcessMemory } from '../../../machine/v8.js';

/** Environment variable that tells the agent in which folder its socket belongs. */
export const agentFolderVariable = 'TIDEMARK_AGENT_FOLDER';

/** Environment variable that has the agent of a Node program sample what it allocates, on average every so many bytes. */
export const samplingVariable = 'TIDEMARK_AGENT_SAMPLING_BYTES';

/** Languages whose programs can have an agent. */
export type AgentLanguage = 'js' | 'py';

/** Returns the name of the socket of a process. */
export function agentSocketName(pid: number, language: AgentLanguage): string {
  return `${pid}.${language}.sock`;
}

/** A function as the last of a stack, what is alive of that which it has allocated itself, and the functions it has called. */
export type AllocationNode = Pick<
  HeapProfiler.SamplingHeapProfileNode,
  'callFrame' | 'selfSize'
> & {
  readonly children: readonly AllocationNode[];
};

/** What is alive by stack, as samples tell. */
export interface SampledAllocations {
  /** Bytes between two samples, on average. */
  readonly every_bytes: number;
  readonly head: AllocationNode;
}

/** What the agent of a Node program answers. */
export interface JsMemory extends ProcessMemory {
  /** What is alive by the stack that has allocated it, estimated from samples: only after a collection, and if they are taken. */
  readonly allocations?: SampledAllocations;
}

/** What a Python agent answers: what is alive after a collection, objects and bytes by type. */
export interface PythonObjects {
  readonly bytes: number;
  /** Those of objects of up to 512 bytes, which Python takes from arenas of its own; larger ones are in malloc. */
  readonly small_bytes: number;
  readonly kinds: Readonly<Record<string, readonly [count: number, bytes: number]>>;
}

/**
 * What the bench asks for: `m`emory, or to collect the `g`arbage first. The answer is a line with the JSON of a
 * `JsMemory`, or of `PythonObjects`; Python's objects are counted after a collection only. Only
 * Python can be asked to `t`rim its malloc, which answers whether it has.
 */
export type AgentRequest = 'm' | 'g' | 't';
