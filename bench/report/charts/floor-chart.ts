import type { MemoryFigure, MemoryFigures } from '../../results/wave-figures.js';
import type { SeriesDefinition } from '../embedded/report-document.js';
import type { RunFacts } from '../facts/run-facts.js';
import type { Chart } from './chart.js';
import { type OwnerLook, privateOwners, undividedMemory } from './memory-owners.js';

/** Makes the chart of the floors: private memory with no connection open, before the first wave (0) and after each. */
export function makeFloorChart({ baseline, waves }: RunFacts): Chart | undefined {
  const floors = [baseline, ...waves.map(({ floor }) => floor)];
  const isSplit = floors.some((floor) => floor.private_bytes !== undefined);
  const owners: Readonly<Partial<Record<MemoryFigure, OwnerLook>>> = isSplit
    ? privateOwners
    : { rss_bytes: undividedMemory };
  const series = Object.entries(owners)
    .map(([column, look]): SeriesDefinition => ({
      column,
      ...look,
      unit: 'bytes',
      form: 'bar',
      axis: 'left',
    }))
    .filter(({ column }) => valuesOf(floors, column).some((value) => (value ?? 0) !== 0));
  if (series.length === 0) return undefined;
  return {
    definition: {
      id: 'floors',
      kind: 'wave',
      title: 'Floors',
      description: isSplit
        ? 'Private memory with no connection open, before the first wave and at the end of each rest. Steps up that go on are a leak; one step that stays is a pool.'
        : 'Resident memory with no connection open, before the first wave and at the end of each rest. It could not be split here.',
      table: 'floors',
      x: 'wave',
      leftUnit: 'bytes',
      heightPixels: 240,
      series,
    },
    columns: {
      wave: [0, ...waves.map(({ wave }) => wave)],
      ...Object.fromEntries(series.map(({ column }) => [column, valuesOf(floors, column)])),
    },
  };
}

function valuesOf(floors: readonly MemoryFigures[], column: string): (number | undefined)[] {
  return floors.map((floor) => Object.entries(floor).find(([name]) => name === column)?.[1]);
}
