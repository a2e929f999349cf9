import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import { countDescriptors, readProcessTree } from '../../machine/procfs/read-procfs.js';
import { readTreeCost } from '../peers/tree-cost.js';

/** How long a server may take to close its side of connections, in milliseconds. */
const closeTimeoutMs = 2000;

/** How often to look, in milliseconds. */
const lookEveryMs = 5;

/** Reads what a server holds when it is at rest. Its Node processes have agents, by which they collect their garbage. */
export class ServerMemory {
  readonly #rootPid: number;
  readonly #agents: AgentClients;
  #restDescriptors = 0;

  constructor(rootPid: number, agents: AgentClients) {
    this.#rootPid = rootPid;
    this.#agents = agents;
  }

  /** Processes of the server that run now. */
  get pids(): readonly number[] {
    return readProcessTree([this.#rootPid]);
  }

  /** Notes how many files the server has open without connections. To be called before the first one. */
  async start(): Promise<void> {
    await this.#collect();
    this.#restDescriptors = countDescriptors(this.pids) ?? 0;
  }

  /** Waits until connections are closed on the server's side too, has it collect its garbage, and reads; in bytes. */
  async read(): Promise<{ readonly privateBytes: number; readonly liveBytes: number }> {
    for (let waited = 0; waited < closeTimeoutMs; waited += lookEveryMs) {
      if ((countDescriptors(this.pids) ?? 0) <= this.#restDescriptors) break;
      await sleep(lookEveryMs);
    }
    const liveBytes = await this.#collect();
    return { liveBytes, privateBytes: readTreeCost(this.#rootPid).privateBytes };
  }

  async #collect(): Promise<number> {
    // What has a finalizer is freed by the second collection.
    await this.#agents.collectGarbage('js', this.pids);
    const held = await this.#agents.collectGarbage('js', this.pids);
    let bytes = 0;
    for (const each of held.values())
      bytes += each.js_heap_used_bytes + each.js_array_buffers_bytes;
    return bytes;
  }
}
