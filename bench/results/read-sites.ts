import { parse } from 'csv-parse/sync';
import { readNumber } from './read-samples.js';
import { type SiteRow, siteColumns } from './site-columns.js';

/** A row of a sites.csv that was read back. A figure that the run does not have is missing. */
export interface StoredSite {
  readonly source: string;
  readonly by: string;
  readonly name: string;
  readonly state: string;
  readonly heldPerConnection: number | undefined;
  readonly staysPerConnection: number | undefined;
}

/** Returns a row as it would be read back. */
export function storedSite(row: SiteRow): StoredSite {
  return {
    source: row.source,
    by: row.by,
    name: row.name,
    state: row.state,
    heldPerConnection: row.hold_bytes_per_connection,
    staysPerConnection: row.stays_bytes_per_connection,
  };
}

/**
 * Reads the text of sites.csv.
 * @throws {SyntaxError} if it has not the columns of one.
 */
export function parseSites(text: string): readonly StoredSite[] {
  const rows: readonly Readonly<Record<string, string>>[] = parse(text, { columns: true });
  const [first] = rows;
  const missing = Object.keys(siteColumns).filter(
    (name) => first !== undefined && !(name in first),
  );
  if (missing.length > 0) {
    throw new SyntaxError(`is not a sites.csv: it has no column ${missing.join(', ')}`);
  }
  return rows.map((row) => ({
    source: row['source'] ?? '',
    by: row['by'] ?? '',
    name: row['name'] ?? '',
    state: row['state'] ?? '',
    heldPerConnection: readNumber(row['hold_bytes_per_connection'] ?? ''),
    staysPerConnection: readNumber(row['stays_bytes_per_connection'] ?? ''),
  }));
}
