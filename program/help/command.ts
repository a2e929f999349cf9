import { Argument, type Command } from 'commander';
import { columnsOf, UsageError } from '../failure.js';
import { addGuidance } from '../guidance.js';
import { listWords } from '../quantities.js';
import { pageNames, readPage } from './pages.js';
import { type PageForm, renderPage } from './render-page.js';
import { showPage } from './show-page.js';
import { findNearTopics, findPage, summaryOf, topicOf } from './topics.js';

const examples = [
  { line: 'tidemark help', does: 'the commands, and the topics of the pages' },
  { line: 'tidemark help verdict', does: 'the page on the verdict' },
  { line: 'tidemark help bench', does: 'the same as tidemark bench --help' },
];

/** Adds `tidemark help`: of a command, as commander's own does, and of the topics of our pages. */
export function addHelpCommand(program: Command): void {
  const topic = new Argument('[topic]', 'a command, or a page such as verdict');
  const command = program
    .command('help')
    .description('Shows the help of a command, or a page on a topic.')
    .addArgument(topic);
  // Shells offer them; what is none of them gets an answer of ours.
  topic.argChoices = [...namesOf(program)];
  addGuidance(command, {}, examples);
  command.action((asked: string | undefined) => {
    if (asked === undefined) listAll(program);
    else showTopic(program, asked);
  });
}

interface Topic {
  /** What it is asked for by. */
  readonly name: string;
  readonly page: string;
}

function commandNames(program: Command): readonly string[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
}

function topics(program: Command): readonly Topic[] {
  const commands = commandNames(program);
  return pageNames().map((page) => ({ name: topicOf(page, commands), page }));
}

/** All that help can be asked on. */
function namesOf(program: Command): readonly string[] {
  return [...commandNames(program), ...topics(program).map(({ name }) => name)];
}

/** Lists the commands as `--help` does, and below them the topics. */
function listAll(program: Command): void {
  const helper = program.createHelp();
  helper.helpWidth = columnsOf(process.stdout) ?? plainColumns;
  const commands = helper
    .visibleCommands(program)
    .map((command): [string, string] => [command.name(), command.description()]);
  const pages = topics(program).map(({ name, page }): [string, string] => [
    name,
    summaryOf(readPage(page)),
  ]);
  const width = Math.max(...[...commands, ...pages].map(([term]) => term.length));
  const list = (heading: string, rows: readonly [string, string][]): readonly string[] =>
    helper.formatItemList(
      heading,
      rows.map(([term, text]) => helper.formatItem(term, width, text, helper)),
      helper,
    );
  process.stdout.write(
    [
      'Usage: tidemark help [topic]\n',
      ...list('Commands:', commands),
      ...list('Topics:', pages),
    ].join('\n'),
  );
}

/** @throws {UsageError} if there is neither a command nor a page of that name. */
function showTopic(program: Command, asked: string): void {
  const named = program.commands.find((command) => command.name() === asked);
  const known = topics(program);
  if (named !== undefined) {
    named.outputHelp();
    const about = known.find(({ page }) => page === asked);
    if (about !== undefined) {
      process.stdout.write(`\nThe page about it: tidemark help ${about.name}\n`);
    }
    return;
  }
  const page = findPage(
    asked,
    known.map((topic) => topic.page),
  );
  if (page === undefined) throw new UsageError(describeUnknown(program, asked));
  showPage(renderPage(readPage(page), pageForm()));
}

function describeUnknown(program: Command, asked: string): string {
  const near = findNearTopics(asked, namesOf(program));
  const hint =
    near.length === 0 ? '' : `, did you mean ${listWords(near).replace(' and ', ' or ')}?`;
  return `There is no help on ${JSON.stringify(asked)}${hint || ': tidemark help lists all topics'}`;
}

/** Long lines are hard to read, however wide the terminal is. */
const mostColumns = 100;
const plainColumns = 80;

/** `NO_COLOR` (no-color.org) turns styles off too: some terminals show them as colours. */
function pageForm(): PageForm {
  const columns = columnsOf(process.stdout);
  const isPlain = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return {
    isStyled: process.stdout.isTTY && !isPlain,
    columns: Math.min(columns ?? plainColumns, mostColumns),
  };
}
