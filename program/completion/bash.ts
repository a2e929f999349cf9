import type { CompletionTree, Expected, KnownCommand } from './tree.js';
import { quoteForShell, wordListForShell } from './quote.js';

/**
 * Writes the completion of a program for bash, which shows no descriptions. It keeps to what bash 3.2 knows, the one of macOS.
 * A function answers what is expected in the variables `kind` and `words` of its caller: bash looks names up where a function
 * is called from.
 */
export function bashCompletion(tree: CompletionTree): string {
  const { program } = tree;
  const self = `_${program}`;
  const commands: readonly KnownCommand[] = [
    {
      name: '',
      summary: '',
      flags: tree.flags,
      operands: [
        {
          name: 'command',
          expected: { kind: 'word', words: tree.commands.map(({ name }) => name) },
          repeats: false,
        },
      ],
    },
    ...tree.commands,
  ];
  return `# Completion of ${program} for bash, made by: ${program} completion bash

# What comes after a flag of a command: nothing after a switch.
${self}_value() {
  kind= words=
  case "$1 $2" in
${casesOf(commands.flatMap(valuesOf))}
  esac
}

# What a command takes without a flag: its first word, which is number 0, or a later one.
${self}_operand() {
  kind= words=
  case "$1 $2" in
${casesOf(commands.flatMap(operandsOf))}
  esac
}

# The flags of a command.
${self}_flags() {
  kind=word words=
  case "$1" in
${commands.map((command) => `    ${quoteForShell(command.name)}) words=${wordList(command.flags.flatMap(({ forms }) => forms))} ;;`).join('\n')}
  esac
}

${self}() {
  local IFS=$' \\t\\n' cur="\${COMP_WORDS[COMP_CWORD]}" command= flag= kind= words= place=0 i word
  # Bash splits --flag=value and ws://host at the = and at the colon.
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      =) continue ;;
      :*) ((i++)); continue ;;
    esac
    if [ -n "$flag" ]; then
      flag=
      continue
    fi
    case $word in
      -*)
        ${self}_value "$command" "$word"
        if [ -n "$kind" ]; then flag=$word; fi
        ;;
      *) if [ -z "$command" ]; then command=$word; else ((place++)); fi ;;
    esac
  done
  if [ "$cur" = '=' ]; then cur=; fi
  COMPREPLY=()
  if [ -n "$flag" ]; then
    ${self}_value "$command" "$flag"
  elif [ "\${cur:0:1}" = - ]; then
    ${self}_flags "$command"
  else
    ${self}_operand "$command" "$place"
  fi
  case $kind in
    word) ${self}_take < <(compgen -W "$words" -- "$cur") ;;
    file) ${self}_paths -f ;;
    folder) ${self}_paths -d ;;
    run)
      compopt -o filenames 2>/dev/null
      ${self}_take < <(for word in "$cur"*/samples.csv "$cur"*/*/samples.csv; do
        if [ -e "$word" ]; then printf '%s\\n' "\${word%/samples.csv}"; fi
      done)
      if [ "\${#COMPREPLY[@]}" -eq 0 ]; then ${self}_paths -d; fi
      ;;
  esac
}

# Takes what can be typed, one a line.
${self}_take() {
  while IFS= read -r word; do COMPREPLY+=("$word"); done
}

# Has bash treat names as paths, where it can: no blank after a folder.
${self}_paths() {
  compopt -o filenames 2>/dev/null
  ${self}_take < <(compgen "$1" -- "$cur")
}

complete -F ${self} ${program}
`;
}

/** A pattern of bash, and what is expected where it fits. */
type Case = readonly [pattern: string, expected: Expected];

function valuesOf({ name, flags }: KnownCommand): Case[] {
  return flags.flatMap(({ forms, value }) =>
    value === undefined
      ? []
      : forms.map((form): Case => [quoteForShell(`${name} ${form}`), value.expected]),
  );
}

function operandsOf({ name, operands }: KnownCommand): Case[] {
  return operands.map(({ expected, repeats }, place) => [
    repeats ? `${quoteForShell(`${name} `)}*` : quoteForShell(`${name} ${place}`),
    expected,
  ]);
}

/** One case for all patterns that expect the same. */
function casesOf(cases: readonly Case[]): string {
  const patterns = new Map<string, string[]>();
  for (const [pattern, expected] of cases) {
    const answer = assignmentsOf(expected);
    patterns.set(answer, [...(patterns.get(answer) ?? []), pattern]);
  }
  return [...patterns]
    .map(([answer, those]) => `    ${those.join(' | ')}) ${answer} ;;`)
    .join('\n');
}

function assignmentsOf(expected: Expected): string {
  return expected.kind === 'word'
    ? `kind=word words=${wordList(expected.words)}`
    : `kind=${expected.kind}`;
}

/** `compgen -W` expands each word once more, as if it were typed. */
function wordList(words: readonly string[]): string {
  return quoteForShell(wordListForShell(words));
}
