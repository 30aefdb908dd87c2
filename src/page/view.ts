/** What the page gets from the harness. Imports nothing, because the browser reads it too. Times are epoch ms UTC, shares fractions. */

export type State = 'running' | 'paused' | 'stopping' | 'killed' | 'ended' | 'empty';

/** Where a run stands: sent whole whenever it changes. */
export interface Overview {
  readonly tag: string;
  /** When this was made. */
  readonly at: number;
  readonly state: State;
  /** When the state began. */
  readonly since: number;
  readonly lastAt: number;
  /** Why the run ended; null while it has not. */
  readonly reason: string | null;
  readonly doing: Doing | null;
  readonly model: string | null;
  /** Whether anything can still be kept, and why (not). */
  readonly keepable: { readonly yes: boolean | null; readonly why: string };
  /** Which held-back days the model may know; null where the run does not say. */
  readonly known: string | null;
  /** Of a run on a project: its number, and whether there is a holdout to it. Null for other tasks. */
  readonly measured: { readonly metric: string; readonly line: string; readonly judged: boolean } | null;
  readonly counts: Readonly<Record<'cycles' | 'trials' | 'keep' | 'discard' | 'crash', number>>;
  readonly keeps: readonly Keep[];
  readonly keepsLeftOut: number;
  readonly bar: {
    /** Annual Sharpe ratio on train that a new trial needs; null where the config cannot be read. */
    readonly requiredSharpe: number | null;
    readonly n: number;
    readonly selection: Looks;
    readonly holdout: Looks;
  };
  readonly budget: readonly BudgetLine[];
  readonly next: { readonly route: string; readonly why: string; readonly search: string | null };
  readonly hints: readonly HintLine[];
  /** What the search asked people and no hint has answered since; null where it waits for nobody. */
  readonly asked: { readonly cycle: number; readonly why: string; readonly at: number } | null;
  /** Names of hint files that no cycle has taken yet. */
  readonly waiting: readonly string[];
  readonly health: Health;
  /** Workers, queue and islands, a line each; empty where the run does all by itself. */
  readonly fleet: readonly string[];
  readonly faults: {
    readonly counts: Readonly<Record<string, number>>;
    readonly last: readonly { readonly at: number; readonly class: string; readonly text: string }[];
  };
  /** Whether `promote` can be asked for here: only while no harness is at work in the run folder. */
  readonly canPromote: boolean;
}

export interface Doing {
  readonly cycle: number;
  readonly step: string;
  readonly directive: string;
  readonly why: string;
  /** The gate that the cycle works on, or that stopped the newest trial. */
  readonly gate: string | null;
  readonly since: number;
}

export interface Keep {
  readonly trial: string;
  readonly family: string;
  /** Its numbers in words. */
  readonly figures: readonly string[];
  /** What the holdout answered; null while it was not opened, or there is none. */
  readonly holdout: string | null;
  readonly provisional: boolean;
  /** What it did since; null where `forward` has recorded nothing. */
  readonly forward: ForwardLine | null;
}

/** What a kept trial, or a control, did behind the last window of its run, when `forward` looked last. */
export interface ForwardLine {
  readonly trial: string;
  readonly role: 'keep' | 'control';
  readonly state: string | null;
  /** UTC dates: when the state began, and when an edge of the promised size is expected to be seen. */
  readonly since: string | null;
  readonly expected: string | null;
  /** Recorded days, and those of them that began after it was kept. */
  readonly days: number;
  readonly unseen: number;
  /** Annual Sharpe ratios: what was promised, and what came. */
  readonly promised: number | null;
  readonly sharpe: number | null;
  /** Over the record, as fractions. */
  readonly return: number | null;
  readonly market: number | null;
  readonly problem: string | null;
}

export interface Looks {
  readonly used: number;
  /** Null when the config cannot be read. */
  readonly left: number | null;
}

export interface BudgetLine {
  readonly name: string;
  readonly spent: number;
  readonly limit: number;
  /** When it is spent at the pace of this start; null where nothing can be said. */
  readonly endsAt: number | null;
}

