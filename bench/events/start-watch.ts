import {
  findListenerList,
  readProcessState,
  readProcessTree,
} from '../../machine/procfs/read-procfs.js';
import { endpointOf } from '../../program/endpoint.js';
import type { Target } from '../targets/target.js';
import type { EventLog } from './event-log.js';
import { RunWatch } from './run-watch.js';

/** How often it is looked, in milliseconds. What is shorter than this may go unnoticed. */
const lookEveryMs = 1000;

/** A generator that is silent for so long won't come back; it speaks five times a second. In milliseconds. */
const longestSilenceMs = 30_000;

/** What is watched besides the machine itself. */
export interface WatchSetting {
  readonly log: EventLog;
  readonly target: Target;
  readonly loadgenPids: () => readonly number[];
  /** When the load generator last said something, by `performance.now()`; undefined while none is at work. */
  readonly generatorHeardMs: () => number | undefined;
  /** It has been silent for longer than it may. */
  readonly onSilence: (silentMs: number) => void;
}

/** Looks once a second at what goes on in a run, and returns what ends that, with a last look. */
export function startWatch(setting: WatchSetting): () => void {
  const { log, target } = setting;
  const watch = new RunWatch(log);
  const { port } = endpointOf(target.url);
  // Another network namespace, or another machine, forwards to it: its port says nothing here.
  const list = findListenerList(target.rootPid, port);
  const isListening = (): boolean | undefined => {
    if (list === undefined || list === 'none') return undefined;
    const found = findListenerList(target.rootPid, port, list);
    return found === undefined ? undefined : found !== 'none';
  };
  const look = (): void => {
    const targetPids = readProcessTree([target.rootPid]);
    const { user, system } = process.cpuUsage();
    const stateOf = (role: 'target' | 'loadgen') => (pid: number) => ({
      role,
      pid,
      state: readProcessState(pid),
    });
    watch.look({
      atMs: performance.now(),
      wallMs: Date.now(),
      ownCpuMs: (user + system) / 1000,
      processes: [
        ...targetPids.map(stateOf('target')),
        ...setting.loadgenPids().map(stateOf('loadgen')),
      ],
      generatorHeardMs: setting.generatorHeardMs(),
      isListening: isListening(),
    });
    if (watch.silentMs > longestSilenceMs) setting.onSilence(watch.silentMs);
  };
  look();
  const timer = setInterval(look, lookEveryMs);
  return () => {
    clearInterval(timer);
    look();
  };
}
