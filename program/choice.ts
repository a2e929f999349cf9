/** Returns what parses the word `auto`, which leaves the choice to us, and all else as `parse` does. */
export function orAuto<Value>(parse: (text: string) => Value): (text: string) => Value | 'auto' {
  return (text) => (text === 'auto' ? text : parse(text));
}

/**
 * Parses one of a few words.
 * @throws {RangeError} if the text is none of them.
 */
export function parseChoice<Choice extends string>(
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new RangeError(`${JSON.stringify(text)} is none of ${choices.join(', ')}`);
}
