import type { CellResult } from './cell-result.js';
import {
  type Cause,
  type FactorEffect,
  factorEffects,
  findCause,
  findUnexercised,
} from './find-cause.js';
import type { FactorLevels } from './factors.js';
import { explainCause } from './explain-cause.js';
import type { Makeup } from './name-makeup.js';

/** Version of diagnosis.json; it grows when a field changes its meaning or goes away. */
export const diagnosisVersion = 2;

/** The document diagnosis.json. Bytes are private bytes of the target per connection. */
export interface Diagnosis {
  readonly schema_version: typeof diagnosisVersion;
  readonly target: string;
  readonly connections: number;
  readonly factors: FactorLevels;
  readonly cells: readonly CellResult[];
  readonly effects: readonly FactorEffect[];
  readonly cause: Cause;
  /** With `--stacks`: what a connection of the most expensive cell is made of, with the functions that call malloc for it. */
  readonly traced?: Makeup;
  /** What the cells show, in sentences; the first one names the cause. */
  readonly conclusions: readonly string[];
}

/** Draws the conclusions from the cells of a diagnosis. */
export function diagnose(
  run: Pick<Diagnosis, 'target' | 'connections' | 'factors'>,
  cells: readonly CellResult[],
  traced?: Makeup,
): Diagnosis {
  const unexercised = findUnexercised(cells);
  // A factor that had nothing to act on is neither named nor acquitted.
  const factors = unexercised.has('deflate')
    ? { ...run.factors, deflate: run.factors.deflate.slice(0, 1) }
    : run.factors;
  const telling = cells.filter(({ levels }) => factors.deflate.includes(levels.deflate));
  const cause = findCause(telling, factors);
  return {
    schema_version: diagnosisVersion,
    ...run,
    cells,
    effects: factorEffects(telling, factors),
    cause,
    ...(traced === undefined ? {} : { traced }),
    conclusions: explainCause(cause, cells, unexercised, traced),
  };
}
