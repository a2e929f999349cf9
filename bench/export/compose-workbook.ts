import type { Document } from '../../program/document-fields.js';
import type { WholeRun } from '../results/read-run.js';
import { sampleColumns, workerColumns } from '../results/sample-columns.js';
import { makeChartsSheet } from './charts-sheet.js';
import type { Sheet } from './ooxml/workbook.js';
import { makeAboveBaselineSheet, makeFloorSheet } from './computed-sheets.js';
import { makeSummarySheet } from './summary-sheet.js';
import { makeTableSheet } from './sheet.js';

/** Composes the sheets of a run in their order. `schema` is the JSON Schema of its summary.json. */
export function composeWorkbook(run: WholeRun, schema: Document): Sheet[] {
  const samples = makeTableSheet('samples', sampleColumns, run.rows);
  const aboveBaseline = makeAboveBaselineSheet(run);
  const floors = makeFloorSheet(run);
  return [
    makeSummarySheet(run, schema),
    makeChartsSheet({ samples, aboveBaseline, floors }),
    samples,
    makeTableSheet('workers', workerColumns, run.workers),
    ...[aboveBaseline, floors].flatMap((computed) =>
      computed === undefined ? [] : [computed.sheet],
    ),
  ];
}
