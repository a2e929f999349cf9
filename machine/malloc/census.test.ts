import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { readMemoryMap } from '../procfs/read-procfs.js';
import { type MallocCensus, takeMallocCensus } from './census.js';
import { arenaHeapBytes } from './find-heaps.js';
import { ProcessMemory } from './process-memory.js';

/** A program that allocates in three threads, tells what it has and what malloc_info(3) says, and waits. */
const program = String.raw`
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_barrier_t done, told;

/* So many blocks of a size stay; for each one another is freed, some of which the thread keeps for the next time. */
static void fill(int count, size_t size) {
  void **others = malloc(count * sizeof *others);
  for (int i = 0; i < count; i++) {
    memset(malloc(size), 1, size);
    others[i] = malloc(size);
  }
  for (int i = 0; i < count; i++) free(others[i]);
  free(others);
}

static void *work(void *argument) {
  int thread = (int)(long)argument;
  fill(1000, 5000 + 16 * thread);
  fill(5000, 24);
  fill(300, 65536 - 8);
  pthread_barrier_wait(&done);
  pthread_barrier_wait(&told);
  return NULL;
}

int main(int count, char **arguments) {
  pthread_t threads[3];
  /* Something lies behind the heap, so that brk(2) fails. */
  if (count > 1) {
    char *behind = (char *)(((unsigned long)sbrk(0) + 4095) & ~4095UL) + atol(arguments[1]);
    if (mmap(behind, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != behind) return 1;
  }
  pthread_barrier_init(&done, NULL, 4);
  pthread_barrier_init(&told, NULL, 4);
  setvbuf(stdout, malloc(65536), _IOFBF, 65536);
  for (long i = 0; i < 3; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  fill(7000, 1000);
  for (int i = 0; i < 5; i++) memset(malloc(300000), 1, 300000);
  pthread_barrier_wait(&done);
  malloc_info(0, stdout);
  printf("\nend\n");
  fflush(stdout);
  getchar();
  pthread_barrier_wait(&told);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  return 0;
}
`;

/** A program whose threads leave behind heaps with tops of all sizes, as their next block is too large for what is left. */
const tops = String.raw`
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { threads = 256 };
static pthread_barrier_t done;

static void *work(void *argument) {
  malloc(24 + 16 * (long)argument);
  /* Two of these are in the first heap of 64 MiB, and none is touched. */
  for (int i = 0; i < 3; i++) malloc(30 << 20);
  pthread_barrier_wait(&done);
  pause();
  return NULL;
}

int main(void) {
  mallopt(M_ARENA_MAX, threads + 1);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  pthread_barrier_init(&done, NULL, threads + 1);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  for (long i = 0; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &small, work, (void *)i)) return 1;
  }
  pthread_barrier_wait(&done);
  printf("end\n");
  fflush(stdout);
  getchar();
  return 0;
}
`;

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-census-'));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program until it waits, and returns its census and what malloc_info said. */
async function census(
  t: TestContext,
  text: string,
  ...args: readonly string[]
): Promise<{ census: MallocCensus; info: string }> {
  const binary = join(folder, text === program ? 'program' : 'tops');
  const source = `${binary}.c`;
  if (!existsSync(binary)) {
    writeFileSync(source, text);
    execFileSync('gcc', ['-O1', '-fno-builtin', '-pthread', '-o', binary, source]);
  }
  const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'end') break;
    lines.push(line);
  }
  const pid = child.pid ?? 0;
  const memory = new ProcessMemory(pid);
  const mappings = readMemoryMap(pid) ?? [];
  const found = takeMallocCensus(memory, mappings, 2 ** 40);
  // As the kernel tells it where a stack or another heap lies right before that of a thread.
  const joined = mappings.map((each) =>
    each.start % arenaHeapBytes === 0 ? { ...each, start: each.start - 4096 } : each,
  );
  assert.deepEqual(takeMallocCensus(memory, joined, 2 ** 40)?.blocks, found?.blocks);
  memory.close();
  child.stdin.end('\n');
  await once(child, 'exit');
  assert.ok(found);
  return { census: found, info: lines.join('\n') };
}

function isGccMissing(t: TestContext): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return false;
  } catch (error) {
    if (process.env['TIDEMARK_REQUIRE_ALL'] === '1') throw error;
    t.skip('gcc is missing');
    return true;
  }
}

/** Attributes of the elements of malloc_info that stand for the whole, after those of the single heaps. */
function totalOf(info: string, element: RegExp): number {
  const whole = info.slice(info.lastIndexOf('</heap>'));
  return Number(element.exec(whole)?.[1]);
}

describe('takeMallocCensus()', () => {
  it('counts the blocks of all threads, and agrees with malloc_info(3)', async (t) => {
    if (isGccMissing(t)) return;
    isCounted(await census(t, program));
  });

  it('finds the pieces of a heap that something lies behind, as V8 sometimes does', async (t) => {
    if (isGccMissing(t)) return;
    for (const bytes of [0, 1_048_576]) isCounted(await census(t, program, String(bytes)));
  });

  it('follows heaps that were left with a top of any size', async (t) => {
    if (isGccMissing(t)) return;
    const { census: found } = await census(t, tops);
    assert.equal(found.walkedBytes, found.totalBytes);
    assert.equal(found.blocks.get(30 * 2 ** 20 + 16), 3 * 256);
  });

  function isCounted({ census: found, info }: { census: MallocCensus; info: string }): void {
    assert.equal(found.walkedBytes, found.totalBytes);
    // What stays of each size; the sizes of chunks are 8 bytes more, rounded up to 16.
    const wanted = new Map([
      [5008, 1000],
      [5024, 1000],
      [5040, 1000],
      [65_536, 900],
      [1008, 7000],
      [303_104, 5],
    ]);
    for (const [size, count] of wanted) assert.equal(found.blocks.get(size), count, String(size));
    // A free chunk of 48 bytes is given away whole, as a rest of 16 would be no chunk.
    const small = (found.blocks.get(32) ?? 0) + (found.blocks.get(48) ?? 0);
    assert.ok(small >= 15_000 && small < 15_050, String(small));

    const system = totalOf(info, /<system type="current" size="(\d+)"/);
    const mapped = totalOf(info, /<total type="mmap" count="\d+" size="(\d+)"/);
    const free =
      totalOf(info, /<total type="fast" count="\d+" size="(\d+)"/) +
      totalOf(info, /<total type="rest" count="\d+" size="(\d+)"/);
    const near = (one: number, other: number): void => {
      assert.ok(Math.abs(one - other) <= other * 0.01, `${one} is not ${other}, within 1 %`);
    };
    near(found.totalBytes, system + mapped);
    // malloc_info takes what threads keep for used.
    near(found.freePagesBytes + found.freePiecesBytes + found.topBytes, free);
    near(found.usedBytes, system + mapped - free);
  }

  it('reads nothing beyond its budget', () => {
    const memory = { read: () => 0 };
    const mapping = { start: 0x1000, end: 0x200000, path: '[heap]', permissions: 'rw-p' };
    const mappings = [{ ...mapping, rssBytes: 0, pssBytes: 0, lazyFreeBytes: 0 }];
    assert.equal(takeMallocCensus(memory, mappings, 1000), undefined);
    assert.equal(takeMallocCensus(memory, mappings, 2 ** 30)?.walkedBytes, 0);
    assert.equal(takeMallocCensus(memory, [], 2 ** 30), undefined);
  });
});
