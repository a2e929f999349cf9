/** Entry of `npm run docs`: brings the tables of README.md up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { insertTables, readmeTables } from './readme-tables.js';

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, insertTables(readFileSync(readme, 'utf8'), readmeTables));
