/** Entry of `npm run docs`: brings the tables of README.md up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { insertTables, readmeTables } from './readme-tables.js';
import { packageFolder } from '../options/package.js';

const readme = join(packageFolder, 'README.md');
writeFileSync(readme, insertTables(readFileSync(readme, 'utf8'), readmeTables));
