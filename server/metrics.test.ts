import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverDocumentVersion, type StatsDocument } from './documents.js';
import { formatMetrics } from './metrics.js';

const memory = {
  rss_bytes: 1,
  js_heap_used_bytes: 2,
  js_heap_total_bytes: 3,
  js_heap_resident_bytes: 4,
  js_external_bytes: 5,
  js_array_buffers_bytes: 6,
};
const counts = {
  connections: 3,
  connections_opened_total: 40,
  connections_closed_total: 37,
  connections_refused_total: 5,
  address_refused_total: 7,
  greetings_sent_total: 39,
  messages_received_total: 100,
  messages_echoed_total: 98,
  backpressure_closed_total: 2,
};
const stats: StatsDocument = {
  version: serverDocumentVersion,
  uptime_s: 12.5,
  ...counts,
  supervisor: { pid: 10, memory },
  workers: [
    { report_age_s: 0.4, pid: 11, ...counts, connections: 1, memory: { ...memory, rss_bytes: 70 } },
    { report_age_s: 0.4, pid: 12, ...counts, connections: 2, memory: { ...memory, rss_bytes: 80 } },
  ],
  workers_restarted_total: 4,
  workers_lost: [],
  tls_reloads_total: 8,
  tls_reload_failures_total: 9,
};

/** A metric as the text format has it: its type, its help and its samples by their labels. */
interface Metric {
  readonly type: string;
  readonly help: string;
  readonly samples: Record<string, number>;
}

function parse(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  let help = '';
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      help = rest;
    } else if (keyword === 'TYPE') {
      metrics.set(name, { type: rest, help, samples: {} });
      help = '';
    } else {
      const [, sample = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const metric = metrics.get(sample);
      assert.ok(metric, `no HELP and TYPE before: ${line}`);
      metric.samples[labels] = Number(value);
    }
  }
  return metrics;
}

describe('formatMetrics()', () => {
  it('gives each metric a help, a type that fits its name, and at least one sample', async () => {
    const metrics = parse(await formatMetrics(stats));
    assert.equal(metrics.size, 9 + 6 + 6);
    for (const [name, { type, help, samples }] of metrics) {
      assert.match(name, /^tidemark_server_[a-z_]+$/);
      assert.equal(type, name.endsWith('_total') ? 'counter' : 'gauge', name);
      assert.match(help, /^[A-Z].{4,}[^.]$/, name);
      assert.notDeepEqual(samples, {}, name);
    }
  });

  const samples: [string, Record<string, number>][] = [
    ...Object.entries(counts).map(([name, value]): [string, Record<string, number>] => [
      name,
      { '': value },
    ]),
    ['workers', { '': 2 }],
    ['workers_restarted_total', { '': 4 }],
    ['tls_reloads_total', { '': 8 }],
    ['tls_reload_failures_total', { '': 9 }],
    ['uptime_seconds', { '': 12.5 }],
    ['worker_connections', { 'pid="11"': 1, 'pid="12"': 2 }],
    [
      'process_rss_bytes',
      {
        'pid="10",role="supervisor"': 1,
        'pid="11",role="worker"': 70,
        'pid="12",role="worker"': 80,
      },
    ],
  ];
  for (const [name, expected] of samples) {
    it(`writes the values of ${name}`, async () => {
      const metric = parse(await formatMetrics(stats)).get(`tidemark_server_${name}`);
      assert.deepEqual(metric?.samples, expected);
    });
  }

  it('writes each figure of memory under its own name', async () => {
    const metrics = parse(await formatMetrics(stats));
    for (const [name, value] of Object.entries(memory)) {
      const found = metrics.get(`tidemark_server_process_${name}`)?.samples;
      assert.equal(found?.['pid="10",role="supervisor"'], value, name);
    }
  });

  it('leaves no series of a worker that is gone', async () => {
    await formatMetrics(stats);
    const text = await formatMetrics({ ...stats, workers: stats.workers.slice(1) });
    assert.doesNotMatch(text, /pid="11"/);
    assert.match(text, /pid="12"/);
  });
});
