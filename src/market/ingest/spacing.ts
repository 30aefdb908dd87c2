import { RalphError } from '../../base/errors.ts';
import { MINUTE } from '../bars.ts';

/** Sparse 1-minute bars can all lie an even number of minutes apart by chance, but hardly so many. */
const FEWEST = 30;

/** Watches how far apart the bars of a file lie: a file of hours read as minutes would be a market made of gaps. */
export class Spacing {
  #step = 0;
  #count = 0;
  #last = Number.NaN;

  /** Open times in epoch ms, rising, on the minute. */
  see(times: Float64Array): void {
    for (const time of times) {
      if (this.#step === MINUTE) return;
      if (this.#count > 0) this.#step = greatestCommonDivisor(time - this.#last, this.#step);
      this.#last = time;
      this.#count += 1;
    }
  }

  /** Throws RalphError when no two bars lie a minute apart, nor by any number of minutes but multiples of one. */
  check(path: string): void {
    if (this.#count < FEWEST || this.#step <= MINUTE) return;
    throw new RalphError(
      `${path}: expected 1-minute bars, and all of these lie ${this.#step / MINUTE} minutes apart, or a multiple of it`,
      { remedy: 'Fetch the 1-minute file: coarser bars are made from it. Nothing of the file was taken in.' },
    );
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
