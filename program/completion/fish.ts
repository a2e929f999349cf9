import { quoteForFish } from './quote.js';
import type { CompletionTree, Expected, KnownCommand, KnownFlag } from './tree.js';

/** Writes the completion of a program for fish, a line for each thing that can be typed. */
export function fishCompletion({ program, flags, commands }: CompletionTree): string {
  const self = `__${program}`;
  const line = (condition: string, ...words: readonly string[]): string =>
    ['complete', '-c', program, '-n', quoteForFish(`${self}_at ${condition}`), ...words].join(' ');
  const flagLine = (command: string, { forms, summary, value }: KnownFlag): string =>
    line(
      quoteForFish(command),
      ...forms.flatMap((form) =>
        form.startsWith('--') ? ['-l', quoteForFish(form.slice(2))] : ['-s', form.slice(1)],
      ),
      ...(value === undefined ? [] : ['-r', ...offer(value.expected, self)]),
      '-d',
      quoteForFish(summary),
    );
  const linesOf = ({ name, summary, flags: own, operands }: KnownCommand): string[] => [
    line("''", '-a', quoteForFish(name), '-d', quoteForFish(summary)),
    ...own.map((flag) => flagLine(name, flag)),
    ...operands
      .filter(({ expected }) => expected.kind !== 'any')
      .map(({ expected, repeats }, place) =>
        line(
          `${quoteForFish(name)} ${repeats ? 'any' : String(place)} ${quoteForFish(valued(own))}`,
          ...offer(expected, self),
        ),
      ),
  ];
  return `# Completion of ${program} for fish, made by: ${program} completion fish

# Tells whether a command has been typed ('' for none yet) and, if a number is given, so many words after it, flags and their values
# apart: last come the flags that have values.
function ${self}_at
    set -l command ''
    set -l place 0
    set -l flag ''
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if test -n "$flag"
            set flag ''
        else if string match -q -- '-*' $word
            contains -- $word (string split ' ' -- "$argv[3]"); and set flag $word
        else if test -z "$command"
            set command $word
        else
            set place (math $place + 1)
        end
    end
    test "$command" = "$argv[1]"; and contains -- "$argv[2]" '' any $place
end

# Folders that hold a run, else any folder.
function ${self}_runs
    set -l typed (commandline -ct)
    set -l found $typed*/samples.csv $typed*/*/samples.csv
    if set -q found[1]
        string replace -- /samples.csv '' $found
    else
        __fish_complete_directories $typed
    end
end

complete -c ${program} -f
${[...flags.map((flag) => flagLine('', flag)), ...commands.flatMap(linesOf)].join('\n')}
`;
}

/** The flags whose next word is their value. */
function valued(flags: readonly KnownFlag[]): string {
  return flags
    .filter(({ value }) => value !== undefined)
    .flatMap(({ forms }) => forms)
    .join(' ');
}

function offer(expected: Expected, self: string): string[] {
  switch (expected.kind) {
    case 'word':
      // What stands in the quotes is expanded once more, as a list of words.
      return ['-f', '-a', quoteForFish(expected.words.map(quoteForFish).join(' '))];
    case 'file':
      return ['-F'];
    case 'folder':
      return ['-f', '-a', "'(__fish_complete_directories)'"];
    case 'run':
      return ['-f', '-a', `'(${self}_runs)'`];
    case 'any':
      return ['-f'];
  }
}
