import { quoteForShell, wordListForShell } from './quote.js';
import type { CompletionTree, Expected, KnownCommand, KnownFlag } from './tree.js';

/** Writes the completion of a program for zsh, in the words of its `_arguments` (zshcompsys(1)). */
export function zshCompletion({ program, flags, commands }: CompletionTree): string {
  const self = `_${program}`;
  return `#compdef ${program}
# Completion of ${program} for zsh, made by: ${program} completion zsh

# Folders that hold a run, else any folder.
${self}_runs() {
  local -a runs
  runs=($PREFIX*/samples.csv(N:h) $PREFIX*/*/samples.csv(N:h))
  if (( $#runs )); then compadd -f -- $runs; else _path_files -/; fi
}

${self}() {
  local curcontext="$curcontext" state line ret=1
  local -a commands
  typeset -A opt_args
  _arguments -C ${[...flags.map((flag) => flagSpec(flag, self)), quoteForShell('1: :->command'), quoteForShell('*:: :->words')].join(' \\\n    ')} && ret=0
  case $state in
    command)
      commands=(
${commands.map(({ name, summary }) => `        ${quoteForShell(`${escape(name, ':')}:${summary.replaceAll('\\', '\\\\')}`)}`).join('\n')}
      )
      _describe -t commands command commands && ret=0
      ;;
    words)
      curcontext="\${curcontext%:*}-$words[1]:"
      case $words[1] in
${commands.map((command) => commandCase(command, self)).join('\n')}
      esac
      ;;
  esac
  return ret
}

# Both ways to load it: by name from a folder of $fpath, or with source, before compinit too.
if [[ $funcstack[1] == ${self} ]]; then
  ${self} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef ${self} ${program}
fi
`;
}

function commandCase({ name, flags, operands }: KnownCommand, self: string): string {
  const specs = [
    ...flags.map((flag) => flagSpec(flag, self)),
    ...operands.map(({ name: operand, expected, repeats }, index) =>
      quoteForShell(
        `${repeats ? '*' : String(index + 1)}:${escapeMessage(operand)}:${actionFor(expected, self)}`,
      ),
    ),
  ];
  return `        ${quoteForShell(name)}) _arguments -S ${specs.join(' \\\n          ')} && ret=0 ;;`;
}

/** A flag may come twice: some are repeated, and of the others the last one counts. */
function flagSpec({ forms, summary, value }: KnownFlag, self: string): string {
  const argument =
    value === undefined ? '' : `:${escapeMessage(value.name)}:${actionFor(value.expected, self)}`;
  const equals = value === undefined ? '' : '=';
  return forms
    .map((form) =>
      quoteForShell(
        `*${form}${form.startsWith('--') ? equals : ''}[${escapeMessage(summary)}]${argument}`,
      ),
    )
    .join(' ');
}

/** A blank stands for: anything, but nothing to offer. */
function actionFor(expected: Expected, self: string): string {
  switch (expected.kind) {
    case 'word':
      return `(${wordListForShell(expected.words)})`;
    case 'file':
      return '_files';
    case 'folder':
      // `_files -/` would offer files where it finds no folder.
      return '_path_files -/';
    case 'run':
      return `${self}_runs`;
    case 'any':
      return ' ';
  }
}

/** Within a specification, brackets end a description and a colon ends a message. */
function escapeMessage(text: string): string {
  return escape(text, ':[]');
}

/** Puts a backslash before each of these characters, and before backslashes. */
function escape(text: string, special: string): string {
  const found = new RegExp(`[\\\\${special.replaceAll(/[[\]]/g, '\\$&')}]`, 'g');
  return text.replaceAll(found, '\\$&');
}
