import { findNearestName } from '../nearest-name.js';
import { plainText } from './render-page.js';

/** What names a page rather than the command of the same name, such as `doctor.md`; pages name each other so too. */
const ending = '.md';

/** Returns what a page is asked for by: its name, with `.md` where a command has that name. */
export function topicOf(page: string, commands: readonly string[]): string {
  return commands.includes(page) ? `${page}${ending}` : page;
}

/** Returns the page that is meant: by its topic, or by a link to it, such as `verdict.md#what-is-counted`. */
export function findPage(topic: string, pages: readonly string[]): string | undefined {
  const name = topic.replace(/#.*$/, '').replace(/^(\.\/)?(docs\/)?/, '');
  const page = name.endsWith(ending) ? name.slice(0, -ending.length) : name;
  return pages.find((each) => each === page);
}

/** Returns the names that may have been meant: those that contain what was typed, or the one that is spelled most like it. */
export function findNearTopics(wanted: string, names: readonly string[]): readonly string[] {
  const containing = names.filter((name) => wanted !== '' && name.includes(wanted.toLowerCase()));
  const nearest = findNearestName(wanted.toLowerCase(), names);
  return [...new Set([...containing, ...(nearest === undefined ? [] : [nearest])])];
}

/** Returns what a page is about: the first sentence of its first paragraph, without "This page explains". */
export function summaryOf(page: string): string {
  const [, paragraph = ''] = /^# .*\n+((?:.+\n?)*)/.exec(page) ?? [];
  const [sentence = ''] = plainText(paragraph.replaceAll(/\s*\n\s*/g, ' ')).split(/\.(?: |$)/);
  return sentence.replace(/^(This page \w+|Here you learn),? /, '').trim();
}
