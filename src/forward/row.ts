import type { Activity, Promised } from './entries.ts';
import type { TrialRecord } from './record.ts';
import type { Standing } from './standing.ts';

/** One trial of `forward --json`. Days are UTC dates, returns fractions, Sharpe ratios annual and net of the market. */
export interface ForwardRow {
  readonly trial: string;
  readonly candidate: string;
  readonly family: string;
  readonly role: 'keep' | 'control';
  /** Null for a control, which promised nothing, and before anything was recorded. */
  readonly state: Standing['state'] | null;
  readonly since: string | null;
  /** When an edge of the promised size is expected to be seen. */
  readonly expected: string | null;
  readonly promise: Promised | null;
  readonly evidence: Standing['evidence'] | null;
  /** First day of the record, and the first that is not in it yet. */
  readonly from: string | null;
  readonly through: string | null;
  readonly days: number;
  readonly added: number;
  /** Recorded days that began after it was kept: nobody can have known their bars. */
  readonly unseen: number;
  readonly return: number | null;
  readonly benchmarkReturn: number | null;
  readonly sharpe: Readonly<Record<'train' | 'folds' | 'holdout' | 'record', number | null>>;
  /** What was traded in each stretch of one account. */
  readonly gap: readonly GapRow[];
  readonly missing: { readonly from: string; readonly to: string } | null;
  /** What moves orders and differs from when it was judged. */
  readonly changed: readonly string[];
  /** Recorded days whose bars were corrected later, and those that a backtest shows otherwise today. What was recorded stays. */
  readonly corrected: number;
  readonly differs: number;
  readonly problem: string | null;
}

export interface GapRow {
  readonly window: Activity['name'];
  readonly days: number;
  readonly fillsAMonth: number;
  readonly tradesAMonth: number;
  readonly exposure: number;
  /** Fees, slippage and funding, in basis points of what was traded. */
  readonly costBps: number | null;
}

/** What a look saw of one trial, and its whole record: null where nothing is recorded. */
export interface Seen {
  readonly row: ForwardRow;
  readonly record: TrialRecord | null;
}
