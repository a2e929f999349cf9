/** What each part begins with. */
export const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const officeDocument = 'http://schemas.openxmlformats.org/officeDocument/2006';
const drawing = 'http://schemas.openxmlformats.org/drawingml/2006';

/** Names of the vocabularies of a workbook (ECMA-376, part 1, annex A). */
export const namespaces = {
  sheet: 'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
  relations: `${officeDocument}/relationships`,
  drawing: `${drawing}/main`,
  sheetDrawing: `${drawing}/spreadsheetDrawing`,
  chart: `${drawing}/chart`,
  packageRelations: 'http://schemas.openxmlformats.org/package/2006/relationships',
  contentTypes: 'http://schemas.openxmlformats.org/package/2006/content-types',
} as const;
