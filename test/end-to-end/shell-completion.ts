/** Asks real shells what they would complete, as if a line had been typed and the tabulator been pressed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './program.js';

/** A shell whose completion of `tidemark` is to be tried. */
export interface TriedShell {
  readonly name: string;
  /** What a user adds to the configuration, as the help has it. */
  readonly install: string;
  /** Returns what the shell offers for a line, in the folder; the completion is loaded by that command. */
  readonly offers: (folder: string, load: string, line: string) => readonly string[];
}

/** Makes a folder with what can be completed: two runs, other folders, files; and `tidemark` in `bin`. */
export function makeFolder(folder: string): void {
  for (const path of ['results/one', 'results/two', 'empty', 'bin']) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  for (const run of ['one', 'two']) writeFileSync(join(folder, 'results', run, 'samples.csv'), '');
  for (const file of ['cert.pem', 'my key.pem']) writeFileSync(join(folder, file), '');
  const program = join(folder, 'bin', 'tidemark');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${programPath}' "$@"\n`);
  chmodSync(program, 0o755);
}

function run(folder: string, command: string, ...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      // No configuration of whoever runs the tests.
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      ZDOTDIR: folder,
    },
  });
  assert.equal(status, 0, `${command}: ${stderr}`);
  assert.equal(stderr, '');
  return stdout;
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Bash hands the words over as readline has split them: at blanks, and around these characters. */
function readlineWords(line: string): string[] {
  const words = line.match(/[=:]+|[^\s=:]+/g) ?? [];
  return line.endsWith(' ') ? [...words, ''] : words;
}

const bash: TriedShell = {
  name: 'bash',
  install: 'source <(tidemark completion bash)',
  offers: (folder, load, line) => {
    const words = readlineWords(line);
    const script = `${load}
complete -p tidemark | grep -q -- '-F _tidemark tidemark' || exit 9
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_tidemark
if [ "\${#COMPREPLY[@]}" -gt 0 ]; then printf '%s\\n' "\${COMPREPLY[@]}"; fi`;
    return linesOf(run(folder, 'bash', '--norc', '-c', script, 'bash', ...words));
  },
};

const fish: TriedShell = {
  name: 'fish',
  install: 'tidemark completion fish | source',
  offers: (folder, load, line) => {
    const script = `${load}; complete -C $argv[1]`;
    return linesOf(run(folder, 'fish', '-c', script, line)).map((each) => {
      const [offered = ''] = each.split('\t');
      // Fish offers the whole word.
      return offered.replace(/^--[\w-]+=/, '').replace(/\/$/, '');
    });
  },
};

/** A terminal of zsh's own, in which a line is typed; what `compadd` gets is written to a file. */
const zshSession = String.raw`zmodload zsh/zpty
zpty tidemark zsh -f -i
zpty -w tidemark "source $1/inner.zsh"
while [[ ! -e $1/ready ]]; do zpty -r -t tidemark >/dev/null; sleep 0.02; done
zpty -w -n tidemark "$2"$'\t'
while [[ ! -e $1/done ]]; do zpty -r -t tidemark >/dev/null; sleep 0.02; done
zpty -d tidemark
`;

const zshInner = (
  folder: string,
  load: string,
): string => String.raw`autoload -Uz compinit && compinit -D -u
${load}
compadd() {
  local -a found
  if [[ " $* " != *" "-[OAD]* ]]; then
    builtin compadd -O found "$@"
    (( $#found )) && print -rl -- $found >> '${folder}/offered'
  fi
  builtin compadd "$@"
}
finish() { : > '${folder}/done' }
complete-and-finish() { zle complete-word; finish }
zle -N complete-and-finish
bindkey '^I' complete-and-finish
: > '${folder}/ready'
`;

const zsh: TriedShell = {
  name: 'zsh',
  install: 'source <(tidemark completion zsh)',
  offers: (folder, load, line) => {
    const session = join(folder, 'session');
    mkdirSync(session);
    try {
      writeFileSync(join(session, 'inner.zsh'), zshInner(session, load));
      run(folder, 'zsh', '-f', '-c', zshSession, 'zsh', session, line);
      const offered = join(session, 'offered');
      const lines = existsSync(offered) ? linesOf(readFileSync(offered, 'utf8')) : [];
      // Files are tried by more than one way. Flags are offered too where a command takes no other word.
      const isFlagTyped = / -\S*$/.test(line);
      return [...new Set(lines)].filter((each) => isFlagTyped || !each.startsWith('-'));
    } finally {
      rmSync(session, { recursive: true });
    }
  },
};

/** All shells that `tidemark completion` knows. */
export const shells: readonly TriedShell[] = [bash, zsh, fish];
