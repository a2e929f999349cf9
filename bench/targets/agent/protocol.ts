/** Environment variable that tells the agent in which folder its socket belongs. */
export const agentFolderVariable = 'TIDEMARK_AGENT_FOLDER';

/** Languages whose programs can have an agent. */
export type AgentLanguage = 'js' | 'py';

/** Returns the name of the socket of a process. */
export function agentSocketName(pid: number, language: AgentLanguage): string {
  return `${pid}.${language}.sock`;
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
 * `ProcessMemory`, or of `PythonObjects`; Python's objects are counted after a collection only. Only
 * Python can be asked to `t`rim its malloc, which answers whether it has.
 */
export type AgentRequest = 'm' | 'g' | 't';
