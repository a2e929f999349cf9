import { bytesOrDash, formatBytes } from '../../program/quantities.js';
import { newTable } from '../terminal/fitting-table.js';
import { type InsideOwner, insideOwners, owners } from '../results/owners.js';
import type { BytesByOwner } from './cell-result.js';
import type { Diagnosis } from './diagnosis.js';
import { factorKeys } from './factors.js';

/** Writes a diagnosis for people: the cells, what each factor explains, and the conclusions. */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  const measured = diagnosis.cells.filter((cell) => cell.state === 'measured');
  const known = insideOwners.filter((owner) =>
    measured.some(({ held }) => held[owner] !== undefined),
  );
  return [
    `Private memory of ${diagnosis.target} per connection, with ${diagnosis.connections} open:`,
    cellTable(diagnosis, known),
    effectTable(diagnosis, known),
    ...diagnosis.conclusions,
  ].join('\n');
}

function cellTable({ cells }: Diagnosis, known: readonly InsideOwner[]): string {
  const heads = ['whole', ...known.map((owner) => owners[owner].label), 'stays'];
  const varied = factorKeys.filter(
    (factor) => new Set(cells.map(({ levels }) => levels[factor])).size > 1,
  );
  const table = newTable([...varied, ...heads]);
  for (const cell of cells) {
    const figures =
      cell.state === 'measured'
        ? [...bytesOf(cell.held, known), formatBytes(cell.kept.whole)]
        : [{ colSpan: heads.length, content: `${cell.state}: ${cell.reason}` }];
    table.push([...varied.map((factor) => cell.levels[factor]), ...figures]);
  }
  return table.toString();
}

function effectTable({ effects }: Diagnosis, known: readonly InsideOwner[]): string {
  const heads = ['whole', ...known.map((owner) => owners[owner].label)];
  const table = newTable(['factor', 'level', ...heads]);
  for (const { factor, means, explained } of effects) {
    for (const { level, held } of means) table.push([factor, level, ...bytesOf(held, known)]);
    table.push([factor, 'explains', ...bytesOf(explained, known)]);
  }
  return table.toString();
}

function bytesOf(bytes: BytesByOwner, known: readonly InsideOwner[]): string[] {
  return [bytes.whole, ...known.map((owner) => bytes[owner])].map(bytesOrDash);
}
