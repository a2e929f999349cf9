import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { owners } from './owners.js';
import { type ColumnTable, sampleColumns, workerColumns } from './sample-columns.js';

function textColumns(table: ColumnTable): string[] {
  return Object.keys(table).filter((name) => table[name]?.type === 'text');
}

describe('the columns', () => {
  // A sheet made for one file fits the next.
  it('of samples.csv keep the order of version 2', () => {
    assert.deepEqual(Object.keys(sampleColumns).slice(0, 41), [
      'timestamp',
      'elapsed_s',
      'wave',
      'phase',
      'connections',
      'target_connections',
      'connections_opened_total',
      'connections_closed_total',
      'connections_lost_total',
      'connect_errors_total',
      'connect_rate_per_s',
      'greetings_received_total',
      'messages_sent_total',
      'echoes_received_total',
      'target_processes',
      'cpu_percent',
      'rss_bytes',
      'pss_bytes',
      'js_heap_resident_bytes',
      'managed_heap_bytes',
      'native_malloc_bytes',
      'native_other_bytes',
      'native_stacks_bytes',
      'native_file_bytes',
      'unattributed_bytes',
      'native_bytes',
      'lazy_free_bytes',
      'js_heap_used_bytes',
      'js_heap_total_bytes',
      'js_external_bytes',
      'js_array_buffers_bytes',
      'kernel_sockets_bytes',
      'kernel_tcp_buffers_bytes',
      'cgroup_kernel_bytes',
      'cgroup_memory_bytes',
      'cgroup_memory_limit_bytes',
      'cgroup_oom_kills_total',
      'loadgen_cpu_percent',
      'loadgen_rss_bytes',
      'loadgen_lag_ms',
      'sampler_cpu_percent',
    ]);
  });

  it('of samples.csv have what resident memory divides into side by side', () => {
    const names: readonly string[] = Object.keys(sampleColumns);
    const places = Object.values(owners)
      .filter(({ place }) => place === 'inside' || place === 'files')
      .flatMap<string>(({ columns }) => columns)
      .map((column) => names.indexOf(column));
    assert.equal(Math.max(...places) - Math.min(...places), places.length - 1);
  });

  it('hold no text but our own words: a spreadsheet runs what begins with =, +, - or @', () => {
    assert.deepEqual(textColumns(sampleColumns), ['phase']);
    assert.deepEqual(textColumns(workerColumns), ['phase', 'role']);
  });
});
