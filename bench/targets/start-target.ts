import { startCommand } from './command.js';
import { startPeerServer } from './peer-server.js';
import { attachToProcess } from './running-process.js';
import type { Target, TargetChoice, TargetDemand } from './target.js';
import { startUwsServer } from './uws-server.js';

/**
 * Starts or finds the target that the user has chosen and waits until it accepts connections.
 * @throws {RunError} if it can't be started or found, or doesn't become ready.
 */
export async function startTarget(choice: TargetChoice, demand: TargetDemand): Promise<Target> {
  switch (choice.kind) {
    case 'bundled':
      return choice.name === 'uws'
        ? startUwsServer(choice, demand)
        : startPeerServer(choice.name, choice, demand);
    case 'command':
      return startCommand(choice.command, choice.url, choice.cwd, demand);
    case 'process':
      return attachToProcess(choice);
  }
}
