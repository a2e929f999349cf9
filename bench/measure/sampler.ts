import { sleepUnlessAborted } from '../../program/sleep.js';
import type { LoadCounts } from '../../loadgen/report/counts.js';
import type { CsvFile } from '../results/csv-file.js';
import { readMemoryMap, readProcessTree } from '../../machine/procfs/read-procfs.js';
import type { JvmHeaps } from './jvm/jvm-heaps.js';
import type { MemoryLimitWatch } from './memory-limit-watch.js';
import { MapSchedule } from './map-schedule.js';
import { type Reading, takeReading } from './reading.js';
import { type PlacedReading, type Position, positionOf, type RunStart, toRows } from './rows.js';
import type { Phase, SampleRow, sampleColumns, workerColumns } from '../results/sample-columns.js';
import type { Target } from '../targets/target.js';

/** Where the sampler gets what it can't find out itself, and where its rows go. */
export interface SamplerSetting {
  readonly start: RunStart;
  readonly target: Target;
  readonly jvmHeaps: JvmHeaps;
  /** The limits that the target runs under. */
  readonly memoryLimit: MemoryLimitWatch;
  readonly loadgenPids: () => readonly number[];
  readonly position: () => Position;
  /** Counts of all waves so far. */
  readonly counts: () => LoadCounts;
  /** Worst event-loop delay of the generator since the last call, in milliseconds. */
  readonly takeLagMs: () => number | undefined;
  readonly samples: CsvFile<typeof sampleColumns>;
  readonly workers: CsvFile<typeof workerColumns>;
  readonly onSample: (row: SampleRow) => void;
  /** Begins to compare what the generator has counted with what is read next; takes the reading. */
  readonly reconcile: () => (reading: Reading) => void;
}

/** Takes a sample at every interval, and in between when asked. */
export interface Sampler {
  /** Takes one sample now, after the one under way if there is one; it reads everything. */
  readonly sampleNow: () => Promise<void>;
  /** Stops, after the sample under way. */
  readonly stop: () => Promise<void>;
  /** Settles when stopped; rejects if a sample could not be taken or written. */
  readonly done: Promise<void>;
  /** Samples that were skipped because the one before took too long. */
  readonly skipped: () => number;
}

/** Starts sampling at fixed moments: start, start + interval, …; a moment that is missed is skipped, not made up for. */
export function startSampler(setting: SamplerSetting): Sampler {
  const stopping = new AbortController();
  let before: PlacedReading | undefined;
  let skipped = 0;
  let last: Promise<void> = Promise.resolve();

  const schedule = new MapSchedule();

  const readMapsIfDue = (pids: readonly number[], phase: Phase, isAsked: boolean) => {
    const beganMs = performance.now();
    if (!isAsked && !schedule.isDue(phase, pids.length, beganMs)) return [];
    const before = process.cpuUsage();
    const maps = pids.map((pid) => readMemoryMap(pid));
    const { user, system } = process.cpuUsage(before);
    schedule.noteCost(phase, beganMs, (user + system) / 1000);
    return maps;
  };

  const takeSample = async (isAsked: boolean): Promise<void> => {
    // Taken before the reading, so that the counts are not newer than the memory in the same row.
    const begun = setting.position();
    const counts = setting.counts();
    const lagMs = setting.takeLagMs();
    const reconcile = setting.reconcile();
    const { target, memoryLimit } = setting;
    const targetPids = readProcessTree([target.rootPid]);
    memoryLimit.follow(target.rootPid, targetPids);
    const cgroup = memoryLimit.read();
    const reading = await takeReading(
      target,
      targetPids,
      setting.loadgenPids(),
      setting.jvmHeaps,
      (pids) => readMapsIfDue(pids, begun.phase, isAsked),
    );
    reconcile(reading);
    const position = positionOf(begun, setting.position());
    const now: PlacedReading = { reading, position, counts, lagMs, cgroup };
    const rows = toRows(setting.start, now, before);
    before = now;
    setting.samples.append([rows.sample]);
    // It counts from now on, even if the disk has no room for the other file.
    setting.onSample(rows.sample);
    setting.workers.append(rows.workers);
  };

  /** One sample at a time: each is compared with the one before. */
  const sample = (isAsked: boolean): Promise<void> => {
    last = last.then(() => takeSample(isAsked));
    return last;
  };

  const isStopping = (): boolean => stopping.signal.aborted;
  const sampleOnTime = async (): Promise<void> => {
    // The time until the target was ready is not the sampler's delay.
    const passedMs = performance.now() - setting.start.atMs;
    for (let tick = Math.ceil(passedMs / setting.start.intervalMs); !isStopping(); tick++) {
      const dueMs = setting.start.atMs + tick * setting.start.intervalMs;
      const nowMs = performance.now();
      if (nowMs >= dueMs + setting.start.intervalMs) {
        skipped++;
        continue;
      }
      await sleepUnlessAborted(dueMs - nowMs, stopping.signal);
      if (!isStopping()) await sample(false);
    }
  };

  const done = sampleOnTime();
  return {
    sampleNow: () => sample(true),
    stop: async () => {
      stopping.abort();
      await done;
    },
    done,
    skipped: () => skipped,
  };
}
