/** What combinatorially symmetric cross-validation says of a set of trials. */
export interface Overfitting {
  /** Probability of backtest overfitting: share of splits whose in-sample best lands in the lower half out of sample. */
  readonly pbo: number;
  /** Share of splits whose in-sample best has an out-of-sample Sharpe of 0 or less. */
  readonly lossProbability: number;
  readonly splits: number;
  /** One logit a split, in the order of the combinations. */
  readonly logits: Float64Array;
}

/**
 * CSCV (Bailey, Borwein, Lopez de Prado & Zhu 2017). Our conventions, since packages differ: the oldest T mod S rows are
 * dropped; S even, equal blocks; every one of the C(S, S/2) splits; performance is the Sharpe ratio; the first of equal
 * in-sample bests is taken; out-of-sample rank r = 1..N from worst to best with ties averaged, w = r / (N + 1),
 * logit = ln(w / (1 - w)); PBO = share of logits <= 0. A column that is constant in a half counts as Sharpe 0 there.
 *
 * `columns` holds one series of returns a trial, all of one length. Returns null where it cannot be computed: fewer than 2
 * trials, or fewer than 2 rows a block.
 */
export function probabilityOfOverfitting(columns: readonly ArrayLike<number>[], blocks = 16): Overfitting | null {
  const trials = columns.length;
  const rows = Math.floor((columns[0]?.length ?? 0) / blocks);
  if (trials < 2 || rows < 2 || blocks % 2 !== 0) return null;
  const sums = blockSums(columns, blocks, rows);
  const logits: number[] = [];
  const inside = new Float64Array(trials);
  const outside = new Float64Array(trials);
  let losses = 0;
  for (const chosen of halves(blocks)) {
    performance(sums, chosen, blocks, rows, inside, outside);
    let best = 0;
    for (let n = 1; n < trials; n++) if (inside[n] > inside[best]) best = n;
    if (outside[best] <= 0) losses += 1;
    const relative = rankOf(outside, best) / (trials + 1);
    logits.push(Math.log(relative / (1 - relative)));
  }
  // The middle rank (N + 1) / 2 gives exactly 0: its w is 0.5 in IEEE arithmetic, and ln(1) is 0.
  const low = logits.filter((logit) => logit <= 0).length;
  return {
    pbo: low / logits.length,
    lossProbability: losses / logits.length,
    splits: logits.length,
    logits: Float64Array.from(logits),
  };
}

/** Sum and sum of squares of every block of every column (n * blocks + b), so that a split costs additions alone. */
function blockSums(columns: readonly ArrayLike<number>[], blocks: number, rows: number) {
  const sum = new Float64Array(columns.length * blocks);
  const square = new Float64Array(columns.length * blocks);
  columns.forEach((column, n) => {
    const first = column.length - blocks * rows;
    for (let b = 0; b < blocks; b++) {
      for (let i = first + b * rows; i < first + (b + 1) * rows; i++) {
        sum[n * blocks + b] += column[i];
        square[n * blocks + b] += column[i] * column[i];
      }
    }
  });
  return { sum, square };
}

function performance(
  { sum, square }: ReturnType<typeof blockSums>,
  chosen: number,
  blocks: number,
  rows: number,
  inside: Float64Array,
  outside: Float64Array,
): void {
  const count = (rows * blocks) / 2;
  for (let n = 0; n < inside.length; n++) {
    let [s1, q1, s2, q2] = [0, 0, 0, 0];
    for (let b = 0, at = n * blocks; b < blocks; b++, at++) {
      if ((chosen >> b) & 1) {
        s1 += sum[at];
        q1 += square[at];
      } else {
        s2 += sum[at];
        q2 += square[at];
      }
    }
    inside[n] = sharpeOfSums(s1, q1, count);
    outside[n] = sharpeOfSums(s2, q2, count);
  }
}

function sharpeOfSums(sum: number, square: number, count: number): number {
  const spread = square - (sum * sum) / count;
  return spread > square * 1e-12 ? sum / count / Math.sqrt(spread / (count - 1)) : 0;
}

function rankOf(values: Float64Array, which: number): number {
  let below = 0;
  let equal = 0;
  for (const value of values) {
    if (value < values[which]) below += 1;
    else if (value === values[which]) equal += 1;
  }
  return below + (equal + 1) / 2;
}

/** Every choice of half of the blocks, as bit masks in rising order. */
function* halves(blocks: number): Generator<number> {
  for (let mask = 0; mask < 1 << blocks; mask++) {
    let bits = mask;
    let count = 0;
    for (; bits !== 0; bits &= bits - 1) count += 1;
    if (count === blocks / 2) yield mask;
  }
}
