import type { EarlierTrial } from '../gates/history.ts';
import type { Charged } from '../journal/verify/heads.ts';

/** Whose trial it is: the run's key, its tag and the trial's name in it. */
export interface TrialDoer {
  readonly run: string;
  readonly tag: string;
  readonly trial: string;
}

/** What the ledger answers to a charge. It goes into `trial.started`, so that reproducing the trial needs no ledger. */
export interface ChargedTrial {
  /** N: trials charged on the same data, this one included, whatever run they were of. */
  readonly n: number;
  readonly looks: number;
  /** Kept candidates of other runs on the same data. */
  readonly rivals: readonly EarlierTrial[];
  /** The ledger's newest line at that time. */
  readonly ledger: { readonly seq: number; readonly hash: string };
  /** Why earlier spending on these data was forgotten. */
  readonly forgotten: readonly string[];
  /** Nothing can be kept any more. */
  readonly trainOnly: boolean;
}

/** What a run's journal says that it has spent, for a ledger that may not know it. */
export type OwnSpending = TrialDoer &
  (
    | { readonly type: 'trial'; readonly fingerprint: string; readonly journal: ChargedTrial['ledger'] }
    | { readonly type: 'begun' | 'look' }
    | { readonly type: 'shown'; readonly curves: number }
    | { readonly type: 'answered'; readonly answer: string; readonly journal: ChargedTrial['ledger'] }
    | { readonly type: 'holdout'; readonly candidate: string; readonly fingerprint: string }
  );

/**
 * What is spent on the task's data, over every run that uses them. A charge is durable before its trial runs; the same one again
 * changes nothing, so that a crash between ledger and journal neither loses nor doubles it. Throws WorldFault while it is out of reach.
 */
export interface TaskLedger {
  /** `taken`: that trial has begun with other code or parameters, in a part of the journal that is gone; nothing is charged. */
  charge(trial: {
    readonly doer: TrialDoer;
    readonly fingerprint: string;
    readonly journal: ChargedTrial['ledger'];
  }): Promise<ChargedTrial | 'taken' | undefined>;
  /** Before trials run, behind the line of the journal that starts each. */
  begin(doers: readonly TrialDoer[]): Promise<void>;
  /** The number of a look at held-back data, from 1. */
  look(doer: TrialDoer): Promise<number>;
  /** Counts in N what a session is shown of a trial's tuning, once a trial. */
  show(doer: TrialDoer, curves: number): Promise<void>;
  /** `sharpe`: annual, over the held-back folds. */
  keep(
    doer: TrialDoer,
    kept: {
      readonly family: string;
      readonly fingerprint: string | null;
      readonly score: number | null;
      readonly sharpe: number | null;
      readonly returns: Float64Array;
    },
  ): Promise<void>;
  /** Enters what a run has spent, where that is missing. Answers where its journal stood at its last charge, and that trial. */
  enter(run: string, own: readonly OwnSpending[]): Promise<Charged | undefined>;
  /** Throws RalphError (exit 2) when a search has chosen on a day that is to be held back now. */
  refuseSeenDays(): Promise<void>;
  /** N, what was forgotten, why nothing can be kept any more (null while something can), and lines on what was spent and what a night of trials costs. */
  outlook(
    night: number,
  ): Promise<
    Pick<ChargedTrial, 'n' | 'forgotten'> & { readonly spent: string | null; readonly lines: readonly string[] }
  >;
  close(): Promise<void>;
}
