import { examine, findObstacles, formatConclusion } from './examination.js';
import { readMachineFacts } from './read-machine-facts.js';
import type { RunDemand, ServerPlace } from './checks/process-plan.js';
import { RunError } from '../../program/failure.js';
import { findNativeBinding } from '../../server/native-binding.js';
import type { BenchOptions } from '../options/bench-options.js';
import type { TargetChoice } from '../targets/target.js';

/** The options that decide what a run asks of the machine. */
type DemandOptions = Pick<
  BenchOptions,
  'connections' | 'rate' | 'target' | 'generators' | 'processes' | 'fillsInTurn'
>;

/**
 * Refuses a run that can't be carried through, before anything starts: our own server has to load, and the doctor must
 * find nothing that stops so many connections.
 * @throws {NoBindingError} if our own server can't run here.
 * @throws {RunError} if the machine can't open so many connections; the message says why, and how many it can.
 */
export function refuseTheImpossible(options: DemandOptions): void {
  const { target } = options;
  if (target.kind === 'bundled' && target.name === 'uws') findNativeBinding(target.uws);
  const demand = demandOf(options);
  const facts = readMachineFacts();
  // The most that can be is searched for only where it has to be said.
  if (findObstacles(facts, demand).length === 0) return;
  throw new RunError(
    `${formatConclusion(examine(facts, demand))}; tidemark doctor --connections ${demand.connections} says what lifts it`,
  );
}

/** Returns what a run asks of this machine. Generators that stand by elsewhere plan for their own. */
export function demandOf({
  connections,
  rate,
  target,
  generators,
  processes,
  fillsInTurn,
}: DemandOptions): RunDemand {
  const workers = target.kind === 'bundled' ? target.workers : 'auto';
  return {
    connections,
    rate,
    server: placeOf(target),
    holdsGenerator: generators.length === 0,
    fillsInTurn,
    ...(workers === 'auto' ? {} : { workers }),
    ...(processes === 'auto' ? {} : { generators: processes }),
  };
}

function placeOf(target: TargetChoice): ServerPlace {
  switch (target.kind) {
    case 'bundled':
      return target.name === 'uws' ? 'workers' : 'one process';
    case 'command':
      return 'started';
    case 'process':
      return 'running';
  }
}
