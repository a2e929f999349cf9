import { largestFitting } from '../../machine/memory-need.js';
import { checkFiles } from './checks/file-checks.js';
import { checkMemory } from './checks/memory-checks.js';
import { checkNetwork } from './checks/network-checks.js';
import { checkProcesses } from './checks/process-checks.js';
import { checkPrograms } from './checks/program-checks.js';
import type { Finding } from './finding.js';
import type { MachineFacts } from './machine-facts.js';
import { planIfPossible } from './process-plan.js';
import type { RunDemand } from './run-demand.js';

/** More than any machine holds, and few enough for whole numbers to stay exact. */
const mostConnections = 100_000_000;

/** Looks at every limit of a machine that a run may meet. */
export function checkMachine(facts: MachineFacts, demand: RunDemand): Finding[] {
  const plan = planIfPossible(demand, facts);
  return [
    ...checkFiles(facts, demand, plan),
    ...checkNetwork(facts, demand),
    ...checkMemory(facts, demand, plan),
    ...checkProcesses(facts, demand, plan),
    ...checkPrograms(facts, demand),
  ];
}

/** Returns what stops a run, in the order of the checks. */
export function findObstacles(facts: MachineFacts, demand: RunDemand): Finding[] {
  return checkMachine(facts, demand).filter(({ state }) => state === 'not ok');
}

/** Returns the largest number of connections that nothing stops, 0 if not even one can be opened. */
export function findLargest(facts: MachineFacts, demand: RunDemand): number {
  return largestFitting(
    mostConnections,
    (connections) =>
      connections === 0 || findObstacles(facts, { ...demand, connections }).length === 0,
  );
}
