/** Stands for a placeholder in a URL while that is parsed: a name that needs no encoding. */
const standIn = (number: number): string => `tidemark-placeholder-${number}-`;

/**
 * Parses the address of a target, in whose path and query placeholders may stand.
 * @throws {TypeError} if it is no URL.
 */
export function parseTargetUrl(text: string): URL {
  return new URL(withStandIns(text).text);
}

/** Returns path and query of an address as they go over the wire, its placeholders as they are. */
export function requestTargetOf(text: string): string {
  const { placeholders, text: replaced } = withStandIns(text);
  const { pathname, search } = new URL(replaced);
  return placeholders.reduce(
    (target, placeholder, number) => target.replaceAll(standIn(number), placeholder),
    `${pathname}${search}`,
  );
}

function withStandIns(text: string): { text: string; placeholders: readonly string[] } {
  const placeholders: string[] = [];
  const replaced = text.replaceAll(/\{(?:index|uuid|time|line:[^{}]+)\}/g, (placeholder) => {
    placeholders.push(placeholder);
    return standIn(placeholders.length - 1);
  });
  return { text: replaced, placeholders };
}
