import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What a program has left. */
export interface ProgramOutput {
  /** Its exit status; null if it was killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Keeps all that a program writes, as far as that goes through pipes, and resolves when it has ended. */
export async function collectOutput(child: ChildProcess): Promise<ProgramOutput> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...texts };
}
