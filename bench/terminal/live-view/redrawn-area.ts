import ansiEscapes from 'ansi-escapes';
import type { TerminalSize } from './live-lines.js';

/** The last lines of a terminal, redrawn in place. */
export interface RedrawnArea {
  readonly size: () => TerminalSize;
  /** Draws these lines over those of before. None may be wider than the terminal, and they must be fewer than its rows. */
  readonly draw: (lines: readonly string[]) => void;
  /** Leaves what is drawn where it is, and gives the terminal back with the cursor below. */
  readonly close: () => void;
}

/** A terminal that does not tell its size (0 columns, say) is taken for this. */
const usualSize: TerminalSize = { columns: 80, rows: 24 };

/**
 * Takes the lines from the cursor on. Between drawings the cursor rests, hidden, on the first of them rather than below
 * the last: when a window gets narrower, most terminals break the lines that no longer fit into two, so that nobody
 * knows how far up the first one is, but the cursor stays with the text that it is on.
 *
 * The terminal is given back however the process ends, SIGKILL excepted, and while it is suspended by Ctrl-Z.
 */
export function openRedrawnArea(stream: NodeJS.WriteStream, onResize: () => void): RedrawnArea {
  let height = 0;
  let isResized = false;
  let isGone = false;

  const write = (text: string): void => {
    if (!isGone) stream.write(text);
  };
  const leave = (): void => {
    if (height > 0) write(`${ansiEscapes.cursorMove(0, height - 1)}\n`);
    height = 0;
    write(ansiEscapes.cursorShow);
  };
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGTSTP: () => {
      leave();
      process.kill(process.pid, 'SIGSTOP');
    },
    SIGQUIT: () => {
      close();
      // Without our handler it does what it always does.
      process.kill(process.pid, 'SIGQUIT');
    },
  };
  const resize = (): void => {
    isResized = true;
    onResize();
  };
  const lose = (): void => {
    // The window was closed (EIO). SIGHUP ends the run, in order.
    isGone = true;
  };
  const signals = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  const close = (): void => {
    leave();
    stream.off('resize', resize).off('error', lose);
    process.off('exit', leave);
    for (const [signal, handler] of signals) process.off(signal, handler);
  };

  stream.on('resize', resize).on('error', lose);
  process.on('exit', leave);
  for (const [signal, handler] of signals) process.on(signal, handler);
  return {
    size: () => ({
      columns: stream.columns > 0 ? stream.columns : usualSize.columns,
      rows: stream.rows > 0 ? stream.rows : usualSize.rows,
    }),
    draw: (lines) => {
      write(drawing(lines, isResized));
      height = lines.length;
      isResized = false;
    },
    close,
  };
}

/** Overwrites line by line, which flickers less than to erase first; but broken lines have to be erased. */
function drawing(lines: readonly string[], isResized: boolean): string {
  const { beginSynchronizedOutput, endSynchronizedOutput, cursorHide, cursorLeft } = ansiEscapes;
  const { eraseDown, eraseEndLine, cursorMove } = ansiEscapes;
  return [
    beginSynchronizedOutput,
    cursorHide,
    cursorLeft,
    isResized ? eraseBroken : '',
    lines.map((line) => `${line}${eraseEndLine}`).join('\n'),
    eraseDown,
    cursorMove(0, 1 - lines.length),
    cursorLeft,
    endSynchronizedOutput,
  ].join('');
}

/**
 * Erases from the cursor's line on. Not from its first column, for to tmux that would mean to clear the whole screen if
 * the line is the first, which it does by scrolling everything away.
 */
const eraseBroken = [
  ansiEscapes.cursorForward(1),
  ansiEscapes.eraseDown,
  ansiEscapes.eraseLine,
  ansiEscapes.cursorLeft,
].join('');
