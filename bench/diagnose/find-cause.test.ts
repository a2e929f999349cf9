import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CellResult, type FactorLevels, type Levels, planCells } from './cell-result.js';
import { explainCause } from './explain-cause.js';
import { factorEffects, findCause } from './find-cause.js';

const factors: FactorLevels = {
  greeting: ['none', 'empty', 'text'],
  deflate: ['off', 'on'],
  allocator: ['glibc', 'jemalloc'],
};

/** Cells of a server that holds `heldKib(levels)` KiB per connection, all but 1 KiB of it in malloc. */
function measure(
  heldKib: (levels: Levels) => number,
  keptShare: (levels: Levels) => number = () => 0,
): CellResult[] {
  return planCells(factors).map((cell) => {
    const whole = heldKib(cell.levels) * 1024;
    const bytes = (factor: number) => ({
      whole: whole * factor,
      js_heap: 1024 * factor,
      malloc: (whole - 1024) * factor,
      other: 0,
    });
    return { ...cell, state: 'measured', held: bytes(1), kept: bytes(keptShare(cell.levels)) };
  });
}

const explain = (cells: readonly CellResult[]): string[] =>
  explainCause(findCause(cells, factors), cells);

const isNetty = ({ greeting, deflate }: Levels): boolean => greeting === 'text' && deflate === 'on';

describe('findCause() and explainCause()', () => {
  it('name two conditions that must come together', () => {
    const [first, second] = explain(measure((levels) => (isNetty(levels) ? 213 : 20)));
    assert.equal(
      first,
      '193 KiB per connection, in malloc, only when the greeting is not empty and permessage-deflate is negotiated, whatever the allocator: compression state that each connection has of its own.',
    );
    assert.match(second ?? '', /turn permessage-deflate off/);
  });

  it('name one condition, and what makes no difference', () => {
    const [first] = explain(measure(({ deflate }) => (deflate === 'on' ? 75 : 1)));
    assert.match(
      first ?? '',
      /^74\.0 KiB per connection, in malloc, only when permessage-deflate is negotiated, whatever the greeting and the allocator/,
    );
  });

  it('say so when nothing that was tried matters', () => {
    const cells = measure(({ greeting }) => (greeting === 'text' ? 9 : 8.5));
    assert.deepEqual(explain(cells), [
      'No factor that was tried matters: about 8.67 KiB per connection in every cell, most of it in malloc.',
    ]);
  });

  it('do not know when the cells contradict each other', () => {
    const odd = ({ greeting, deflate }: Levels): boolean =>
      (greeting === 'text') !== (deflate === 'on');
    const [first] = explain(measure((levels) => (odd(levels) ? 200 : 10)));
    assert.equal(
      first,
      'The cause is not known: the expensive cells have no levels in common that the others lack.',
    );
  });

  it('do not know when the cells are spread evenly', () => {
    let held = 0;
    const [first] = explain(measure(() => (held += 10)));
    assert.match(first ?? '', /^The cause is not known: the cells lie too close together/);
  });

  it('go on without a cell that failed', () => {
    const cells = measure((levels) => (isNetty(levels) ? 213 : 20)).map(
      (cell, index): CellResult =>
        index === 1
          ? { name: cell.name, levels: cell.levels, state: 'failed', reason: 'died' }
          : cell,
    );
    assert.equal(findCause(cells, factors).kind, 'conditions');
  });

  it('compare what the allocators give back', () => {
    const cells = measure(
      (levels) => (isNetty(levels) ? 213 : 20),
      ({ allocator }) => (allocator === 'jemalloc' ? 0.1 : 0.9),
    );
    assert.equal(
      explain(cells).at(-1),
      'After the drain 90 % of it stays with glibc, 10 % with jemalloc.',
    );
  });

  it('know nothing from one cell', () => {
    const [first] = measure(() => 1);
    assert.ok(first);
    assert.equal(findCause([first], factors).kind, 'unknown');
  });
});

describe('factorEffects()', () => {
  it('averages each factor over the others', () => {
    const effects = factorEffects(
      measure(({ deflate }) => (deflate === 'on' ? 75 : 1)),
      factors,
    );
    const deflate = effects.find(({ factor }) => factor === 'deflate');
    assert.equal(deflate?.explained.whole, 74 * 1024);
    assert.equal(deflate.explained.malloc, 74 * 1024);
    assert.equal(effects.find(({ factor }) => factor === 'greeting')?.explained.whole, 0);
  });
});

describe('planCells()', () => {
  it('makes every combination once', () => {
    const names = planCells(factors).map(({ name }) => name);
    assert.equal(names.length, 12);
    assert.equal(new Set(names).size, 12);
    assert.equal(names[0], 'greeting-none_deflate-off_glibc');
  });
});
