import { join } from 'node:path';
import { buildGenerator, getProgramFromFiles } from 'typescript-json-schema';
import { packageFolder, readPackage } from '../program/package.js';

/** A document of ours that other programs read. */
interface PublishedDocument {
  /** Its type, in the source file that defines it. */
  readonly type: string;
  readonly source: string;
  readonly title: string;
}

/** By the name of their schemas in `schema/`. */
const documents: Readonly<Record<string, PublishedDocument>> = {
  'summary.schema.json': {
    type: 'RunSummary',
    source: 'bench/results/summary.ts',
    title: 'summary.json of a run of tidemark bench',
  },
  'environment.schema.json': {
    type: 'Environment',
    source: 'bench/results/environment.ts',
    title: 'environment.json of a run of tidemark bench',
  },
  'report-line.schema.json': {
    type: 'ReportLine',
    source: 'loadgen/report/report-lines.ts',
    title: 'one line of tidemark loadgen --json-lines',
  },
  'server-stats.schema.json': {
    type: 'StatsDocument',
    source: 'server/documents.ts',
    title: 'GET /stats on the admin port of tidemark server',
  },
};

/** A part of a JSON Schema, as far as this looks into it. */
type Schema = Readonly<Record<string, unknown>>;

/** Folder of the schemas in the package. */
export const schemaFolder = join(packageFolder, 'schema');

/**
 * Makes the JSON Schemas (draft 7) of the documents that other programs read from their TypeScript types, so that there is one home
 * for each field and its meaning. Fields that are not listed are allowed: a later version may have more.
 * @returns the texts, by the names of their files
 * @throws {Error} if a type can't be found or understood.
 */
export function makeSchemas(): ReadonlyMap<string, string> {
  const files = Object.values(documents).map(({ source }) => join(packageFolder, source));
  const program = getProgramFromFiles(files, { strict: true, skipLibCheck: true }, packageFolder);
  const generator = buildGenerator(program, { required: true, ignoreErrors: true });
  if (generator === null) throw new Error('The schemas can’t be made: the sources do not compile');
  return new Map(
    Object.entries(documents).map(([name, { type, title }]) => {
      const { definitions = {}, ...schema } = generator.getSchemaForSymbol(type);
      const whole = inline(schema, definitions as Readonly<Record<string, Schema>>);
      const { version } = readPackage();
      const head = { $schema: 'http://json-schema.org/draft-07/schema#', title };
      return [
        name,
        `${JSON.stringify({ ...head, $comment: `Tidemark ${version}`, ...whole }, null, 2)}\n`,
      ];
    }),
  );
}

/** Puts definitions where they are referred to: their names are those of types and paths of ours, and none refers to itself. */
function inline(value: Schema, definitions: Readonly<Record<string, Schema>>): Schema {
  const { $ref: reference, ...others } = value;
  const name =
    typeof reference === 'string'
      ? decodeURIComponent(reference.replace('#/definitions/', ''))
      : undefined;
  const base = name === undefined ? {} : inline(definitions[name] ?? {}, definitions);
  const own = Object.entries(others).map(([key, part]) => [key, inlinePart(part, definitions)]);
  return { ...base, ...(Object.fromEntries(own) as Schema) };
}

function inlinePart(part: unknown, definitions: Readonly<Record<string, Schema>>): unknown {
  if (Array.isArray(part)) return part.map((each) => inlinePart(each, definitions));
  return typeof part === 'object' && part !== null ? inline(part as Schema, definitions) : part;
}
