import { basename } from 'node:path';
import { foreignText } from '../../../program/foreign-text.js';
import { frameSeparator } from '../../results/live-memory.js';
import type { NativeFrame } from './heaptrack-trace.js';

/** Most functions that are named. */
const mostFrames = 3;

/** Longest name of a function, in characters: those of C++ templates have hundreds. */
const longestName = 79;

/** Functions that every allocation goes through, and those of the C++ library. */
const allocators =
  /^(operator new|(__libc_|aligned_|re|c|x|p)?(m|c|re)?alloc\b|posix_memalign|memalign|strn?dup|std::|(void )?__gnu_cxx::|uv__(m|c|re)alloc)/;

/** V8 and the JVM's own allocator: what calls them says more. */
const engines = /^(v8::|os::(m|re)alloc|AllocateHeap)/;

/** What calls into native code, or starts a thread: those behind it have nothing to do with the allocation. */
const entries =
  /^(Builtins?_|JavaCalls::|node::(Internal)?(AsyncWrap::)?MakeCallback|start_thread$|clone3?$|__libc_start|_start$)/;

/**
 * Names a native stack, briefly enough for a line: the functions nearest to the allocation, without the allocator's own and
 * those of V8, up to the code in another language that called them.
 * @param stack its functions, the one that called the allocator first
 */
export function nameNativeStack(stack: readonly NativeFrame[]): string {
  const told: string[] = [];
  let nearest: string | undefined;
  for (const frame of stack) {
    const name = shortenName(frame.name);
    if (told.length > 0 && (!frame.isNamed || entries.test(name))) break;
    if (!frame.isNamed || allocators.test(name) || entries.test(name)) continue;
    const text = `${name} ${placeOf(frame)}`.trimEnd();
    nearest ??= text;
    if (engines.test(name) || told.at(-1) === text) continue;
    told.push(text);
    if (told.length === mostFrames) break;
  }
  if (told.length > 0) return told.join(frameSeparator);
  return nearest ?? nameOfLast(stack);
}

/** For a stack of nothing but allocators and code without symbols. */
function nameOfLast(stack: readonly NativeFrame[]): string {
  const last = stack.find(({ isNamed }) => isNamed) ?? stack[0];
  return last === undefined ? '(no stack)' : `${shortenName(last.name)} ${placeOf(last)}`.trimEnd();
}

/** Its line where that is known, else the program or library that it is in. */
function placeOf({ file, line, module }: NativeFrame): string {
  // Our server's native build is kept under a name with a hash before it.
  if (file === undefined) return basename(module).replace(/^[\da-f]{16}-/, '');
  return `${basename(file)}:${line}`;
}

/** Leaves out parameters, template arguments and what a compiler adds to a name. */
function shortenName(name: string): string {
  const operator = /^operator (new|delete)(\[\])?/.exec(name)?.[0];
  if (operator !== undefined) return operator;
  let text = name
    .replaceAll('(anonymous namespace)::', '')
    .replace(/ \[clone [^\]]*\]/g, '')
    .replace(/\{lambda\([^{}]*\)#\d+\}/g, '{lambda}')
    .replace(/(::_FUN|::operator\(\))\(.*$/, '');
  // From the inside out.
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(/<[^<>()]*>/g, '').replace(/\([^()]*\)( const)?/g, '');
  }
  // What a function template returns stands before its name.
  return foreignText(text.replace(/^.* (?=[\w~:{}]+$)/, ''), longestName);
}
