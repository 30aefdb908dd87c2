import { DAY } from '../../../src/market/bars.ts';

type Days = readonly [from: number, to: number];

/** Windows of whole days behind `start` (epoch ms), a day of embargo and of warm-up. */
export function windowsInDays(start: number, train: Days, fold: Days, holdout: Days) {
  const range = ([from, to]: Days) => ({ from: start + from * DAY, to: start + to * DAY });
  return {
    train: range(train),
    selection: [range(fold)],
    holdout: range(holdout),
    embargoMs: DAY,
    warmupMs: DAY,
  };
}
