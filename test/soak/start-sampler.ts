import { fileURLToPath } from 'node:url';
import type { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import { startAnnouncedProgram } from '../../bench/targets/announced-program.js';
import { describeEnd } from '../../bench/targets/child-program.js';

/** What the sampler's process is to watch. */
export interface SamplerPlan {
  readonly url: string;
  readonly serverPid: number;
  /** Admin port of our server; undefined for a server that has none. */
  readonly adminUrl: string | undefined;
  readonly loadgenPids: readonly number[];
  readonly intervalMs: number;
  /** Where its rows go. */
  readonly folder: string;
}

/** The sampler's process under way. */
export interface SoakSampler {
  readonly pid: number;
  /** Settles with how it ended, in words. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<void>;
}

const samplerProgram = fileURLToPath(new URL('soak-sampler.js', import.meta.url));

const stopGraceMs = 10_000;

/**
 * Starts a sampler, with an agent.
 * @throws {RunError} if it does not start.
 */
export async function startSoakSampler(
  plan: SamplerPlan,
  agents: AgentClients,
): Promise<SoakSampler> {
  const { program } = await startAnnouncedProgram({
    name: 'sampler',
    command: process.execPath,
    args: [samplerProgram, JSON.stringify(plan)],
    hasChannel: true,
    environment: agents.environment,
  });
  return {
    pid: program.pid,
    ended: program.ended.then((end) => `the sampler ${describeEnd(end)}`),
    stop: async () => {
      await program.stop(stopGraceMs);
    },
  };
}
