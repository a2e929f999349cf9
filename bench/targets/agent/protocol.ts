import type { AllocationNode, ProcessMemory } from '../../../machine/v8.js';

/** Environment variable that tells the agent which folder its socket belongs in. */
export const agentFolderVariable = 'TIDEMARK_AGENT_FOLDER';

/** Environment variable that makes the agent of a Node program sample what it allocates: bytes between samples, on average. */
export const samplingVariable = 'TIDEMARK_AGENT_SAMPLING_BYTES';

/**
 * Environment variable that makes an agent give the children of its program more variables, as JSON: those of a library that
 * removes them from the environment of each program that it is loaded into.
 */
export const childVariablesVariable = 'TIDEMARK_AGENT_CHILD_VARIABLES';

/** Environment variable that makes the agent of a Node program write a heap snapshot after each collection, if it is set. */
export const snapshotsVariable = 'TIDEMARK_AGENT_SNAPSHOTS';

/** Languages whose programs can have an agent. */
export type AgentLanguage = 'js' | 'py';

/** Returns the name of the socket of a process. */
export function agentSocketName(pid: number, language: AgentLanguage): string {
  return `${pid}.${language}.sock`;
}

/** What is alive, by stack, according to samples. */
export interface SampledAllocations {
  /** Bytes between two samples, on average. */
  readonly every_bytes: number;
  readonly head: AllocationNode;
}

/** What the agent of a Node program answers. */
export interface JsMemory extends ProcessMemory {
  /** What is alive, by the stack that allocated it, estimated from samples: only after a collection, and if samples are taken. */
  readonly allocations?: SampledAllocations;
  /** File of a heap snapshot, for the bench to read and remove: only after a collection, and if snapshots are taken. */
  readonly snapshot?: string;
}

/**
 * Environment variable that makes the agent of a Python program trace what it allocates (`tracemalloc`): frames that it keeps
 * of each stack.
 */
export const pythonFramesVariable = 'TIDEMARK_AGENT_PYTHON_FRAMES';

/** What is alive in a Python program by the stack that has allocated it. */
export interface PythonTraces {
  readonly lines: readonly (readonly [path: string, line: number])[];
  /** Of each stack its lines, as indexes of the above, the one that allocated first; and what it has allocated. */
  readonly stacks: readonly (readonly [stack: readonly number[], blocks: number, bytes: number])[];
}

/** What a Python agent answers: what is alive after a collection, objects and bytes by type, and if it traces, by stack too. */
export interface PythonObjects {
  readonly bytes: number;
  /** Bytes of objects of up to 512 bytes, which Python takes from its own arenas; larger ones are in malloc. */
  readonly small_bytes: number;
  readonly kinds: Readonly<Record<string, readonly [count: number, bytes: number]>>;
  /** Missing if it does not trace. */
  readonly traces?: PythonTraces;
}

/**
 * What the bench asks for: `m`emory, or to collect the `g`arbage first. The answer is a line with the JSON of a
 * `JsMemory`, or of `PythonObjects`; Python's objects are counted only after a collection. Only
 * Python can be asked to `t`rim its malloc; it answers whether it did.
 */
export type AgentRequest = 'm' | 'g' | 't';
