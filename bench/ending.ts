import { RunError } from '../options/failure.js';

/** A user ended the run with a signal. */
export class Interruption extends RunError {}

/** What can end a run before its time. The first reason counts. */
export interface Ending {
  /** Ends the run for this reason. */
  readonly end: (reason: Error) => void;
  /** Waits for a promise, but rejects with the reason as soon as the run is ended. */
  readonly orEnd: <Value>(promise: Promise<Value>) => Promise<Value>;
  /** Takes the signal handlers off again. */
  readonly release: () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Watches for the signals that end a run: the first ends it in order, the second calls `onSecond` and exits at once. */
export function watchEnding(describe: () => string, onSecond: () => void): Ending {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      onSecond();
      process.exit(1);
    }
    controller.abort(new Interruption(`Interrupted by ${signal} ${describe()}`));
  };
  for (const signal of signals) process.on(signal, onSignal);
  const aborted = whenAborted(controller.signal);
  // It may reject while nobody waits for it.
  aborted.catch(() => undefined);
  return {
    end: (reason) => {
      controller.abort(reason);
    },
    orEnd: (promise) => Promise.race([promise, aborted]),
    release: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
