import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectionPart } from '../results/summary.js';
import type { CellResult } from './cell-result.js';
import { diagnose } from './diagnosis.js';
import { factorEffects, findCause } from './find-cause.js';
import type { Makeup } from './name-makeup.js';
import type { Cell, FactorLevels, Levels } from './factors.js';
import { planCross, planScreen } from './plan-cells.js';

const factors: FactorLevels = {
  messages: ['none', 'empty greeting', 'greeting', 'echo'],
  deflate: ['off', 'on'],
  allocator: ['glibc', 'jemalloc'],
  tls: ['off', 'on'],
  end: ['close', 'reset', 'silent'],
};

const unknown: Makeup = { parts: [], sites: [] };

/** A server that holds and keeps so many KiB per connection, all but 1 KiB of it in malloc. */
interface KnownServer {
  readonly heldKib: (levels: Levels) => number;
  readonly keptKib?: (levels: Levels) => number;
  readonly compresses?: boolean;
  readonly makeupOf?: (levels: Levels) => Makeup;
}

/** Measures it as `diagnose` does: the screen, and what follows from it. */
function measure(
  { heldKib, keptKib = () => 2, compresses = true, makeupOf = () => unknown }: KnownServer,
  tried: FactorLevels = factors,
): CellResult[] {
  const bytes = (kib: number) => ({
    whole: kib * 1024,
    js_heap: 1024,
    malloc: (kib - 1) * 1024,
    other: 0,
  });
  const run = (cells: readonly Cell[]): CellResult[] =>
    cells.map(({ name, levels }) => ({
      name,
      levels,
      state: 'measured',
      held: bytes(heldKib(levels)),
      kept: bytes(keptKib(levels)),
      compressed: compresses && levels.deflate === 'on' && levels.messages !== 'none' ? 10 : 0,
      answered: levels.messages === 'echo' ? 10 : 0,
      leftOpen: levels.end === 'silent' ? 150 : 0,
      makeup: makeupOf(levels),
    }));
  const screened = run(planScreen(tried));
  return [...screened, ...run(planCross(screened, tried))];
}

const explain = (
  cells: readonly CellResult[],
  tried: FactorLevels = factors,
  traced?: Makeup,
): readonly string[] =>
  diagnose({ target: 'known', connections: 150, factors: tried }, cells, traced).conclusions;

const isNetty = ({ messages, deflate }: Levels): boolean =>
  (messages === 'greeting' || messages === 'echo') && deflate === 'on';

