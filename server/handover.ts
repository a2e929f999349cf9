import type { TemplatedApp } from 'uWebSockets.js';

/** What uWebSockets.js has for apps of several threads, and does not declare. */
interface HandingApp {
  getDescriptor(): unknown;
  addChildAppDescriptor(descriptor: unknown): unknown;
  removeChildAppDescriptor(descriptor: unknown): unknown;
}

/**
 * Has one app serve the sockets that another accepts from now on, which keeps those that it has. So the port is listened on without a
 * break, and no client is lost that the kernel has queued. The sockets that come reach their app one turn of the event loop later.
 * @param from the app that listens
 * @param to the app that is to serve
 * @param before the app that has served so far, if it was another than `from`
 * @returns whether this build can do so
 */
export function handOver(
  from: TemplatedApp,
  to: TemplatedApp,
  before: TemplatedApp | undefined,
): boolean {
  if (!canHandOver(from) || !canHandOver(to)) return false;
  if (before !== undefined && canHandOver(before)) {
    from.removeChildAppDescriptor(before.getDescriptor());
  }
  from.addChildAppDescriptor(to.getDescriptor());
  return true;
}

function canHandOver(app: TemplatedApp | HandingApp): app is TemplatedApp & HandingApp {
  return (
    'getDescriptor' in app && 'addChildAppDescriptor' in app && 'removeChildAppDescriptor' in app
  );
}
