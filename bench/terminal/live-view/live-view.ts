import type { Progress } from '../progress.js';
import { liveLines } from './live-lines.js';
import { beginLiveState, follow, type LiveEvent, type RunPlan } from './live-state.js';
import { paintFor } from './paint.js';
import { openRedrawnArea } from './redrawn-area.js';

/** Time between drawings, in milliseconds: often enough for a bar that moves, too seldom to cost the run anything. */
const drawEveryMs = 200;

/** Tells whether a stream is a terminal that can be redrawn in place. */
export function canRedraw(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY && environment['TERM'] !== 'dumb';
}

/** Shows the run in a terminal, redrawn in place until it ends. */
export function openLiveView(
  plan: RunPlan,
  stream: NodeJS.WriteStream,
  interrupted: AbortSignal,
): Progress {
  const paint = paintFor(stream, process.env);
  let state = beginLiveState(plan, performance.now());
  const draw = (): void => {
    area.draw(liveLines(state, performance.now(), area.size(), paint));
  };
  const tell = (event: LiveEvent): void => {
    state = follow(state, event);
  };
  const onInterrupted = (): void => {
    tell({ kind: 'interrupted' });
    draw();
  };
  const area = openRedrawnArea(stream, draw);
  const timer = setInterval(draw, drawEveryMs);
  timer.unref();
  interrupted.addEventListener('abort', onInterrupted, { once: true });
  draw();
  return {
    wave: (begin) => {
      tell({ kind: 'wave', begin });
    },
    phase: (position) => {
      tell({ kind: 'phase', position, atMs: performance.now() });
    },
    counts: (wave, counts) => {
      tell({ kind: 'counts', wave, counts });
    },
    sample: (row) => {
      tell({ kind: 'sample', row });
    },
    end: () => {
      clearInterval(timer);
      interrupted.removeEventListener('abort', onInterrupted);
      tell({ kind: 'over' });
      draw();
      area.close();
    },
  };
}
