/** Entry of `npm run docs`: brings what the pages have from the code up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../program/package.js';
import { insertTables, pageTables } from './page-tables.js';

for (const [page, tables] of Object.entries(pageTables)) {
  const path = join(packageFolder, 'docs', page);
  writeFileSync(path, insertTables(readFileSync(path, 'utf8'), tables));
}
