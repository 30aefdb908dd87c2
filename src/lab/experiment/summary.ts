import { median } from '../../base/numbers.ts';
import { PLANTED } from './arena.ts';
import { type AblationRow, VARIANTS } from './variants.ts';

/** A mean and its standard error, (n - 1) in the variance; no error for a single value. */
export interface Mean {
  readonly mean: number;
  readonly error: number | null;
}

/** One variant over all its runs. */
export interface AblationSummary {
  readonly variant: string;
  readonly runs: number;
  readonly edges: Mean;
  /** Runs that found each planted edge. */
  readonly byEdge: Readonly<Record<string, number>>;
  /** Runs that found every planted edge. */
  readonly all: number;
  readonly keeps: Mean;
  /** Median of the trials to the first keep; null when half of the runs kept nothing. */
  readonly firstKeep: number | null;
  readonly refused: number;
  readonly requiredSharpe: number | null;
  /** The reference minus this variant on the seeds that both played; null for the reference itself and without a common seed. */
  readonly lost: { readonly seeds: number; readonly edges: Mean; readonly keeps: Mean } | null;
}

/** The table of the ablation: each variant's runs, and what the reference has more of on the same seeds. */
export function summariseAblation(rows: readonly AblationRow[], reference = 'full'): AblationSummary[] {
  const variants = Object.keys(VARIANTS).filter((name) => rows.some(({ variant }) => variant === name));
  const whole = new Map(rows.filter(({ variant }) => variant === reference).map((row) => [row.seed, row]));
  return variants.map((variant) => {
    const own = rows.filter((row) => row.variant === variant);
    const pairs = own.flatMap((row) => (whole.has(row.seed) ? [{ row, full: whole.get(row.seed)! }] : []));
    const needed = own.flatMap(({ requiredSharpe }) => (requiredSharpe === null ? [] : [requiredSharpe]));
    return {
      variant,
      runs: own.length,
      edges: meanOf(own.map(({ found }) => found.length)),
      byEdge: Object.fromEntries(PLANTED.map((edge) => [edge, own.filter(({ found }) => found.includes(edge)).length])),
      all: own.filter(({ found }) => found.length === PLANTED.length).length,
      keeps: meanOf(own.map(({ keeps }) => keeps)),
      firstKeep: medianOf(own.map(({ firstKeep }) => firstKeep ?? Number.POSITIVE_INFINITY)),
      refused: meanOf(own.map(({ refused }) => refused)).mean,
      requiredSharpe: needed.length > 0 ? meanOf(needed).mean : null,
      lost:
        variant === reference || pairs.length === 0
          ? null
          : {
              seeds: pairs.length,
              edges: meanOf(pairs.map(({ row, full }) => full.found.length - row.found.length)),
              keeps: meanOf(pairs.map(({ row, full }) => full.keeps - row.keeps)),
            },
    };
  });
}

function meanOf(values: readonly number[]): Mean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1) / values.length) };
}

function medianOf(values: readonly number[]): number | null {
  const middle = median(values);
  return Number.isFinite(middle) ? middle : null;
}
