/** Runs `tidemark` in a terminal that can be looked at: a window of tmux. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMissing, until } from './program.js';

/** A terminal with a program in it. It is closed after the test, however that ends. */
export interface Terminal {
  /** What is on the screen, line by line, without spaces at the ends. */
  screen(): readonly string[];
  /** The same with all that has scrolled away. Lines that the terminal has broken are put together again. */
  everything(): readonly string[];
  /** The screen with the escape sequences of its colours. */
  colouredScreen(): string;
  /** Tells whether a line has been broken, because it was too long. */
  hasBrokenLines(): boolean;
  isCursorVisible(): boolean;
  resize(columns: number, rows: number): void;
  /** Presses keys, such as `C-c`. */
  press(...keys: readonly string[]): void;
  /** Closes the window, as people do with a running program in it. */
  close(): void;
  /** Process id of `tidemark`. */
  pid(): number;
  /** Waits until a line of the screen fits, and fails with the screen if none does. */
  untilLine(pattern: RegExp): Promise<void>;
}

const sockets = new Set<string>();

afterEach(() => {
  for (const socket of sockets) spawnSync('tmux', ['-L', socket, 'kill-server']);
  sockets.clear();
});

/** Tells whether tmux is missing, and then skips the test or fails it, see {@link isMissing}. */
export function isTmuxMissing(t: TestContext): boolean {
  return isMissing(t, 'tmux', 'tmux', '-V');
}

/**
 * Starts `tidemark` with these arguments in a terminal of its own, below 12 lines of other output; after its last line
 * stands its exit status.
 */
export function openTerminal(
  size: { readonly columns: number; readonly rows: number },
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Terminal {
  const socket = `tidemark-${process.pid}-${sockets.size}`;
  sockets.add(socket);
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' });
  const capture = (...flags: readonly string[]): readonly string[] =>
    tmux('capture-pane', '-p', ...flags)
      .split('\n')
      .map((line) => line.trimEnd());
  const program = fileURLToPath(new URL('../../tidemark.js', import.meta.url));
  // As in a terminal that is in use, something stands above. The shell must survive the Ctrl-C that is meant for the
  // program, and wait for it.
  const script = 'trap : INT; seq 12; "$@"; echo "exit status $?"; while :; do sleep 60; done';
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  tmux(
    'new-session',
    '-d',
    ...['-x', String(size.columns), '-y', String(size.rows)],
    // By env(1) rather than by tmux, which sets TERM itself.
    ...['sh', '-c', script, 'sh', 'env', ...variables, process.execPath, program, ...args],
  );
  const screen = (): readonly string[] => capture();
  return {
    screen,
    everything: () => capture('-J', '-S', '-'),
    colouredScreen: () => tmux('capture-pane', '-p', '-e'),
    hasBrokenLines: () => capture('-S', '-').length !== capture('-J', '-S', '-').length,
    isCursorVisible: () => tmux('display-message', '-p', '#{cursor_flag}').trim() === '1',
    resize: (columns, rows) => {
      tmux('resize-window', '-x', String(columns), '-y', String(rows));
    },
    press: (...keys) => {
      tmux('send-keys', ...keys);
    },
    close: () => {
      tmux('kill-server');
    },
    pid: () => {
      const shell = tmux('display-message', '-p', '#{pane_pid}').trim();
      return Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim());
    },
    untilLine: async (pattern) => {
      const isThere = (): boolean => screen().some((line) => pattern.test(line));
      await until(isThere).catch((error: unknown) => {
        assert.fail(`${String(error)} for ${String(pattern)} on\n${screen().join('\n')}`);
      });
    },
  };
}
