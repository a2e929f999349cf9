import { column, type Row } from './sample-columns.js';

const counted = 'what was counted';

/** Columns of `sites.csv`: what a connection is made of and what stays of it, by kind and by where it was allocated. */
export const siteColumns = {
  source: column(
    'text',
    'bench',
    'What was asked: js_heap, jvm_heap, go_heap, python_objects or malloc',
  ),
  by: column(
    'text',
    'bench',
    'kind: a class, a type, or the size of a block in bytes; site: where it was allocated. The same bytes may be in a row of each',
  ),
  name: column(
    'foreign text',
    counted,
    'Of a site: function, file and line, then its callers, joined by " < "',
  ),
  state: column(
    'text',
    'bench',
    'Of a size of block: the library state it is part of, where all blocks of that are there',
  ),
  hold_count_per_connection: column(
    'decimal',
    counted,
    '(first hold − baseline) ÷ open connections; empty for sites that samples tell, in bytes only',
  ),
  hold_bytes_per_connection: column('decimal', counted, 'The same in bytes'),
  stays_count_per_connection: column(
    'decimal',
    counted,
    '(last floor − first floor) ÷ connections opened in between; empty with fewer than two floors, and for sites that samples tell',
  ),
  stays_bytes_per_connection: column('decimal', counted, 'The same in bytes'),
} as const;

/** A row of `sites.csv`. */
export type SiteRow = Row<typeof siteColumns>;
