import { formatCount } from '../../program/quantities.js';
import { largestFitting } from '../../machine/memory-need.js';
import { checkFiles } from './checks/file-checks.js';
import { checkMemory } from './checks/memory-checks.js';
import { checkNetwork } from './checks/network-checks.js';
import { checkProcesses } from './checks/process-checks.js';
import { checkPrograms } from './checks/program-checks.js';
import type { Finding } from './checks/finding.js';
import type { MachineFacts } from './checks/machine-facts.js';
import { planIfPossible, type RunDemand } from './checks/process-plan.js';

/** All that the doctor has to say. */
export interface Examination {
  readonly connections: number;
  readonly findings: readonly Finding[];
  /** Whether nothing stops the run. */
  readonly can_run: boolean;
  /** The largest number of connections that nothing stops. */
  readonly largest: number;
}

/** Examines a machine for a run. */
export function examine(facts: MachineFacts, demand: RunDemand): Examination {
  const findings = checkMachine(facts, demand);
  return {
    connections: demand.connections,
    findings,
    can_run: findings.every(({ state }) => state !== 'not ok'),
    largest: findLargest(facts, demand),
  };
}

/** A sign for each state, so that nothing hangs on words alone. */
const marks: Readonly<Record<Finding['state'], string>> = {
  ok: '✓ ok',
  tight: '! tight',
  'not ok': '✗ not ok',
  unknown: '? unknown',
};

/** Columns before the name of a limit. */
const markWidth = 10;

/** Writes an examination for people: each limit with what it is, what is here and needed, and what lifts it. */
export function formatExamination(examination: Examination): string {
  return [
    ...examination.findings.map((finding) => formatFinding(finding, widthOfNames(examination))),
    formatConclusion(examination),
    ...(examination.findings.some(({ remedies }) => remedies.some(isSysctl))
      ? [
          'sysctl -w lasts until the next start; for good: the same setting in /etc/sysctl.d/90-tidemark.conf',
        ]
      : []),
  ].join('\n');
}

/** Says in one sentence whether the run can be, and if not, what stops it and what can be. */
export function formatConclusion({ connections, findings, can_run, largest }: Examination): string {
  const count = formatCount(connections);
  const tight = findings.filter(({ state }) => state === 'tight').length;
  if (can_run) {
    const doubts =
      tight === 0 ? '' : `; ${formatCount(tight)} ${tight === 1 ? 'limit is' : 'limits are'} tight`;
    return `${count} connections can be opened here${doubts}; the most is about ${formatCount(roundDown(largest))}`;
  }
  const enough =
    largest === 0 ? '' : `, which is enough for about ${formatCount(roundDown(largest))}`;
  return `Cannot open ${count} connections: ${describeObstacles(findings)}${enough}`;
}

function describeObstacles(findings: readonly Finding[]): string {
  return findings
    .filter(({ state }) => state === 'not ok')
    .map(({ limit, here, needed }) => `${limit}: ${here}, needed ${needed}`)
    .join('; ');
}

/** Three digits say all that is known of a limit that rests on estimates. */
function roundDown(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 2);
  return Math.floor(count / step) * step;
}

function widthOfNames({ findings }: Examination): number {
  return Math.max(...findings.map(({ limit }) => limit.length));
}

function formatFinding(finding: Finding, width: number): string {
  const { limit, meaning, here, needed, state, remedies } = finding;
  const figures = needed === '' ? here : `${here}; needed: ${needed}`;
  const indent = ' '.repeat(markWidth);
  return [
    `${marks[state].padEnd(markWidth)}${limit.padEnd(width)}  ${figures}`,
    `${indent}${meaning}`,
    ...remedies.map((remedy) => `${indent}→ ${remedy}`),
  ].join('\n');
}

function isSysctl(remedy: string): boolean {
  return remedy.includes('sysctl -w');
}

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
