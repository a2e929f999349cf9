import { strToU8, zipSync } from 'fflate';
import { escapeHtml } from '../../report/html/html.js';
import { chartXml, drawingXml } from './chart-xml.js';
import { sheetXml, stylesXml } from './sheet-xml.js';
import type { Sheet } from './workbook.js';
import { declaration, namespaces } from './xml.js';

/** A part of the package: what it is, for its content type, and its text. */
interface Part {
  readonly type: string;
  readonly text: string;
}

const typesBegin = 'application/vnd.openxmlformats-officedocument.';
const partTypes = {
  workbook: `${typesBegin}spreadsheetml.sheet.main+xml`,
  sheet: `${typesBegin}spreadsheetml.worksheet+xml`,
  styles: `${typesBegin}spreadsheetml.styles+xml`,
  drawing: `${typesBegin}drawing+xml`,
  chart: `${typesBegin}drawingml.chart+xml`,
  relations: 'application/vnd.openxmlformats-package.relationships+xml',
} as const;

/** Writes a workbook as the bytes of an .xlsx file: a zip of XML parts (ECMA-376, part 2). The same sheets give the same bytes. */
export function packWorkbook(sheets: readonly Sheet[]): Uint8Array {
  const parts = new Map<string, Part>();
  const add = (path: string, type: keyof typeof partTypes, text: string): void => {
    parts.set(path, { type: partTypes[type], text });
  };
  add('_rels/.rels', 'relations', relationsXml([['officeDocument', 'xl/workbook.xml']]));
  add('xl/workbook.xml', 'workbook', workbookXml(sheets));
  add('xl/styles.xml', 'styles', stylesXml);
  add(
    'xl/_rels/workbook.xml.rels',
    'relations',
    relationsXml([
      ...sheets.map((_, index) => ['worksheet', `worksheets/sheet${index + 1}.xml`] as const),
      ['styles', 'styles.xml'],
    ]),
  );
  let chartNumber = 0;
  for (const [index, sheet] of sheets.entries()) {
    const number = index + 1;
    add(`xl/worksheets/sheet${number}.xml`, 'sheet', sheetXml(sheet));
    if (sheet.charts.length === 0) continue;
    const names = sheet.charts.map((chart) => {
      const name = `chart${++chartNumber}.xml`;
      add(`xl/charts/${name}`, 'chart', chartXml(chart));
      return ['chart', `../charts/${name}`] as const;
    });
    const drawing = `drawing${number}.xml`;
    const toDrawing = relationsXml([['drawing', `../drawings/${drawing}`]]);
    add(`xl/worksheets/_rels/sheet${number}.xml.rels`, 'relations', toDrawing);
    add(`xl/drawings/${drawing}`, 'drawing', drawingXml(sheet.charts));
    add(`xl/drawings/_rels/${drawing}.rels`, 'relations', relationsXml(names));
  }
  const files: Record<string, Uint8Array> = {
    '[Content_Types].xml': strToU8(contentTypesXml(parts)),
  };
  for (const [path, { text }] of parts) files[path] = strToU8(text);
  // The oldest time that a zip can have: the time of writing tells nothing.
  return zipSync(files, { mtime: new Date(1980, 0, 1, 12) });
}

function workbookXml(sheets: readonly Sheet[]): string {
  const list = sheets.map(
    ({ name }, index) =>
      `<sheet name="${escapeHtml(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  const titles = sheets.flatMap(({ name, headRows }, index) =>
    headRows === 0
      ? []
      : [
          `<definedName name="_xlnm.Print_Titles" localSheetId="${index}">'${escapeHtml(name)}'!$1:$${headRows}</definedName>`,
        ],
  );
  const names = titles.length === 0 ? '' : `<definedNames>${titles.join('')}</definedNames>`;
  return `${declaration}<workbook xmlns="${namespaces.sheet}" xmlns:r="${namespaces.relations}"><sheets>${list.join('')}</sheets>${names}</workbook>`;
}

/** The n-th is called `rId<n>`. */
function relationsXml(targets: readonly (readonly [type: string, target: string])[]): string {
  const list = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${namespaces.relations}/${type}" Target="${target}"/>`,
  );
  return `${declaration}<Relationships xmlns="${namespaces.packageRelations}">${list.join('')}</Relationships>`;
}

function contentTypesXml(parts: ReadonlyMap<string, Part>): string {
  const list = [...parts]
    .filter(([, { type }]) => type !== partTypes.relations)
    .map(([path, { type }]) => `<Override PartName="/${path}" ContentType="${type}"/>`);
  return `${declaration}<Types xmlns="${namespaces.contentTypes}"><Default Extension="rels" ContentType="${partTypes.relations}"/><Default Extension="xml" ContentType="application/xml"/>${list.join('')}</Types>`;
}