describe('a diagnosis', () => {
  it('names two conditions that must come together', () => {
    const [first, second] = explain(measure({ heldKib: (levels) => (isNetty(levels) ? 213 : 20) }));
    assert.equal(
      first,
      '193 KiB per connection, in malloc, only when a message that is not empty is sent (greeting or echo) and permessage-deflate is negotiated, whatever the allocator and the encryption: compression state that each connection has of its own.',
    );
    assert.match(second ?? '', /turn permessage-deflate off/);
  });

  it('ends with the name of what holds it, and of the functions that allocate that', () => {
    const state = 'zlib deflate state, window 15, memory level 8';
    const block = (kind: string, count: number, of?: string): ConnectionPart => ({
      source: 'malloc',
      kind,
      per_connection: count,
      bytes_per_connection: count * Number(kind),
      ...(of === undefined ? {} : { state: of }),
    });
    const dear = { parts: [block('65552', 4, state), block('5968', 1, state)], sites: [] };
    const cells = measure({
      heldKib: (levels) => (isNetty(levels) ? 213 : 20),
      makeupOf: (levels) => (isNetty(levels) ? dear : { parts: [block('128', 1)], sites: [] }),
    });
    const blocks = `4 blocks of 65,552 B and 1 of 5,968 B per connection, a ${state}`;
    assert.ok(explain(cells)[0]?.endsWith(`and the encryption: ${blocks}.`), explain(cells)[0]);
    const site = 'deflateInit2_ libz.so.1 < Java_java_util_zip_Deflater_init libzip.so';
    const traced = { ...dear, sites: [{ source: 'malloc', site, bytes_per_connection: 260_000 }] };
    const [first = ''] = explain(cells, factors, traced as Makeup);
    assert.ok(first.endsWith(`and the encryption: ${blocks}; allocated in ${site}.`), first);
  });

  it('names messages as well where nothing else is known of the server', () => {
    const foreign: FactorLevels = { ...factors, messages: ['none', 'echo'], tls: ['off'] };
    const cells = measure({ heldKib: (levels) => (isNetty(levels) ? 257 : 14) }, foreign);
    const [first] = explain(cells, foreign);
    assert.equal(
      first,
      '243 KiB per connection, in malloc, only when messages are answered and permessage-deflate is negotiated, whatever the allocator: compression state that each connection has of its own.',
    );
  });

  it('names one condition, and what makes no difference', () => {
    const [first] = explain(measure({ heldKib: ({ deflate }) => (deflate === 'on' ? 75 : 1) }));
    assert.match(
      first ?? '',
      /^74\.0 KiB per connection, in malloc, only when permessage-deflate is negotiated, whatever the messages, the allocator and the encryption/,
    );
  });

  it('names encryption', () => {
    const [first] = explain(measure({ heldKib: ({ tls }) => (tls === 'on' ? 320 : 20) }));
    assert.match(
      first ?? '',
      /^300 KiB per connection, in malloc, only when connections are encrypted/,
    );
  });

  it('says so when nothing that was tried matters', () => {
    const cells = measure({ heldKib: ({ messages }) => (messages === 'echo' ? 9 : 8.5) });
    const said = explain(cells);
    assert.equal(said.length, 1);
    assert.match(
      said[0] ?? '',
      /^No factor that was tried matters: about 8\.\d\d KiB per connection/,
    );
  });

  it('neither names nor acquits compression where nothing was compressed', () => {
    const heldKib = ({ messages }: Levels): number => (messages === 'echo' ? 90 : 8);
    const cells = measure({ heldKib, compresses: false });
    const said = explain(cells).join('\n');
    assert.match(said, /^82\.0 KiB per connection, in malloc, only when messages are answered/);
    assert.doesNotMatch(said, /permessage-deflate|whatever.*compression/);
    assert.match(said, /No message was compressed, so this says nothing about compression\.$/);
  });

  it('tells what stays when clients are cut off or vanish', () => {
    const keptKib = ({ end }: Levels): number => ({ close: 2, reset: 6, silent: 20 })[end];
    const said = explain(measure({ heldKib: () => 20, keptKib }));
    assert.match(
      said[1] ?? '',
      /^4\.00 KiB per connection more stay, in malloc, when connections are cut off/,
    );
    assert.match(said[2] ?? '', /^18\.0 KiB .* vanish without a word \(150 are still open\)/);
    assert.equal(said.length, 3);
  });

  it('adds up what several factors take', () => {
    const heldKib = ({ messages, tls }: Levels): number =>
      9 + (messages === 'echo' ? 4 : 0) + (tls === 'on' ? 3 : 0);
    assert.deepEqual(explain(measure({ heldKib })), [
      'Each takes some, whatever the others are: 4.00 KiB per connection when messages are answered, in malloc and 3.00 KiB per connection when connections are encrypted, in malloc.',
    ]);
  });

  it('does not know when the cells contradict each other', () => {
    const odd = ({ messages, deflate }: Levels): boolean =>
      (messages === 'echo') !== (deflate === 'on');
    const [first] = explain(measure({ heldKib: (levels) => (odd(levels) ? 200 : 10) }));
    assert.match(
      first ?? '',
      /^The cause is not known: the expensive cells have no levels in common/,
    );
  });

  it('does not know when the cells are spread evenly', () => {
    const held = [50, 100, 55, 30, 10, 20, 95, 45, 50, 50, 40, 60, 35, 90].values();
    const [first] = explain(measure({ heldKib: () => held.next().value ?? 0 }));
    assert.match(first ?? '', /^The cause is not known/);
  });

  it('goes on without a cell that failed', () => {
    const cells = measure({ heldKib: (levels) => (isNetty(levels) ? 213 : 20) }).map(
      ({ name, levels, ...rest }, index): CellResult =>
        index === 1 ? { name, levels, state: 'failed', reason: 'died' } : { name, levels, ...rest },
    );
    assert.equal(findCause(cells, factors).kind, 'conditions');
  });

  it('compares what the allocators give back', () => {
    const keptKib = ({ allocator }: Levels): number => (allocator === 'jemalloc' ? 20 : 190);
    const cells = measure({ heldKib: (levels) => (isNetty(levels) ? 200 : 20), keptKib });
    assert.ok(
      explain(cells).includes('After the drain 95 % of it stays with glibc, 10 % with jemalloc.'),
    );
  });

  it('knows nothing from one cell', () => {
    const [first] = measure({ heldKib: () => 1 });
    assert.ok(first);
    assert.equal(findCause([first], factors).kind, 'unknown');
  });
});

describe('factorEffects()', () => {
  it('averages each factor over the others', () => {
    const cells = measure({ heldKib: ({ deflate }) => (deflate === 'on' ? 75 : 1) });
    const effects = factorEffects(cells, factors);
    const deflate = effects.find(({ factor }) => factor === 'deflate');
    assert.equal(deflate?.explained.whole, 74 * 1024);
    assert.equal(deflate.explained.malloc, 74 * 1024);
    for (const factor of ['messages', 'allocator', 'tls'])
      assert.equal(effects.find((each) => each.factor === factor)?.explained.whole, 0, factor);
  });
});

describe('planScreen() and planCross()', () => {
  it('try what matters together, and the rest where it shows', () => {
    const names = measure({ heldKib: (levels) => (isNetty(levels) ? 213 : 20) }).map(
      ({ name }) => name,
    );
    assert.deepEqual(names, [
      'no-message_deflate-off_glibc',
      'empty-greeting_deflate-off_glibc',
      'greeting_deflate-off_glibc',
      'echo_deflate-off_glibc',
      'no-message_deflate-on_glibc',
      'empty-greeting_deflate-on_glibc',
      'greeting_deflate-on_glibc',
      'echo_deflate-on_glibc',
      'no-message_deflate-off_glibc_end-reset',
      'no-message_deflate-off_glibc_end-silent',
      'no-message_deflate-off_jemalloc',
      'no-message_deflate-off_glibc_tls',
      'greeting_deflate-on_jemalloc',
      'greeting_deflate-on_glibc_tls',
    ]);
  });
});
