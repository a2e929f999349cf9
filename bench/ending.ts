import { endingSignals } from '../program/ending-signals.js';
import { exitStatus, RunError } from '../program/failure.js';
import { killAllPrograms } from './targets/child-program.js';

/** A user ended the run with a signal. */
export class Interruption extends RunError {}

/** The signals that a user ends a command with, watched until {@link release}. */
export interface SignalWatch {
  /** Aborted with an {@link Interruption} by the first signal. */
  readonly interrupted: AbortSignal;
  /** Takes the signal handlers off again. */
  readonly release: () => void;
}

/** What can end a run before its time. The first reason counts. */
export interface Ending {
  /** Ends the run for this reason. */
  readonly end: (reason: Error) => void;
  /** Waits for a promise, but rejects with the reason as soon as the run is ended. */
  readonly orEnd: <Value>(promise: Promise<Value>) => Promise<Value>;
}

/**
 * Watches for the signals that end a command: the first ends it in order, the second calls `onSecond` and exits at once. The end of
 * a program that has forked this one counts as a signal.
 * To be called before anything is started or written, since until then a signal ends the process on the spot.
 */
export function watchSignals(onSecond: () => void): SignalWatch {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      onSecond();
      process.exit(1);
    }
    controller.abort(new Interruption(`Interrupted by ${signal}`));
  };
  const onDisconnect = (): void => {
    controller.abort(new Interruption('Interrupted: the program that started this one has ended'));
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  // The channel of a parent that forked this program tells of the parent's death; it must not keep it alive.
  process.channel?.unref();
  return {
    interrupted: controller.signal,
    release: () => {
      for (const signal of endingSignals) process.off(signal, onSignal);
      process.off('disconnect', onDisconnect);
    },
  };
}

/**
 * Has a signal that ends a command kill all programs that it has started, and then itself, with status 1. `lastWords`
 * go to standard error.
 */
export function killAllOnSignal(lastWords = ''): void {
  for (const signal of endingSignals) {
    process.once(signal, () => {
      killAllPrograms();
      process.stderr.write(lastWords);
      process.exit(exitStatus.failed);
    });
  }
}

/** Watches for what ends one run: an interruption, or a reason that is found while it goes on. */
export function createEnding(interrupted: AbortSignal): Ending {
  const controller = new AbortController();
  // Unlike a listener it goes away with the run, of which a diagnosis has many.
  const aborted = whenAborted(AbortSignal.any([interrupted, controller.signal]));
  // A promise keeps whatever it is raced with until it settles, which this one does at the end of a run at best.
  const waiting = new Set<(reason: Error) => void>();
  let ended: Error | undefined;
  aborted.catch((reason: unknown) => {
    ended = reason as Error;
    for (const reject of waiting) reject(ended);
  });
  return {
    end: (reason) => {
      controller.abort(reason);
    },
    orEnd: (promise) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) reject(ended);
        waiting.add(reject);
        const forget = (): void => {
          waiting.delete(reject);
        };
        promise.then(resolve, reject).then(forget, forget);
      }),
  };
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
