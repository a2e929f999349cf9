import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleRows } from '../example-run.fixture.js';
import { makeTimeCharts } from './time-charts.js';

const labelsOf = (charts: ReturnType<typeof makeTimeCharts>): Record<string, string[]> =>
  Object.fromEntries(
    charts.map(({ definition }) => [definition.id, definition.series.map(({ label }) => label)]),
  );

describe('makeTimeCharts()', () => {
  it('shows what was measured, and leaves out owners that had nothing', () => {
    assert.deepEqual(labelsOf(makeTimeCharts(exampleRows, 1000)), {
      memory: ['binaries, files', 'stacks', 'other', 'JS heap', 'malloc', 'open connections'],
      kernel: ['sockets'],
      rate: ['achieved', 'asked'],
      cpu: ['target', 'generator', 'sampler'],
    });
  });

  it('has the columns of each series, and the rate that was asked for', () => {
    const [memory, , rate] = makeTimeCharts(exampleRows, 1000);
    const row = 5;
    assert.equal(memory?.columns['elapsed_s']?.[row], 5);
    assert.equal(memory.columns['connections']?.[row], 1000);
    // The owners add up to RSS.
    const owners = memory.definition.series.filter(({ form }) => form === 'area');
    const sum = owners.reduce(
      (total, { column }) => total + (memory.columns[column]?.[row] ?? 0),
      0,
    );
    assert.equal(sum, exampleRows[row]?.rss_bytes);
    assert.equal(rate?.columns['rate_asked']?.[row], 1000);
  });

  it('shows RSS as a whole where nobody tells who owns it', () => {
    const rows = exampleRows.map((row) => ({
      ...row,
      native_malloc_bytes: undefined,
      native_stacks_bytes: undefined,
      native_file_bytes: undefined,
      native_other_bytes: undefined,
      js_heap_resident_bytes: undefined,
      unattributed_bytes: undefined,
      kernel_sockets_bytes: undefined,
    }));
    const labels = labelsOf(makeTimeCharts(rows, 'max'));
    assert.deepEqual(labels['memory'], ['RSS', 'open connections']);
    assert.equal('kernel' in labels, false);
    assert.deepEqual(labels['rate'], ['achieved']);
  });

  it('says so where more is owned than resident', () => {
    const rows = exampleRows.map((row) => ({ ...row, unattributed_bytes: -4096 }));
    const [memory] = makeTimeCharts(rows, undefined);
    assert.match(memory?.definition.description ?? '', /“unattributed” is drawn as 0/);
  });

  it('shows the memory limit of the target’s control group, if it has one', () => {
    const charged = exampleRows.map((row) => ({ ...row, cgroup_memory_bytes: 2 ** 20 }));
    assert.equal('limit' in labelsOf(makeTimeCharts(charged, 1000)), false);
    const limited = charged.map((row) => ({ ...row, cgroup_memory_limit_bytes: 2 ** 28 }));
    assert.deepEqual(labelsOf(makeTimeCharts(limited, 1000))['limit'], ['charged', 'limit']);
  });

  it('draws nothing without rows', () => {
    assert.deepEqual(makeTimeCharts([], 1000), []);
  });
});
