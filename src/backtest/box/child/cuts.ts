import type { Random } from '../../../base/random.ts';
import { DECISION_WIDTH, type DecisionLog } from '../../orders/decisions.ts';

/**
 * Times to cut at, rising, epoch ms: bar closes at which the strategy acted, spread evenly over all of them with the
 * first and the last among them. A rare leak is found where it is used, not where a random bar happens to lie. When it
 * acted less often than there are cuts, closes drawn from the whole range fill up.
 */
export function chooseCuts(
  log: DecisionLog,
  count: number,
  range: { from: number; to: number },
  random: Random,
): number[] {
  const acted: number[] = [];
  for (let row = 0; row < log.length; row++) {
    const time = log.values[row * DECISION_WIDTH];
    if (time !== acted.at(-1) && time < range.to) acted.push(time);
  }
  const chosen = new Set<number>();
  if (acted.length > 0) {
    for (let k = 0; k < count; k++) {
      // One draw from each of `count` equal parts.
      const place = k === 0 ? 0 : k === count - 1 ? acted.length - 1 : ((k + random()) / count) * acted.length;
      chosen.add(acted[Math.floor(place)]);
    }
  }
  const minutes = Math.max(1, Math.floor((range.to - range.from) / 60_000) - 1);
  for (let tries = 0; chosen.size < count && tries < 20 * count; tries++) {
    chosen.add(range.from + 60_000 * (1 + Math.floor(random() * minutes)));
  }
  return [...chosen].sort((a, b) => a - b);
}
