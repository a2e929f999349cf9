/** Committed bytes of a JVM by purpose, such as `thread` or `class`; `total` is all of it. */
export type NativeMemory = Readonly<Record<string, number>>;

/**
 * Parses what `jcmd <pid> VM.native_memory summary scale=b` prints: the total, and each category's committed bytes.
 * Undefined if the JVM does not track it (it needs `-XX:NativeMemoryTracking=summary`). It knows only what the JVM
 * itself allocates: libraries such as zlib take from malloc behind its back.
 */
export function parseNativeMemory(summary: string): NativeMemory | undefined {
  const total = /^Total: reserved=\d+, committed=(\d+)/m.exec(summary)?.[1];
  if (total === undefined) return undefined;
  const found: Record<string, number> = { total: Number(total) };
  const category = /^-\s+(.+?) \(reserved=\d+, committed=(\d+)/gm;
  for (const [, name = '', committed] of summary.matchAll(category)) {
    found[name.toLowerCase().replaceAll(' ', '_')] = Number(committed);
  }
  return found;
}