export interface HintLine {
  readonly id: string;
  readonly text: string;
  readonly state: 'active' | 'dropped' | 'over';
  readonly from: string | null;
  readonly answer: string | null;
  /** Cycles, trials and keeps of the cycles that read it. */
  readonly under: string;
  readonly rest: string;
}

export interface Health {
  readonly wire: string | null;
  readonly turns: number;
  /** Turns that came to nothing, by class. */
  readonly lost: Readonly<Record<string, number>>;
  readonly recoveries: Readonly<Record<string, number>>;
  readonly tokensPerSecond: number | null;
  /** Share of the prompt that the server had seen just before. */
  readonly cache: number | null;
  readonly tokens: number;
  readonly advice: readonly string[];
}

/** One line of the table of trials. */
export interface TrialRow {
  /** Null for a cycle without a trial. */
  readonly trial: string | null;
  readonly cycle: number;
  readonly outcome: 'keep' | 'discard' | 'crash' | 'running';
  readonly route: string | null;
  readonly family: string | null;
  /** The project's own number, else the annual Sharpe ratio on train. */
  readonly value: number | null;
  /** Of a project: the change against the baseline, in words. */
  readonly change: string | null;
  /** The gate that decided. */
  readonly gate: string | null;
  readonly why: string;
  readonly hints: readonly string[];
  readonly holdout: string | null;
}

/** What the stream carries: the rows of changed cycles, each replacing what was known of that cycle. */
export interface RowsMessage {
  readonly cycles: readonly (readonly [cycle: number, rows: readonly TrialRow[]])[];
}

/** Everything about one trial. */
export interface TrialView {
  readonly trial: string;
  readonly cycle: number;
  readonly outcome: string;
  readonly route: string | null;
  readonly family: string;
  readonly candidate: string;
  readonly hypothesis: string;
  readonly refutedIf: string | null;
  readonly directive: string;
  readonly directiveWhy: string;
  readonly lessons: readonly string[];
  readonly summary: string;
  readonly params: Readonly<Record<string, number>>;
  /** Of a universe: what each symbol did on train, best first; null for others. Shares as fractions. */
  readonly symbols:
    | readonly {
        readonly symbol: string;
        readonly profit: number;
        readonly share: number | null;
        readonly turnover: number | null;
        readonly exposure: number;
      }[]
    | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly gates: readonly GateLine[];
  readonly n: number;
  readonly seconds: number | null;
  readonly tokens: number;
  readonly commit: string | null;
  readonly hints: readonly { readonly id: string; readonly text: string }[];
  /** Equity and drawdown at the end of each UTC day of train; null without returns. */
  readonly curve: Curve | null;
  /** The windows of the run, for the eye: only train is drawn. */
  readonly windows: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly holdout: { readonly answer: string; readonly sharpe: number | null; readonly detectable: number } | null;
  /** The Sharpe ratio at selection: shown once the holdout was opened. */
  readonly selectionSharpe: number | null;
  readonly files: readonly CodeFile[];
  readonly parent: string | null;
  /** What the tuner picked and saw; null for a trial without ranges. */
  readonly tuned: TunedView | null;
}

/** What a trial was tuned to: a line a part, and pictures. */
export interface TunedView {
  /** Why it cannot be shown. */
  readonly problem: string | null;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly pictures: readonly Picture[];
}

export interface Picture {
  readonly title: string;
  /** A whole SVG on white, to be shown as an image: there nothing in it can act. */
  readonly svg: string;
}

export interface GateLine {
  readonly gate: string;
  readonly passed: boolean;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly side: 'min' | 'max' | 'none';
  readonly text: string;
}

export interface Curve {
  /** Seconds since the epoch, as the chart wants them. */
  readonly times: readonly number[];
  readonly equity: readonly number[];
  /** 0 or below: the share lost since the highest equity. */
  readonly drawdown: readonly number[];
}

export interface CodeFile {
  readonly name: string;
  readonly text: string;
  /** Lines with their sign against the parent's file; null without a parent. */
  readonly diff: readonly string[] | null;
}
