import {
  documentOf,
  isDocument,
  isMeasured,
  isText,
  listOf,
  pick,
} from '../../program/document-fields.js';

const numberFields = [
  'cores',
  'memory_bytes',
  'available_memory_bytes',
  'memory_limit_bytes',
] as const;
const textFields = [
  'tidemark_version',
  'node_version',
  'kernel',
  'kernel_version',
  'distribution',
  'host',
  'processor',
] as const;
type TextTable = 'tidemark_variables' | 'versions' | 'dependencies' | 'kernel_settings';

type Texts = Readonly<Record<string, string>>;

/** What the report takes from an environment.json. What is unknown is missing. */
export interface StoredEnvironment
  extends
    Readonly<Partial<Record<(typeof numberFields)[number], number>>>,
    Readonly<Partial<Record<(typeof textFields)[number], string>>>,
    Readonly<Record<TextTable, Texts>> {
  readonly open_file_limit?: number | 'unlimited';
  readonly ephemeral_ports: readonly number[];
  readonly command_line: readonly string[];
}

/**
 * Takes what the report shows out of a parsed environment.json. A field of another type than it should have is left out.
 * @throws {RangeError} if it is no JSON object.
 */
export function parseStoredEnvironment(document: unknown): StoredEnvironment {
  if (!isDocument(document)) throw new RangeError('is no description of a machine');
  const { open_file_limit: files } = document;
  const textsOf = (name: TextTable): Texts => {
    const table = documentOf(document[name]);
    return pick(table, Object.keys(table), isText) as Texts;
  };
  return {
    ...pick(document, numberFields, isMeasured),
    ...pick(document, textFields, isText),
    ...(files === 'unlimited' || isMeasured(files) ? { open_file_limit: files } : {}),
    tidemark_variables: textsOf('tidemark_variables'),
    versions: textsOf('versions'),
    dependencies: textsOf('dependencies'),
    kernel_settings: textsOf('kernel_settings'),
    ephemeral_ports: listOf(document['ephemeral_ports'], isMeasured),
    command_line: listOf(document['command_line'], isText),
  };
}
