import type { Bars } from '../../market/bars.ts';

const lent = new WeakSet<Bars>();

/**
 * Bars whose memory shows another market for a while: memory for a second copy of a large universe is not there, and for that of one symbol it
 * takes longer to be had than to be written. Until they are given back nothing may be read or derived of them.
 */
export function lend(bars: Bars): void {
  lent.add(bars);
}

/** Their memory shows the bars themselves again. */
export function giveBack(bars: Bars): void {
  lent.delete(bars);
}

export function isLent(bars: Bars): boolean {
  return lent.has(bars);
}

/** Throws where bars are lent: a value derived of another market would be taken for theirs from then on. */
export function refuseLent(bars: Bars): void {
  if (lent.has(bars)) throw new Error('these bars are lent to another market');
}
