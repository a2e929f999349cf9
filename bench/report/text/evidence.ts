import type { MemoryFigure, MemoryFigures } from '../../results/wave-figures.js';
import { formatValue } from '../embedded/format-value.js';
import type { StoredRun } from '../../results/read-run.js';
import type { RunFacts } from '../facts/run-facts.js';

/** Writes what the verdict on the whole rests on: floors, noise, slope and chance; each a sentence. */
export function writeEvidence(run: StoredRun, facts: RunFacts): string[] {
  const [whole] = facts.judgements;
  if (whole === undefined) return [];
  return [
    ...describeFloors(facts),
    ...(whole.noise_bytes === undefined
      ? []
      : [`Differences up to ${bytes(whole.noise_bytes)} are taken for noise.`]),
    ...(whole.growth_bytes_per_connection === undefined
      ? []
      : [
          `From floor to floor the memory changes by ${bytes(whole.growth_bytes_per_connection)} per connection opened (95 % interval ${bytes(whole.growth_bytes_per_connection_low)} to ${bytes(whole.growth_bytes_per_connection_high)}).`,
        ]),
    ...(whole.rise_p === undefined
      ? []
      : [
          `Of floors in random order, ${formatValue(whole.rise_p * 100, 'percent')} would rise as consistently (Mann–Kendall test; up to 5 % counts as a rise).`,
        ]),
    ...describeGarbage(run),
  ];
}

function describeFloors({ baseline, waves }: RunFacts): string[] {
  const floors = [baseline, ...waves.map(({ floor }) => floor)];
  const figure: MemoryFigure = baseline.private_bytes === undefined ? 'rss_bytes' : 'private_bytes';
  const known = floors.filter((floor): floor is MemoryFigures => floor[figure] !== undefined);
  if (known.length < 2) return [];
  // A run of many waves is told by its ends; the table has them all.
  const shown = known.length <= 12 ? known : [...known.slice(0, 6), undefined, ...known.slice(-5)];
  const path = shown.map((floor) => (floor === undefined ? '…' : bytes(floor[figure]))).join(' → ');
  const name = figure === 'private_bytes' ? 'Private' : 'Resident';
  return [`${name} memory at the floors, from the baseline on: ${path}.`];
}

function describeGarbage({ summary }: StoredRun): string[] {
  if (summary?.floors_after_gc === undefined) return [];
  return [
    summary.floors_after_gc
      ? 'Garbage was collected before each floor was read.'
      : 'Garbage was not collected before the floors were read, so that some of what stays may be garbage.',
  ];
}

function bytes(value: number | undefined): string {
  return formatValue(value, 'bytes');
}
