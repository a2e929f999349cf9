import type { CellResult, FactorLevels } from './cell-result.js';
import { explainCause } from './explain-cause.js';
import { type Cause, type FactorEffect, factorEffects, findCause } from './find-cause.js';

/** Version of diagnosis.json; it grows when a field changes its meaning or goes away. */
export const diagnosisVersion = 1;

/** The document diagnosis.json. Bytes are private bytes of the target per connection. */
export interface Diagnosis {
  readonly schema_version: typeof diagnosisVersion;
  readonly target: string;
  readonly connections: number;
  readonly factors: FactorLevels;
  readonly cells: readonly CellResult[];
  readonly effects: readonly FactorEffect[];
  readonly cause: Cause;
  /** What the cells show, in sentences; the first one names the cause. */
  readonly conclusions: readonly string[];
}

/** Draws the conclusions from the cells of a diagnosis. */
export function diagnose(
  run: Pick<Diagnosis, 'target' | 'connections' | 'factors'>,
  cells: readonly CellResult[],
): Diagnosis {
  const cause = findCause(cells, run.factors);
  return {
    schema_version: diagnosisVersion,
    ...run,
    cells,
    effects: factorEffects(cells, run.factors),
    cause,
    conclusions: explainCause(cause, cells),
  };
}
