import { DAY, MINUTE } from '../../market/bars.ts';
import type { Run } from '../run.ts';
import type { Minutes } from './minutes.ts';

/** Of each minute of a stretch, which is within a day: the equity, and what the positions are worth, whatever their side. */
export class Worths {
  readonly equity = new Float64Array(DAY / MINUTE);
  readonly gross = new Float64Array(DAY / MINUTE);
}

/** Minutes `from` to before `until` of a stretch that begins at `start`, epoch ms. */
export interface Part {
  readonly start: number;
  readonly from: number;
  readonly until: number;
}

/** Takes the equity of some minutes one by one: curve, variation and exposure of the run. */
export function follow(run: Run, minutes: Minutes, { equity, gross }: Worths, { start, from, until }: Part): void {
  const { curve, variation, times } = run;
  let before = minutes.equity;
  let deepest = curve.quietAbove();
  let { peak } = curve;
  let { exposure } = run;
  let inPosition = 0;
  for (let j = from; j < until; j++) {
    const now = equity[j];
    times[0] = times[1];
    times[1] = start + j * MINUTE;
    variation.add(now - before);
    before = now;
    if (now < deepest || now >= peak) {
      curve.add(now, times, 1);
      deepest = curve.quietAbove();
      peak = curve.peak;
    }
    if (gross[j] > 0) inPosition += 1;
    exposure += gross[j] / now;
  }
  run.exposure = exposure;
  run.bars += until - from;
  run.barsInPosition += inPosition;
  minutes.equity = before;
}
