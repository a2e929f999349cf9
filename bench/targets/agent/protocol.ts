/** Environment variable that tells the agent in which folder its socket belongs. */
export const agentFolderVariable = 'TIDEMARK_AGENT_FOLDER';

/** Returns the name of the socket of a process. */
export function agentSocketName(pid: number): string {
  return `${pid}.sock`;
}

/**
 * What the bench asks for: `m`emory, or to collect the `g`arbage first. The answer is a line with the JSON of a
 * `ProcessMemory`.
 */
export type AgentRequest = 'm' | 'g';
