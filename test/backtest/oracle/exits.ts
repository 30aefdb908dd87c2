/** Exits of the open position; `best` is the best price seen, from which a trailing stop hangs. */
export interface Exits {
  stop: number | undefined;
  target: number | undefined;
  trail: number | undefined;
  best: number;
}

export function noExits(): Exits {
  return { stop: undefined, target: undefined, trail: undefined, best: Number.NaN };
}

/** The stop that a falling price (for a long) meets first; undefined for none. Of equals the plain one. */
export function nearestStop({ stop, trail, best }: Exits, side: number): { level: number | undefined; name: string } {
  const trailing = trail === undefined ? undefined : best - side * trail;
  if (trailing === undefined || (stop !== undefined && side * (trailing - stop) <= 0))
    return { level: stop, name: 'stop' };
  return { level: trailing, name: 'trailing' };
}
