import { type Random, seededRandom } from '../../base/random.ts';
import { type AblationRow, VARIANTS } from './variants.ts';

/** An estimate and its 95% limits. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One variant over all its searches. */
export interface AblationSummary {
  readonly variant: string;
  readonly searches: number;
  /** Planted edges found in a search, mean. */
  readonly edges: number;
  /** Edges found in 100 trials, all searches together. */
  readonly rate: Estimate;
  /** Edges found for a million tokens; null where no model is asked. */
  readonly perMillion: number | null;
  /** The whole search's rate over this one's on the seeds that both played, and its p; null for the whole search itself. */
  readonly against: { readonly ratio: Estimate; readonly p: number; readonly holm: number } | null;
}

const DRAWS = 4000;

type Pair = readonly [whole: AblationRow, other: AblationRow];

/**
 * The table of the ablation. Limits: percentile bootstrap over seeds. p: two-sided, the labels of the two variants swapped within seeds
 * (Fisher's randomization test), corrected over all rows by Holm (1979). `tokens` is what one session costs.
 */
export function summariseAblation(rows: readonly AblationRow[], tokens: number): AblationSummary[] {
  const random = seededRandom('ablation');
  const whole = new Map(rows.filter(({ variant }) => variant === 'whole').map((row) => [row.seed, row]));
  const told = Object.keys(VARIANTS).flatMap((variant) => {
    const own = rows.filter((row) => row.variant === variant);
    if (own.length === 0) return [];
    const pairs = own.flatMap((row): Pair[] => (whole.has(row.seed) ? [[whole.get(row.seed)!, row]] : []));
    const sessions = own.reduce((sum, row) => sum + row.sessions, 0);
    const found = own.reduce((sum, row) => sum + row.found.length, 0);
    return {
      variant,
      searches: own.length,
      edges: found / own.length,
      rate: estimate(own, rateOf, random),
      perMillion: sessions === 0 ? null : (1e6 * found) / (sessions * tokens),
      against:
        variant === 'whole' || pairs.length === 0
          ? null
          : { ratio: estimate(pairs, ratioOf, random), p: swapped(pairs, random), holm: 1 },
    };
  });
  return holm(told);
}

function rateOf(rows: readonly AblationRow[]): number {
  let [found, trials] = [0, 0];
  for (const row of rows) [found, trials] = [found + row.found.length, trials + row.trials];
  return (100 * found) / trials;
}

function ratioOf(pairs: readonly Pair[]): number {
  return rateOf(pairs.map(([whole]) => whole)) / rateOf(pairs.map(([, other]) => other));
}

function estimate<T>(items: readonly T[], of: (items: readonly T[]) => number, random: Random): Estimate {
  const draws = Array.from({ length: DRAWS }, () => of(items.map(() => items[Math.floor(random() * items.length)])));
  draws.sort((a, b) => a - b);
  return { value: of(items), low: draws[0.025 * DRAWS], high: draws[0.975 * DRAWS - 1] };
}

/** The chance of a ratio this far from 1 when the names of the two say nothing. */
function swapped(pairs: readonly Pair[], random: Random): number {
  const far = (ratio: number) => Math.abs(Math.log(ratio));
  const seen = far(ratioOf(pairs));
  let further = 1;
  for (let k = 0; k < DRAWS; k++)
    if (far(ratioOf(pairs.map(([a, b]) => (random() < 0.5 ? [a, b] : [b, a])))) >= seen - 1e-12) further += 1;
  return further / (DRAWS + 1);
}

/** The smallest of m p-values times m, the next times m - 1, and so on, never falling. */
function holm(told: readonly AblationSummary[]): AblationSummary[] {
  const order = told.flatMap(({ against }) => (against ? [against] : [])).toSorted((a, b) => a.p - b.p);
  let least = 0;
  const corrected = new Map(
    order.map((against, k) => {
      least = Math.max(least, Math.min(1, (order.length - k) * against.p));
      return [against, { ...against, holm: least }] as const;
    }),
  );
  return told.map((row) => ({ ...row, against: row.against && corrected.get(row.against)! }));
}
