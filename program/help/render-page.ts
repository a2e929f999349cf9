import { styleText } from 'node:util';
import { Help } from 'commander';

/** How a page is written. */
export interface PageForm {
  /** In a terminal: with bold and underlined text, and without the marks that stand for it. */
  readonly isStyled: boolean;
  /** How wide paragraphs and lists may be; tables and examples are as wide as they are. */
  readonly columns: number;
}

type Style = 'bold' | 'underline';

/**
 * Writes one of our pages for reading as it is: paragraphs are wrapped, examples indented, links written as `text (target)`,
 * comments left out. It knows the Markdown that the pages use (CommonMark 0.31: ATX headings, fenced code, lists, and
 * tables as GitHub has them), which is little enough not to need a library.
 */
export function renderPage(markdown: string, form: PageForm): string {
  const written: string[] = [];
  for (const block of blocksOf(markdown)) {
    // A list is one block for each item, without space between them.
    const isInList = block.kind === 'item' && block.followsItem;
    if (written.length > 0 && !isInList) written.push('');
    written.push(renderBlock(block, form));
  }
  return `${written.join('\n')}\n`;
}

/** Writes a line without marks: `[the report](report.md)` is `the report`. */
export function plainText(markdown: string): string {
  return inline(markdown, { isStyled: false, keepsMarks: false });
}

type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | {
      readonly kind: 'item';
      /** What stands before the text, such as `  - `. */
      readonly mark: string;
      readonly text: string;
      readonly followsItem: boolean;
    }
  | { readonly kind: 'code' | 'table'; readonly lines: readonly string[] };

function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  let index = 0;
  const takeWhile = (fits: (line: string) => boolean): readonly string[] => {
    const from = index;
    while (index < lines.length && fits(lines[index] ?? '')) index++;
    return lines.slice(from, index);
  };
  const isText = (line: string): boolean =>
    line.trim() !== '' && !isComment(line) && blockStart.every((start) => !start.test(line));
  let followsItem = false;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const [, marks = '', title = ''] = heading.exec(line) ?? [];
    const [, mark, first = ''] = item.exec(line) ?? [];
    if (line.trim() === '' || isComment(line)) {
      index++;
      if (line.trim() === '') followsItem = false;
      continue;
    }
    if (marks !== '') {
      index++;
      blocks.push({ kind: 'heading', level: marks.length, text: title });
    } else if (fence.test(line)) {
      index++;
      blocks.push({ kind: 'code', lines: takeWhile((each) => !fence.test(each)) });
      index++;
    } else if (tableRow.test(line)) {
      blocks.push({ kind: 'table', lines: takeWhile((each) => tableRow.test(each)) });
    } else if (mark !== undefined) {
      index++;
      const text = [first, ...takeWhile(isText)].map((each) => each.trim()).join(' ');
      blocks.push({ kind: 'item', mark, text, followsItem });
    } else {
      index++;
      const text = [line, ...takeWhile(isText)].map((each) => each.trim()).join(' ');
      blocks.push({ kind: 'paragraph', text });
    }
    followsItem = mark !== undefined;
  }
  return blocks;
}

const heading = /^(#{1,6}) (.*)$/;
const fence = /^\s*```/;
const tableRow = /^\s*\|/;
const item = /^(\s*(?:[-*]|\d+\.) )(.*)$/;
const blockStart = [heading, fence, tableRow, item];

function isComment(line: string): boolean {
  return /^\s*<!--.*-->\s*$/.test(line);
}

function renderBlock(block: Block, form: PageForm): string {
  const { isStyled, columns } = form;
  switch (block.kind) {
    case 'heading': {
      const text = plainText(block.text);
      if (!isStyled) return `${'#'.repeat(block.level)} ${text}`;
      return style(text, block.level === 1 ? ['bold', 'underline'] : ['bold']);
    }
    case 'code':
      return block.lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n');
    case 'table':
      return block.lines.join('\n');
    case 'paragraph':
      return wrap(inline(block.text, { isStyled, keepsMarks: !isStyled }), columns);
    case 'item': {
      const text = inline(block.text, { isStyled, keepsMarks: !isStyled });
      const below = ' '.repeat(block.mark.length);
      return `${block.mark}${wrap(text, columns - block.mark.length).replaceAll('\n', `\n${below}`)}`;
    }
  }
}

/** Commander wraps its own help by this; it takes no account of what only styles the text. */
function wrap(text: string, columns: number): string {
  return new Help().boxWrap(text, columns);
}

interface InlineForm {
  readonly isStyled: boolean;
  /** Whether code keeps its marks, and links their targets. */
  readonly keepsMarks: boolean;
}

/** In the order in which CommonMark gives them precedence: an escaped mark, code, pictures and links, strong text. */
const marks =
  /\\([!-/:-@[-`{-~])|(`+)(.+?)\2(?!`)|(!?)\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)|\*\*(.+?)\*\*/g;

function inline(text: string, form: InlineForm): string {
  const { isStyled, keepsMarks } = form;
  return text.replaceAll(
    marks,
    (
      whole: string,
      escaped: string | undefined,
      fence: string | undefined,
      code: string | undefined,
      picture: string | undefined,
      label: string | undefined,
      target: string | undefined,
      strong: string | undefined,
    ) => {
      if (escaped !== undefined) return escaped;
      if (fence !== undefined) {
        // Our generated lists have it so, as tables need it.
        const shown = (keepsMarks ? whole : (code ?? '')).replaceAll('\\|', '|');
        return isStyled ? style(shown, ['bold']) : shown;
      }
      if (target !== undefined) {
        const shown = inline(label ?? '', form);
        if (picture !== '') return `[picture: ${shown}]`;
        const isElsewhere = !target.startsWith('#') && (isStyled || keepsMarks);
        return isElsewhere ? `${shown} (${target})` : shown;
      }
      const shown = inline(strong ?? '', form);
      return isStyled ? style(shown, ['bold']) : shown;
    },
  );
}

/** Word by word, as pagers end a style at the end of a line. */
function style(text: string, styles: readonly Style[]): string {
  return text
    .split(' ')
    .map((word) =>
      styles.reduce((shown, each) => styleText(each, shown, { validateStream: false }), word),
    )
    .join(' ');
}
