import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ColumnTable, sampleColumns, workerColumns } from './sample-columns.js';

function textColumns(table: ColumnTable): string[] {
  return Object.keys(table).filter((name) => table[name]?.type === 'text');
}

describe('the columns', () => {
  it('of samples.csv begin with the thirty that the design names, in its order', () => {
    assert.deepEqual(Object.keys(sampleColumns).slice(0, 30), [
      'timestamp',
      'elapsed_s',
      'wave',
      'phase',
      'connections',
      'connections_opened_total',
      'connections_closed_total',
      'greetings_received_total',
      'connect_errors_total',
      'connect_rate_per_s',
      'target_processes',
      'cpu_percent',
      'rss_bytes',
      'pss_bytes',
      'js_heap_used_bytes',
      'js_heap_total_bytes',
      'js_external_bytes',
      'js_array_buffers_bytes',
      'native_bytes',
      'native_malloc_bytes',
      'native_stacks_bytes',
      'native_file_bytes',
      'native_other_bytes',
      'unattributed_bytes',
      'kernel_tcp_buffers_bytes',
      'kernel_sockets_bytes',
      'loadgen_cpu_percent',
      'loadgen_rss_bytes',
      'loadgen_lag_ms',
      'sampler_cpu_percent',
    ]);
  });

  it('hold no text but our own words: a spreadsheet runs what begins with =, +, - or @', () => {
    assert.deepEqual(textColumns(sampleColumns), ['phase']);
    assert.deepEqual(textColumns(workerColumns), ['phase', 'role']);
  });
});
