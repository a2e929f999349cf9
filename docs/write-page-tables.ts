/** Entry of `npm run docs`: brings what the pages have from the code up to date. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../program/package.js';
import { insertTables, pageTables } from './page-tables.js';
import { makeSchemas, schemaFolder } from './schemas.js';

mkdirSync(schemaFolder, { recursive: true });
for (const [name, text] of makeSchemas()) writeFileSync(join(schemaFolder, name), text);

for (const [page, tables] of Object.entries(pageTables)) {
  const path = join(packageFolder, 'docs', page);
  writeFileSync(path, insertTables(readFileSync(path, 'utf8'), tables));
}
