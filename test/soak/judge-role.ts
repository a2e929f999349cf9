import {
  type GrowthBounds,
  type GrowthJudgement,
  type GrowthSample,
  judgeGrowth,
} from './judge-growth.js';
import type { Role } from './roles.js';

/** Kinds of memory that are judged, as they are called in the table. */
export type MemoryKind = 'private' | 'live JS' | 'malloc in use';

/** One kind of memory of one role, judged. */
export interface JudgedMemory {
  readonly role: Role;
  readonly kind: MemoryKind;
  readonly judgement: GrowthJudgement;
  /**
   * Whether it does not matter that this is not flat: private memory may grow by what the allocator or the collector keeps, free or
   * in pieces, and then what the program holds, which is counted, does not.
   */
  readonly isFree: boolean;
}

/** Judges the memory of one role. What is held decides where both kinds of it could be counted. */
export function judgeRole(
  role: Role,
  series: {
    readonly private: readonly GrowthSample[];
    readonly live: readonly GrowthSample[];
    readonly malloc: readonly GrowthSample[];
  },
  bounds: GrowthBounds,
): readonly JudgedMemory[] {
  const live = judgeGrowth(series.live, bounds);
  const malloc = judgeGrowth(series.malloc, bounds);
  const isHeldFlat = live.verdict === 'flat' && malloc.verdict === 'flat';
  return [
    { role, kind: 'private', judgement: judgeGrowth(series.private, bounds), isFree: isHeldFlat },
    { role, kind: 'live JS', judgement: live, isFree: false },
    { role, kind: 'malloc in use', judgement: malloc, isFree: false },
  ];
}

/** Tells whether a role is shown not to leak. */
export function isLeakFree(judged: readonly JudgedMemory[]): boolean {
  return judged.every(({ judgement, isFree }) => judgement.verdict === 'flat' || isFree);
}
