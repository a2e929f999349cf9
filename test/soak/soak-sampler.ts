/**
 * The sampler of a bench as a process of its own, so that a soak sees it from outside, as it does all others:
 * `soak-sampler.js PLAN`, where PLAN is a {@link SamplerPlan} in JSON. It prints an empty JSON document once it samples, and
 * ends on SIGTERM, or with the soak.
 */
import { JvmHeaps } from '../../bench/measure/jvm/jvm-heaps.js';
import { MemoryLimitWatch } from '../../bench/measure/memory-limit-watch.js';
import { startSampler } from '../../bench/measure/sampler.js';
import { createRunFolder } from '../../bench/results/run-folder.js';
import { attachToProcess } from '../../bench/targets/running-process.js';
import { addCounts } from '../../loadgen/report/counts.js';
import { endingSignals } from '../../program/ending-signals.js';
import type { SamplerPlan } from './start-sampler.js';

const plan = JSON.parse(process.argv[2] ?? '') as SamplerPlan;
const target = await attachToProcess({
  kind: 'process',
  pid: plan.serverPid,
  url: plan.url,
  adminUrl: plan.adminUrl,
  mayAsk: false,
  waitMs: 0,
});
const folder = createRunFolder(plan.folder);
const memoryLimit = new MemoryLimitWatch();
const sampler = startSampler({
  start: { wallMs: Date.now(), atMs: performance.now(), intervalMs: plan.intervalMs },
  target,
  jvmHeaps: new JvmHeaps(),
  memoryLimit,
  loadgenPids: () => plan.loadgenPids,
  position: () => ({ wave: 1, phase: 'hold' }),
  counts: () => addCounts([]),
  takeLagMs: () => undefined,
  samples: folder.samples,
  workers: folder.workers,
  onSample: () => undefined,
  reconcile: () => () => undefined,
});
for (const signal of endingSignals) process.on(signal, () => void sampler.stop());
process.on('disconnect', () => void sampler.stop());
process.stdout.write('{}\n');
try {
  await sampler.done;
} finally {
  memoryLimit.close();
  folder.close();
  await target.stop();
  if (process.connected) process.disconnect();
}
