/** A candidate as a person weighs it. */
export interface ParetoPoint {
  /** Higher is better: annual net return, closed trades. */
  readonly annualReturn: number;
  readonly trades: number;
  /** Lower is better: deepest drawdown, annual turnover. */
  readonly maxDrawdown: number;
  readonly turnover: number;
}

/**
 * The points that no other point beats or equals in all four respects while being better in one, by falling annual return.
 * Points with an undefined number are left out; of equal points the first stays.
 */
export function paretoFront<P extends ParetoPoint>(points: readonly P[]): P[] {
  const known = points.filter((point) => goods(point).every(Number.isFinite));
  return known
    .filter((point, i) => !known.some((other, j) => beats(other, point) || (j < i && equal(other, point))))
    .toSorted((a, b) => b.annualReturn - a.annualReturn);
}

function goods({ annualReturn, trades, maxDrawdown, turnover }: ParetoPoint): number[] {
  return [annualReturn, trades, -maxDrawdown, -turnover];
}

function beats(a: ParetoPoint, b: ParetoPoint): boolean {
  const [x, y] = [goods(a), goods(b)];
  return x.every((value, i) => value >= y[i]) && x.some((value, i) => value > y[i]);
}

function equal(a: ParetoPoint, b: ParetoPoint): boolean {
  const y = goods(b);
  return goods(a).every((value, i) => value === y[i]);
}
