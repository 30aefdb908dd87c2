/** Wilson's interval for a share, z = 1.96. */
export function wilson(hits: number, count: number): [number, number] {
  const z2 = 1.96 ** 2;
  const p = hits / count;
  const centre = (p + z2 / (2 * count)) / (1 + z2 / count);
  const half = (1.96 / (1 + z2 / count)) * Math.sqrt((p * (1 - p)) / count + z2 / (4 * count * count));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** Largest rate at which `hits` or fewer of `count` still happen with probability 5%. */
export function upperBound(hits: number, count: number): number {
  if (hits >= count) return 1;
  let [low, high] = [0, 1];
  while (high - low > 1e-9) {
    const rate = (low + high) / 2;
    let term = (1 - rate) ** count;
    let sum = term;
    for (let k = 1; k <= hits; k++) {
      term *= ((count - k + 1) / k) * (rate / (1 - rate));
      sum += term;
    }
    if (sum > 0.05) low = rate;
    else high = rate;
  }
  return high;
}
