/** A function in a native stack. */
export interface NativeFrame {
  /** As the debugger names it, with its parameters; its address where it has no symbol. */
  readonly name: string;
  /** Whether it has a symbol. */
  readonly isNamed: boolean;
  /** File of the program or library that it is in; empty for code that was made at run time. */
  readonly module: string;
  /** Source file, where there is debug information. */
  readonly file: string | undefined;
  readonly line: number;
}

/** So many blocks of one stack, and their bytes. */
export interface TracedBlocks {
  /** The function that called the allocator first. Blocks of one stack have the same object, at all moments. */
  readonly stack: readonly NativeFrame[];
  /** Size that was asked for, in bytes. */
  readonly size: number;
  readonly count: number;
}

/** Of an instruction: where it is, the function, and those that were put into that by the compiler, outermost last. */
interface Instruction {
  readonly address: string;
  readonly module: number;
  /** Index of name, index of file, line; three per function. */
  readonly functions: readonly number[];
}

/**
 * Reads what `heaptrack_interpret` writes, a line at a time: format 3 of heaptrack 1.4 (`src/interpret/heaptrack_interpret.cpp`,
 * `src/analyze/accumulatedtracedata.cpp`). All numbers are hexadecimal, and strings, instructions and traces are numbered from 1
 * in the order in which they come: `s` a string, `i` an instruction with its module and functions, `t` a trace as instruction and
 * calling trace, `a` a size and a trace, `+` and `-` such a block made and freed, `c` the milliseconds since the start.
 */
export class HeaptrackTrace {
  /** What was alive at each of the moments that were asked for, and that have come. */
  readonly alive: (readonly TracedBlocks[])[] = [];
  readonly #momentsMs: readonly number[];
  readonly #strings: string[] = [''];
  readonly #instructions: Instruction[] = [{ address: '', module: 0, functions: [] }];
  readonly #traces: (readonly [instruction: number, caller: number])[] = [[0, 0]];
  /** By number of trace: one object for all blocks and moments. */
  readonly #stacks = new Map<number, readonly NativeFrame[]>();
  /** Size, trace and how many there are, by number of allocation. */
  readonly #sizes: number[] = [];
  readonly #tracesOf: number[] = [];
  readonly #counts: number[] = [];

  /** @param momentsMs when to look what is alive, in milliseconds since the start, ascending */
  constructor(momentsMs: readonly number[]) {
    this.#momentsMs = momentsMs;
  }

  /** Takes the next line. */
  readLine(line: string): void {
    switch (line[0]) {
      case '+':
        this.#change(line, 1);
        return;
      case '-':
        this.#change(line, -1);
        return;
      case 'c':
        this.#passMoments(parseInt(line.slice(2), 16));
        return;
      case 'a': {
        const [size = 0, trace = 0] = numbersOf(line);
        this.#sizes.push(size);
        this.#tracesOf.push(trace);
        this.#counts.push(0);
        return;
      }
      case 't': {
        const [instruction = 0, caller = 0] = numbersOf(line);
        this.#traces.push([instruction, caller]);
        return;
      }
      case 'i': {
        const [, address = '', ...rest] = line.split(' ');
        const [module = 0, ...functions] = rest.map((text) => parseInt(text, 16));
        this.#instructions.push({ address, module, functions });
        return;
      }
      case 's':
        // Its length comes first from the second format on.
        this.#strings.push(line.replace(/^s [\da-f]+ /, ''));
        return;
      default:
    }
  }

  /** The trace is over: what is alive now was alive at those moments that have not come. */
  end(): void {
    this.#passMoments(Infinity);
  }

  #change(line: string, by: 1 | -1): void {
    const index = parseInt(line.slice(2), 16);
    this.#counts[index] = (this.#counts[index] ?? 0) + by;
  }

  #passMoments(elapsedMs: number): void {
    for (;;) {
      const moment = this.#momentsMs[this.alive.length];
      if (moment === undefined || moment > elapsedMs) return;
      this.alive.push(this.#listAlive());
    }
  }

  #listAlive(): readonly TracedBlocks[] {
    return this.#counts.flatMap((count, index) => {
      if (count <= 0) return [];
      const trace = this.#tracesOf[index] ?? 0;
      const stack = this.#stacks.get(trace) ?? this.#stackOf(trace);
      this.#stacks.set(trace, stack);
      return [{ stack, size: this.#sizes[index] ?? 0, count }];
    });
  }

  #stackOf(trace: number): readonly NativeFrame[] {
    const frames: NativeFrame[] = [];
    for (let at = trace; at > 0;) {
      const [instruction, caller] = this.#traces[at] ?? [0, 0];
      frames.push(...this.#framesOf(instruction));
      at = caller;
    }
    return frames;
  }

  #framesOf(number: number): readonly NativeFrame[] {
    const { address, module, functions } = this.#instructions[number] ?? {
      address: '',
      module: 0,
      functions: [],
    };
    const path = this.#strings[module] ?? '';
    if (functions.length === 0) {
      return [{ name: `0x${address}`, isNamed: false, module: path, file: undefined, line: 0 }];
    }
    const frames: NativeFrame[] = [];
    for (let at = 0; at < functions.length; at += 3) {
      const [name = 0, file = 0, line = 0] = functions.slice(at, at + 3);
      const source = this.#strings[file] ?? '';
      frames.push({
        name: this.#strings[name] ?? '',
        isNamed: true,
        module: path,
        file: source === '' ? undefined : source,
        line,
      });
    }
    return frames;
  }
}

function numbersOf(line: string): readonly number[] {
  return line
    .slice(2)
    .split(' ')
    .map((text) => parseInt(text, 16));
}
