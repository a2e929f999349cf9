/** What a connection is to receive first. */
export type GreetingExpectation =
  /** A first message that is not an echo counts as the greeting; none is required. */
  | { readonly kind: 'any' }
  /** No greeting: any message that is not an echo is a failure. */
  | { readonly kind: 'none' }
  /** Exactly this text, in a text frame, within the handshake timeout. */
  | { readonly kind: 'text'; readonly text: string };

/** Writes an expectation for people. */
export function describeGreeting(expectation: GreetingExpectation): string {
  switch (expectation.kind) {
    case 'any':
      return 'any or none';
    case 'none':
      return 'none';
    case 'text':
      return JSON.stringify(expectation.text);
  }
}
