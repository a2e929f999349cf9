import { formatBytes } from '../../options/quantities.js';
import { newTable } from '../tables.js';
import { type BytesByOwner, insideOwners } from './cell-result.js';
import type { Diagnosis } from './diagnosis.js';

const ownerHeads = ['whole', 'JS heap', 'runtime heap', 'malloc', 'other'];

/** Writes a diagnosis for people: the cells, what each factor explains, and the conclusions. */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  return [cellTable(diagnosis), effectTable(diagnosis), '', ...diagnosis.conclusions].join('\n');
}

function cellTable({ cells }: Diagnosis): string {
  const table = newTable([
    'greeting',
    'deflate',
    'allocator',
    ...ownerHeads.map((head) => `${head} /conn`),
    'stays /conn',
  ]);
  for (const cell of cells) {
    const { greeting, deflate, allocator } = cell.levels;
    const figures =
      cell.state === 'failed'
        ? [{ colSpan: ownerHeads.length + 1, content: `failed: ${cell.reason}` }]
        : [...bytesOf(cell.held), formatBytes(cell.kept.whole)];
    table.push([greeting, deflate, allocator, ...figures]);
  }
  return table.toString();
}

function effectTable({ effects }: Diagnosis): string {
  const table = newTable(['factor', 'level', ...ownerHeads.map((head) => `${head} /conn`)]);
  for (const { factor, means, explained } of effects) {
    for (const { level, held } of means) table.push([factor, level, ...bytesOf(held)]);
    table.push([factor, 'explains', ...bytesOf(explained)]);
  }
  return table.toString();
}

function bytesOf(bytes: BytesByOwner): string[] {
  return [bytes.whole, ...insideOwners.map((owner) => bytes[owner])].map((value) =>
    value === undefined ? '–' : formatBytes(value),
  );
}
