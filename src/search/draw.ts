import type { Random } from '../base/random.ts';

/** One element, drawn with probability in proportion to its weight; the last one when all weights are 0. Needs a non-empty array. */
export function drawWeighted<T>(random: Random, items: readonly T[], weight: (item: T) => number): T {
  const weights = items.map((item) => Math.max(0, weight(item)));
  let place = random() * weights.reduce((sum, one) => sum + one, 0);
  for (const [index, one] of weights.entries()) {
    if (place < one) return items[index];
    place -= one;
  }
  return items[items.length - 1];
}
