import { type Document, documentOf, isDocument, isText } from '../../program/document-fields.js';
import type { WholeRun } from '../results/read-run.js';
import { unitOfName } from '../results/unit-of-name.js';
import type { Sheet, SheetValue } from './ooxml/workbook.js';
import { makeSheet, type SheetColumn, timeOf, timeWidthCharacters } from './sheet.js';

/** Histograms are for programs: each is a text of thousands of characters. */
const leftOut: readonly string[] = ['latency_histograms'];

/** The fields that hold a time, at any depth. Others are texts, whatever they look like. */
const timeFields: readonly string[] = ['started_at', 'at'];

const columns: readonly SheetColumn[] = [
  { name: 'field', unit: 'of summary.json', widthCharacters: 48 },
  { name: 'value', unit: '', widthCharacters: timeWidthCharacters },
  { name: 'unit', unit: '', widthCharacters: 22 },
  { name: 'meaning', unit: '', widthCharacters: 100 },
];

/**
 * Makes the sheet of the summary: a row for each value in summary.json, and what could not be read above them. `schema` is the
 * JSON Schema of the document, which has the meanings.
 */
export function makeSummarySheet(run: WholeRun, schema: Document): Sheet {
  const { summaryDocument: document } = run;
  const problems = [
    ...(document === undefined
      ? ['There is no summary of this run that can be read: it was cut short.']
      : []),
    ...(run.isCut ? ['The last row of samples.csv is not whole, and was left out.'] : []),
    ...run.problems,
  ];
  const shown = Object.entries(document ?? {}).filter(([name]) => !leftOut.includes(name));
  const isPlain = ([, value]: readonly [string, unknown]): boolean => typeof value !== 'object';
  // What most people look for stands in plain fields; what is in lists can be thousands of rows.
  const sorted = [...shown.filter(isPlain), ...shown.filter((entry) => !isPlain(entry))];
  return makeSheet('summary', columns, [
    ...problems.map((problem): SheetValue[] => ['problem', problem]),
    ...rowsOf(Object.fromEntries(sorted), '', '', schema),
  ]);
}

/** Returns the rows of a value at a path, and of all within it. */
function rowsOf(value: unknown, path: string, name: string, schema: Document): SheetValue[][] {
  if (Array.isArray(value)) {
    const items = documentOf(schema['items']);
    return value.flatMap((item, index) => rowsOf(item, `${path}[${index}]`, name, items));
  }
  if (isDocument(value)) {
    return Object.entries(value).flatMap(([field, inner]) =>
      rowsOf(inner, path === '' ? field : `${path}.${field}`, field, partOf(schema, field)),
    );
  }
  const { description } = schema;
  const cell = valueOf(value, name);
  const unit = typeof cell === 'number' ? unitOfName(path) : cell instanceof Date ? 'UTC' : '';
  return cell === undefined ? [] : [[path, cell, unit, isText(description) ? description : '']];
}

function valueOf(value: unknown, name: string): SheetValue {
  if (isText(value)) return timeFields.includes(name) ? timeOf(value) : value;
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

function partOf(schema: Document, field: string): Document {
  const named = documentOf(schema['properties'])[field];
  return documentOf(named ?? schema['additionalProperties']);
}
