import { column } from '../../bench/results/sample-columns.js';

const smaps = '`/proc/<pid>/smaps`, after a collection';
const v8 = 'V8, after a collection';

/** Columns of the soak's `samples.csv`: one row a role and sample. */
export const soakColumns = {
  elapsed_s: column('decimal', 'CLOCK_MONOTONIC', 'Seconds since the load began'),
  role: column('text', 'soak', 'server, generators, coordinator or sampler'),
  processes: column('integer', 'soak', 'Processes of the role'),
  connections: column('integer', 'load generator', 'Connections open'),
  connections_opened_total: column('integer', 'load generator', 'Connections opened so far'),
  private_bytes: column('integer', smaps, 'Resident memory except pages of files'),
  malloc_bytes: column('integer', 'heaps of malloc, after a collection', 'Blocks not freed'),
  live_bytes: column('integer', v8, 'JS objects that are alive, and the memory of buffers'),
} as const;
