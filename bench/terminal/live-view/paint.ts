import { styleText } from 'node:util';

/** Colours by what they mean. */
export interface Paint {
  /** What to look at first. */
  readonly strong: (text: string) => string;
  /** What is only there to name something. */
  readonly faint: (text: string) => string;
  readonly tide: (text: string) => string;
  readonly trouble: (text: string) => string;
}

const asItIs = (text: string): string => text;

/** Leaves text as it is. */
export const noPaint: Paint = { strong: asItIs, faint: asItIs, tide: asItIs, trouble: asItIs };

/** Paints with colours of the terminal's own palette, which people have chosen for themselves. */
export const colours: Paint = {
  strong: (text) => styleText('bold', text, { validateStream: false }),
  faint: (text) => styleText('gray', text, { validateStream: false }),
  tide: (text) => styleText('cyan', text, { validateStream: false }),
  trouble: (text) => styleText('red', text, { validateStream: false }),
};

/** Chooses the paint for a terminal. `NO_COLOR` (no-color.org), whatever it says, has the last word. */
export function paintFor(
  stream: Pick<NodeJS.WriteStream, 'hasColors'>,
  environment: NodeJS.ProcessEnv,
): Paint {
  const isPlain = (environment['NO_COLOR'] ?? '') !== '' || !stream.hasColors();
  return isPlain ? noPaint : colours;
}
