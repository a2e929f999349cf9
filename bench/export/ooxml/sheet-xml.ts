import { escapeHtml } from '../../report/html/html.js';
import { cellText } from './cell-text.js';
import { lettersOf, type Sheet, type SheetValue } from './workbook.js';
import { declaration, namespaces } from './xml.js';

/** Numbers of the styles in {@link stylesXml}. */
const styles = { usual: 0, bold: 1, time: 2 } as const;

/** Days from the beginning of a spreadsheet's calendar to that of Unix, and milliseconds of a day. */
const daysBefore1970 = 25_569;
const dayMs = 86_400_000;

/** How times are shown, to the millisecond and in any language. */
export const timeFormat = 'yyyy-mm-dd hh:mm:ss.000';

/** The styles that cells refer to by number (ECMA-376, part 1, section 18.8). */
export const stylesXml = `${declaration}<styleSheet xmlns="${namespaces.sheet}"><numFmts count="1"><numFmt numFmtId="164" formatCode="${timeFormat}"/></numFmts><fonts count="2"><font><sz val="10"/><name val="Liberation Sans"/></font><font><b/><sz val="10"/><name val="Liberation Sans"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`;

/** Writes a sheet (ECMA-376, part 1, section 18.3). Texts stand in their cells, typed as such: none is ever a formula. */
export function sheetXml({ rows, headRows, widthsCharacters, charts }: Sheet): string {
  const frozen =
    headRows === 0
      ? ''
      : `<pane ySplit="${headRows}" topLeftCell="A${headRows + 1}" activePane="bottomLeft" state="frozen"/>`;
  const widths = widthsCharacters
    .map((width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`)
    .join('');
  const breaks = charts
    .slice(1)
    .map(({ place }) => `<brk id="${place.row - 1}" max="16383" man="1"/>`);
  return [
    `${declaration}<worksheet xmlns="${namespaces.sheet}" xmlns:r="${namespaces.relations}">`,
    `<sheetViews><sheetView workbookViewId="0">${frozen}</sheetView></sheetViews>`,
    widths === '' ? '' : `<cols>${widths}</cols>`,
    `<sheetData>${rows.map((row, index) => rowXml(row, index + 1, headRows)).join('')}</sheetData>`,
    '<pageSetup paperSize="9" orientation="landscape"/>',
    breaks.length === 0
      ? ''
      : `<rowBreaks count="${breaks.length}" manualBreakCount="${breaks.length}">${breaks.join('')}</rowBreaks>`,
    charts.length === 0 ? '' : '<drawing r:id="rId1"/>',
    '</worksheet>',
  ].join('');
}

function rowXml(row: readonly SheetValue[], number: number, headRows: number): string {
  const textStyle = number === 1 && headRows > 0 ? styles.bold : styles.usual;
  const cells = row.map((value, column) =>
    cellXml(value, `${lettersOf(column)}${number}`, textStyle),
  );
  return `<row r="${number}">${cells.join('')}</row>`;
}

function cellXml(value: SheetValue, at: string, textStyle: number): string {
  if (value === undefined || value === '') return '';
  if (typeof value === 'number') {
    return Number.isFinite(value) ? `<c r="${at}"><v>${value}</v></c>` : '';
  }
  if (typeof value === 'boolean') return `<c r="${at}" t="b"><v>${value ? 1 : 0}</v></c>`;
  if (value instanceof Date) {
    const days = value.getTime() / dayMs + daysBefore1970;
    return `<c r="${at}" s="${styles.time}"><v>${days}</v></c>`;
  }
  const text = escapeHtml(cellText(value));
  return `<c r="${at}" s="${textStyle}" t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
}
