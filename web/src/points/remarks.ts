/** Marks of a reading by bit, as `anlan.wire.blocks` numbers them. */

import type { Word } from "../words";

export const REMARKS: readonly [number, Word][] = [
  [1, "mark_range"],
  [2, "mark_work"],
  [4, "mark_late"],
  [8, "mark_exercise"],
  [16, "mark_doubtful"],
];
