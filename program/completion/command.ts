import { Argument, type Command } from 'commander';
import { addGuidance } from '../guidance.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { type CompletionTree, completionTree } from './tree.js';
import { zshCompletion } from './zsh.js';

/** What writes the script for each shell. */
export const completionWriters: Readonly<Record<string, (tree: CompletionTree) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const examples = [
  {
    line: 'tidemark completion bash',
    does: 'for ~/.bashrc: source <(tidemark completion bash)',
  },
  {
    line: 'tidemark completion zsh',
    does: 'for ~/.zshrc: source <(tidemark completion zsh)',
  },
  {
    line: 'tidemark completion fish',
    does: 'for ~/.config/fish/config.fish: tidemark completion fish | source',
  },
];

/** Adds `tidemark completion`, which completes all commands of the program. */
export function addCompletionCommand(program: Command): void {
  const command = program
    .command('completion')
    .description('Prints what has a shell complete commands, flags and their values.')
    .addArgument(
      new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(completionWriters)),
    );
  addGuidance(command, {}, examples);
  command.action((shell: string) => {
    const { [shell]: write } = completionWriters;
    process.stdout.write(write?.(completionTree(program)) ?? '');
  });
}
