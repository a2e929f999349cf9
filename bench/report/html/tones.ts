import type { Tone } from '../embedded/report-document.js';

/** The colours of charts on a light ground: Okabe and Ito's ("Color Universal Design", 2008), grey and that of text. */
export const tones: Readonly<Record<Tone, `#${string}`>> = {
  orange: '#e69f00',
  sky: '#56b4e9',
  green: '#009e73',
  yellow: '#f0e442',
  blue: '#0072b2',
  vermillion: '#d55e00',
  purple: '#cc79a7',
  grey: '#9aa1a9',
  ink: '#16202b',
};
