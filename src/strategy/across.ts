/**
 * Numbers of many symbols at one moment, one a symbol in the order of `now.symbols`. NaN is a symbol of which nothing is known: it is
 * left out. None of these functions depends on the order of the symbols, ties included.
 */

/** Place of each value among the others, 0 for the lowest to 1 for the highest; ties share their mean place, a value alone is 0.5. NaN stays NaN. */
export function rank(values: readonly number[]): number[] {
  const sorted = knownOf(values).sort((a, b) => a - b);
  if (sorted.length === 1) return values.map((value) => (Number.isNaN(value) ? Number.NaN : 0.5));
  const [first, last] = [new Map<number, number>(), new Map<number, number>()];
  for (const [place, value] of sorted.entries()) {
    if (!first.has(value)) first.set(value, place);
    last.set(value, place);
  }
  return values.map((value) => (first.get(value)! + last.get(value)!) / 2 / (sorted.length - 1));
}

/** Distance of each value from the mean of all in their standard deviations (n - 1); 0 where all are equal. NaN stays NaN. */
export function zscoreAcross(values: readonly number[]): number[] {
  const known = knownOf(values);
  const mean = sumOf(known) / known.length;
  const deviation = Math.sqrt(sumOf(known.map((value) => (value - mean) ** 2)) / (known.length - 1));
  return values.map((value) => (Number.isNaN(value) ? value : deviation > 0 ? (value - mean) / deviation : 0));
}

/**
 * Weights of the `k` highest values: 1 / k each, 0 for the others and NaN. Values that tie for the last places share them. With
 * fewer than `k` values each has 1 / k all the same, and the rest is cash.
 */
export function topK(values: readonly number[], k: number): number[] {
  if (!(k >= 1)) throw new RangeError(`topK: expected a number of symbols, 1 or more, got ${k}`);
  const places = Math.floor(k);
  const falling = knownOf(values).sort((a, b) => b - a);
  const edge = falling.length > places ? falling[places - 1] : Number.NEGATIVE_INFINITY;
  const above = falling.filter((value) => value > edge).length;
  const tied = falling.filter((value) => value === edge).length;
  return values.map((value) => {
    if (value > edge) return 1 / places;
    return value === edge ? Math.min(1, (places - above) / tied) / places : 0;
  });
}

/**
 * Weights without a common part, whose absolute values sum to 1: the scores less their mean, so that longs and shorts are worth the same;
 * or, with `betas`, less their part along them, so that the book's beta is 0. 0 for NaN, and for all where nothing is left.
 */
export function neutralise(scores: readonly number[], betas?: readonly number[]): number[] {
  if (betas && betas.length !== scores.length)
    throw new RangeError(`neutralise: expected ${scores.length} betas, one a score, got ${betas.length}`);
  const along = scores.map((score, i) => (Number.isNaN(score) ? Number.NaN : (betas?.[i] ?? 1)));
  const used = scores.map((_, i) => i).filter((i) => !Number.isNaN(along[i]));
  const squares = sumOf(used.map((i) => along[i] * along[i]));
  const share = squares > 0 ? sumOf(used.map((i) => scores[i] * along[i])) / squares : 0;
  const rest = scores.map((score, i) => (Number.isNaN(along[i]) ? 0 : score - share * along[i]));
  const gross = sumOf(rest.map(Math.abs));
  const scale = sumOf(used.map((i) => Math.abs(scores[i])));
  // What is left of equal scores is rounding.
  return rest.map((weight) => (gross > 1e-12 * scale ? weight / gross : 0));
}

function knownOf(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value));
}

/** Added up from the smallest, so that the sum does not depend on the order of the symbols. */
function sumOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b).reduce((sum, value) => sum + value, 0);
}
