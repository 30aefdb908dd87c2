import type { Random } from '../../base/random.ts';
import { barsIn } from './noise.ts';
import { MINUTES_PER_YEAR, type ResolvedSpec } from './spec.ts';

const SHORTEST = 5;
const LONGEST = 720;

/** Marks the bars that are missing: outages of 5 minutes to 12 hours, short ones far more often. */
export function outages(spec: ResolvedSpec, random: Random): Uint8Array {
  const n = barsIn(spec);
  const absent = new Uint8Array(n);
  const count = Math.round((spec.gapsPerYear * spec.minutes) / MINUTES_PER_YEAR);
  for (let k = 0; k < count; k++) {
    const u = random();
    const length = Math.ceil((SHORTEST + (LONGEST - SHORTEST) * u * u * u * u) / spec.barMinutes);
    // the first and the last bar stay, so that the market's length is as asked
    const from = 1 + Math.floor(random() * Math.max(1, n - length - 2));
    absent.fill(1, from, Math.min(from + length, n - 1));
  }
  return absent;
}
