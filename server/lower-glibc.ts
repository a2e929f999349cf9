/** Types of ELF sections (elf(5), `sh_type`; the last two are GNU's, "Linux Standard Base", section 10.7). */
const sectionTypes = { dynamicSymbols: 11, versionNeeds: 0x6ffffffe, symbolVersions: 0x6fffffff };

/** The version of glibc's oldest symbols on a machine, by `e_machine` (elf(5)). */
const oldestVersions: ReadonlyMap<number, string> = new Map([
  [62, 'GLIBC_2.2.5'],
  [183, 'GLIBC_2.17'],
]);

/** Compilers with C23 headers call these; without the prefix they are the functions that every glibc has. */
const c23Prefix = '__isoc23_';

const replacedVersion = 'GLIBC_2.38';
const symbolBytes = 24;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Index of the section that holds its names. */
  readonly link: number;
  /** For version needs: how many libraries there are. */
  readonly info: number;
}

/**
 * Returns a copy of a shared library that needs no newer glibc than 2.36, if all that it takes from glibc 2.38 is
 * the C23 forms of functions that were always there (`__isoc23_strtol` and the like, which differ in also taking `0b…`
 * numbers). In the copy their dynamic symbols carry the plain names, and the entry of version 2.38 is that of the
 * oldest version, so that no byte moves. Undefined if the file is not a 64-bit little-endian ELF library for x64 or arm64, or
 * takes nothing, or something else, from glibc 2.38.
 */
export function lowerGlibc(original: Uint8Array): Buffer | undefined {
  const copy = Buffer.from(original);
  const isElf64 = copy.length > 64 && copy.toString('latin1', 0, 6) === '\x7fELF\x02\x01';
  const oldest = isElf64 ? oldestVersions.get(copy.readUInt16LE(18)) : undefined;
  if (oldest === undefined) return undefined;
  try {
    return lowerElf(copy, oldest);
  } catch (error) {
    // A header that points past the end of the file.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function lowerElf(copy: Buffer, oldestVersion: string): Buffer | undefined {
  const sections = readSections(copy);
  const [symbols, needs, versions] = [
    sections.find(({ type }) => type === sectionTypes.dynamicSymbols),
    sections.find(({ type }) => type === sectionTypes.versionNeeds),
    sections.find(({ type }) => type === sectionTypes.symbolVersions),
  ];
  const names = sections[symbols?.link ?? -1];
  if (!symbols || !needs || !versions || !names) return undefined;
  const nameAt = (index: number): string => {
    const start = names.offset + index;
    return copy.toString('latin1', start, copy.indexOf(0, start));
  };

  const entries = readVersionNeeds(copy, needs, nameAt).find((library) =>
    library.some(({ name }) => name === replacedVersion),
  );
  const replaced = entries?.find(({ name }) => name === replacedVersion);
  const oldest = entries?.find(({ name }) => name === oldestVersion);
  if (!replaced || !oldest) return undefined;

  for (let index = 0; index < symbols.size / symbolBytes; index++) {
    if (copy.readUInt16LE(versions.offset + 2 * index) !== replaced.number) continue;
    const symbol = symbols.offset + symbolBytes * index;
    const name = copy.readUInt32LE(symbol);
    if (!nameAt(name).startsWith(c23Prefix)) return undefined;
    copy.writeUInt32LE(name + c23Prefix.length, symbol);
  }
  // The hash and the name; the number by which the table of symbols refers to the entry stays its own.
  copy.copy(copy, replaced.offset, oldest.offset, oldest.offset + 4);
  copy.copy(copy, replaced.offset + 8, oldest.offset + 8, oldest.offset + 12);
  return copy;
}

/** Reads the section headers (elf(5), `Elf64_Shdr`). */
function readSections(elf: Buffer): readonly Section[] {
  const start = Number(elf.readBigUInt64LE(0x28));
  return Array.from({ length: elf.readUInt16LE(0x3c) }, (_, index) => {
    const header = start + 64 * index;
    return {
      type: elf.readUInt32LE(header + 4),
      offset: Number(elf.readBigUInt64LE(header + 24)),
      size: Number(elf.readBigUInt64LE(header + 32)),
      link: elf.readUInt32LE(header + 40),
      info: elf.readUInt32LE(header + 44),
    };
  });
}

interface VersionNeed {
  /** Where the entry is in the file. */
  readonly offset: number;
  readonly name: string;
  /** What the table of symbol versions calls it. */
  readonly number: number;
}

/** Reads which versions of each library are needed (`Elf64_Verneed` and `Elf64_Vernaux` in `elf.h`). */
function readVersionNeeds(
  elf: Buffer,
  { offset, info: libraries }: Section,
  nameAt: (index: number) => string,
): readonly (readonly VersionNeed[])[] {
  let library = offset;
  return Array.from({ length: libraries }, () => {
    let entry = library + elf.readUInt32LE(library + 8);
    const entries = Array.from({ length: elf.readUInt16LE(library + 2) }, () => {
      const need = {
        offset: entry,
        name: nameAt(elf.readUInt32LE(entry + 8)),
        number: elf.readUInt16LE(entry + 6),
      };
      entry += elf.readUInt32LE(entry + 12);
      return need;
    });
    library += elf.readUInt32LE(library + 12);
    return entries;
  });
}
