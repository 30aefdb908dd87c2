import { UsageError } from '../../../base/errors.ts';
import { MINUTE, TIMEFRAME_MS, TIMEFRAMES, type Timeframe } from '../../bars.ts';

/** Sparse bars can all lie an even number of minutes apart by chance, but hardly so many. */
const FEWEST = 30;

/** Watches how far apart the bars of a file lie: a file of hours read as minutes would be a market made of gaps. */
export class Spacing {
  readonly #name: Timeframe;
  readonly #interval: number;
  #step = 0;
  #count = 0;
  #last = Number.NaN;
  #odd = Number.NaN;

  /** `name` is what one bar of the file is said to be. */
  constructor(name: Timeframe = '1m') {
    [this.#name, this.#interval] = [name, TIMEFRAME_MS[name]];
  }

  /** Open times in epoch ms, rising, on the minute. */
  see(times: Float64Array): void {
    for (const time of times) {
      if (time % this.#interval !== 0) this.#odd = time;
      if (this.#step === this.#interval && this.#interval === MINUTE) return;
      if (this.#count > 0) this.#step = greatestCommonDivisor(time - this.#last, this.#step);
      this.#last = time;
      this.#count += 1;
    }
  }

  /** Throws RalphError when no two bars lie an interval apart, but only multiples of one, or when bars begin inside one. */
  check(path: string): void {
    const taken = 'Nothing of the file was taken in.';
    if (!Number.isNaN(this.#odd))
      throw new UsageError(
        `${path}: expected bars of ${this.#name} that begin on whole multiples of it in UTC; one begins at ${new Date(this.#odd).toISOString()}`,
        { remedy: `Correct --interval, or --timezone and --label where they apply; or bring shorter bars. ${taken}` },
      );
    if (this.#count < FEWEST || this.#step <= this.#interval) return;
    const fitting = TIMEFRAMES.findLast((name) => this.#step % TIMEFRAME_MS[name] === 0) ?? '1m';
    throw new UsageError(
      `${path}: expected bars of ${this.#name}, and all of these lie ${this.#step / MINUTE} minutes apart, or a multiple of it`,
      {
        remedy: `Fetch the 1-minute file: coarser bars are made from it. Or add --interval ${fitting}: then these are what orders fill in, and every report says so. ${taken}`,
      },
    );
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
