import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeEvent } from '../results/run-event.js';
import { EventLog } from './event-log.js';
import { RunWatch, type View } from './run-watch.js';

const quiet: View = {
  atMs: 0,
  wallMs: 1e12,
  ownCpuMs: 0,
  processes: [
    { role: 'target', pid: 10, state: 'S' },
    { role: 'target', pid: 11, state: 'R' },
    { role: 'loadgen', pid: 20, state: 'S' },
  ],
  generatorHeardMs: undefined,
  isListening: true,
};

/** Looks once a second, at what differs from a quiet run, and returns what was noted. */
function watch(differences: readonly Partial<View>[]): readonly string[] {
  const log = new EventLog({ wallMs: 1e12, atMs: 0 }, () => ({ wave: 1, phase: 'hold' }));
  const runWatch = new RunWatch(log);
  for (const [index, difference] of differences.entries()) {
    const atMs = 1000 * index;
    const clocks = { atMs, wallMs: 1e12 + (difference.atMs ?? atMs), ownCpuMs: 20 * index };
    runWatch.look({ ...quiet, ...clocks, ...difference });
  }
  return log.events.map(describeEvent);
}

function stateOf(pid: number, state: string): Partial<View> {
  return {
    processes: quiet.processes.map((each) => (each.pid === pid ? { ...each, state } : each)),
  };
}

describe('RunWatch', () => {
  it('notes nothing in a quiet run', () => {
    assert.deepEqual(
      watch([{}, {}, { generatorHeardMs: 1900 }, { generatorHeardMs: 2800 }, {}]),
      [],
    );
  });

  it('notes how long a process was stopped', () => {
    assert.deepEqual(watch([{}, stateOf(11, 'T'), stateOf(11, 'T'), stateOf(11, 'T'), {}]), [
      'At 1.0 s (wave 1, hold), for 3.0 s: process 11 of the target was stopped (state T)',
    ]);
  });

  it('leaves the duration open of what goes on at the end, and tells processes apart', () => {
    assert.deepEqual(watch([{}, stateOf(20, 'T'), stateOf(10, 't')]), [
      'At 1.0 s (wave 1, hold), for 1.0 s: process 20 of the load generator was stopped (state T)',
      'At 2.0 s (wave 1, hold): process 10 of the target was stopped (state t)',
    ]);
  });

  it('notes a generator that says nothing, from its last word on', () => {
    const heard = { generatorHeardMs: 900 };
    assert.deepEqual(watch([{}, heard, heard, heard, heard, heard, { generatorHeardMs: 5900 }]), [
      'At 0.9 s (wave 1, hold), for 5.1 s: the load generator said nothing',
    ]);
  });

  it('does not blame the generator twice, nor for what has not been read yet', () => {
    const stopped = { ...stateOf(20, 'T'), generatorHeardMs: 900 };
    assert.equal(watch([{}, stopped, stopped, stopped, stopped, stopped]).length, 1);
    assert.deepEqual(watch([{ generatorHeardMs: 0 }, { atMs: 9000, generatorHeardMs: 900 }]), [
      `At 0.0 s (wave 1, hold), for 9.0 s: the bench itself (process ${process.pid}) stood still, so no samples were taken`,
    ]);
  });

  it('takes a bench that is late, but at work, for busy', () => {
    assert.deepEqual(watch([{}, { atMs: 9000, ownCpuMs: 4000 }]), []);
  });

  it('notes processes of the target that end and begin', () => {
    const [first, second, generator] = quiet.processes;
    assert.ok(first !== undefined && second !== undefined && generator !== undefined);
    const processes = [first, { ...second, pid: 12 }];
    assert.deepEqual(watch([{}, { processes }, { processes: [...processes, generator] }]), [
      'At 1.0 s (wave 1, hold): process 11 of the target ended',
      'At 1.0 s (wave 1, hold): process 12 of the target began',
    ]);
  });

  it('notes a step of the clock, once, and its direction', () => {
    const back = 3_600_000;
    const steps = [0, 1000, 2000 - back, 3000 - back].map((ms) => ({ wallMs: 1e12 + ms }));
    assert.deepEqual(watch(steps), [
      'At 2.0 s (wave 1, hold): the clock of this machine was set back by 3600.0 s; times of the rows go by the clock at the start',
    ]);
  });

  it('notes how long nothing listened, and nothing where that can not be seen', () => {
    const away = { isListening: false };
    assert.deepEqual(watch([{}, away, away, {}]), [
      'At 1.0 s (wave 1, hold), for 2.0 s: nothing listened at the address of the target',
    ]);
    assert.deepEqual(watch([{ isListening: undefined }, { isListening: undefined }]), []);
  });
});

describe('EventLog', () => {
  it('adds how processes of the target ended, where that is known', () => {
    const log = new EventLog({ wallMs: 0, atMs: 0 }, () => ({ wave: 0, phase: 'baseline' }));
    for (const kind of ['process_ended', 'process_started'] as const) {
      for (const pid of [7, 8]) log.begin({ kind, pid, text: `${pid} ${kind}` }, 0);
    }
    log.explainEnds([{ pid: 7, how: 'was killed by SIGKILL' }]);
    assert.deepEqual(
      log.events.map(({ text }) => text),
      [
        'process 7 of the target was killed by SIGKILL',
        '8 process_ended',
        '7 process_started',
        '8 process_started',
      ],
    );
  });

  it('keeps the first events, and counts the others', () => {
    const log = new EventLog({ wallMs: 0, atMs: 0 }, () => ({ wave: 0, phase: 'baseline' }));
    for (let index = 0; index < 205; index++) log.begin({ kind: 'clock_step', text: 'set' }, index);
    assert.equal(log.events.length, 200);
    assert.equal(log.left, 5);
  });
});
