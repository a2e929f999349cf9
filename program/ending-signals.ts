import { isatty } from 'node:tty';

/** The signals by which a user, a supervisor or a terminal that goes away ends a program. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Standard input, output and error, as far as they were terminals at the start. */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/**
 * Ends this process by SIGHUP if a terminal of it has gone, and returns otherwise. To be called as the last thing: Node gives
 * terminals their settings back at its exit, and aborts (SIGABRT, with a trace) where that fails.
 */
export function endIfHungUp(): void {
  if (terminals.every((descriptor) => isatty(descriptor))) return;
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
