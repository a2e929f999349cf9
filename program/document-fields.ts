/** A JSON object that nobody has looked into yet. */
export type Document = Readonly<Record<string, unknown>>;

/** Takes those fields out of a document whose values are what they should be; the others are left out. */
export function pick<Name extends string, Value>(
  document: Document,
  names: readonly Name[],
  suits: (value: unknown) => value is Value,
): Partial<Record<Name, Value>> {
  const picked: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const value = document[name];
    if (suits(value)) picked[name] = value;
  }
  return picked;
}

/** Returns a value as a document, an empty one if it is none. */
export function documentOf(value: unknown): Document {
  return isDocument(value) ? value : {};
}

/** Returns those items of a list that are what they should be; none if it is no list. */
export function listOf<Item>(value: unknown, suits: (item: unknown) => item is Item): Item[] {
  return Array.isArray(value) ? value.filter(suits) : [];
}

/** Tells whether a value is a JSON object. */
export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells whether a value is a finite number. */
export function isMeasured(value: unknown): value is number {
  return Number.isFinite(value);
}

/** Tells whether a value is a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Returns an object with one field, or with none if its value is unknown. */
export function known<Name extends string>(
  name: Name,
  value: number | undefined,
): Partial<Record<Name, number>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, number>);
}
