import { fileURLToPath } from 'node:url';

/** Path of the compiled `tidemark` command, through which the bench starts the other programs. */
export const tidemarkProgram = fileURLToPath(new URL('../../tidemark.js', import.meta.url));
