import { spawnSync } from 'node:child_process';
import { errorCodeOf } from '../failure.js';

/**
 * Shows a text in a terminal through the user's pager, or `less` if none is named by `PAGER`; elsewhere, as it is. An empty
 * `PAGER` stands for no pager. Resolves when the pager has been left.
 */
export function showPage(text: string): void {
  const { PAGER: pager } = process.env;
  if (!process.stdout.isTTY || pager === '' || !page(text, pager)) process.stdout.write(text);
}

/** Returns whether there is such a pager. */
function page(text: string, pager: string | undefined): boolean {
  // Ctrl-C is the pager's: without a listener it would end this program, and leave the terminal to both.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    const { error, status } = spawnSync(pager ?? 'less', pager === undefined ? ['-R'] : [], {
      input: text,
      stdio: ['pipe', 'inherit', 'inherit'],
      // PAGER may have words of its own, which are a shell's to read.
      shell: pager !== undefined,
      // As git does: a page that fits is shown without waiting for a key, and stays when less is left.
      env: { LESS: 'FRX', ...process.env },
    });
    // 127: the shell has not found it. EPIPE: it was left before it had read all.
    return status !== 127 && errorCodeOf(error) !== 'ENOENT';
  } finally {
    process.off('SIGINT', ignore);
  }
}
