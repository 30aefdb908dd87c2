import type { CallTool, Drive, RunSession, ToolDefinition, ToolResult } from '../agent/contract.ts';
import type { Seen } from '../forward/row.ts';
import type { StageOutcome } from '../gates/judge.ts';
import type { GateResult, Outcome, Verdict } from '../gates/verdict.ts';
import type { RalphEvent, RunEvent } from '../journal/events.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import type { Coverage } from '../market/coverage.ts';
import type { Directive } from '../search/directive/directive.ts';
import type { ChargedTrial, TaskLedger } from './spending.ts';

/** The parts whose change opens a new segment; each value is a hash or a version. */
export type Provenance = Readonly<Record<string, string>>;

/** What the session is told: the stable prefix and the volatile rest. */
export interface Brief {
  readonly system: string;
  readonly task: string;
  /** Estimated tokens that the digest in it was given; absent where there is none. */
  readonly digestTokens?: number;
  /** Points of a trial's tuning that it shows, as independent curves: charged before the session reads them. */
  readonly shown?: { readonly trial: string; readonly curves: number };
}

/** What a session will have, for its brief to fit it. */
export interface BriefRoom {
  /** The model's window in tokens, as far as it is known. */
  readonly window: number;
  /** Answers that the model may give. */
  readonly turns: number;
}

/** A candidate as the loop sees it: files by name, nothing about what is inside. */
export interface Submission {
  readonly candidate: string;
  readonly family: string;
  readonly hypothesis: string;
  readonly files: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, number>>;
  /** SHA-256 over files and params: equal submissions are equal trials. */
  readonly fingerprint: string;
}

/** What the loop knows of an evaluated trial. In-sample numbers of the tuner (`tuned`) are never shown to a session. */
export interface Evaluation extends Omit<StageOutcome, 'stageMs' | 'selectionSharpe' | 'tuned'> {
  readonly tuned?: StageOutcome['tuned'];
  /** The answer of held-back data, where it was asked. For the harness alone: never shown to a session or a tracker. */
  readonly heldBack?: { readonly passed: boolean; readonly sharpe: number | null };
}

/** The answer for a candidate that gave no numbers. `seconds`: what it took. */
export function unmeasured(outcome: Outcome, gates: readonly GateResult[], seconds: number): Evaluation {
  return { outcome, gates, metrics: {}, score: null, returns: new Float64Array(), fingerprint: null, seconds };
}

export interface TrialResult {
  readonly trial: string;
  readonly submission: Submission;
  readonly evaluation: Evaluation;
}

/** What a task's tool may ask of the loop during a cycle. */
export interface Cycle {
  readonly id: number;
  readonly directive: Directive;
  /** Which of the brief's varied remarks this cycle carries, null for none. */
  readonly nudge: number | null;
  readonly runDir: string;
  /** The human's program.md as it was journaled last: the file may be gone, or edited in the middle of a cycle. */
  readonly program: string;
  /** Every event so far, replayed. */
  readonly events: readonly RunEvent[];
  /** The journal as the brief of this cycle may show it: among several sessions at once, each sees its own part. */
  readonly seen: readonly RunEvent[];
  /**
   * Charges the trials in the journal, evaluates them as one batch, records the results. Throws a RalphError when
   * the cycle has fewer trials left than the batch needs. `signal` ends the evaluation: the trials stay charged and count as crashed.
   */
  runTrials(submissions: readonly Submission[], signal?: AbortSignal): Promise<TrialResult[]>;
  /** Daily returns of a finished trial over the train window; empty when it never got that far. */
  returnsOf(trial: string): Float64Array;
  /** Runs something heavy when a core is free: sessions at once share them. */
  whenFree<T>(step: () => Promise<T>): Promise<T>;
  /** Files of the cycle's folder; replaced whole, not waited for. */
  readFile(name: string): string | undefined;
  writeFile(name: string, content: string): void;
  trialsLeft(): number;
  /** Journals a note, a lesson, an answer to a hint, a refusal. */
  record(event: { type: string } & Record<string, unknown>): void;
}

export interface TaskTool extends ToolDefinition {
  /** `signal`: aborted when the caller wants no answer any more. */
  run(args: Readonly<Record<string, unknown>>, cycle: Cycle, signal?: AbortSignal): Promise<ToolResult>;
  /** Whether it can do anything in this cycle; it is not offered where it cannot. Absent: always. */
  useful?(cycle: Cycle): boolean;
}

/**
 * The contract between loop and subject. Trading is the first task; any command that prints a number is the second.
 */
export interface Task {
  readonly name: string;
  /** Kinds of idea that are known before anything was tried. */
  readonly families: readonly string[];
  /** Folders with data that no agent program may read, absolute; the project's own need no mention. */
  readonly secretFolders?: readonly string[];
  /** Varied remarks that a brief may carry. */
  readonly nudges: number;
  /** Counts what is spent on the task's data; null where nothing outlives a run. */
  readonly ledger: TaskLedger | null;
  provenance(): Promise<Provenance>;
  /** What each window of the data holds; empty where there are no windows. */
  readonly coverage: readonly Coverage[];
  /** Checks at the start of a run (feasibility, canaries). Throws RalphError when the run must not start. */
  preflight(): Promise<void>;
  /** What is journaled before the first cycle of a segment, such as a measured baseline; null where that was done. */
  begin?(events: readonly RunEvent[]): Promise<RalphEvent | null>;
  /** Files of a kept trial are committed in their own places, those of others not at all; else all below `strategies/<tag>`. */
  readonly keptPaths?: boolean;
  brief(cycle: Cycle, room: BriefRoom): Promise<Brief>;
  readonly tools: readonly TaskTool[];
  /** The task on the blocks wire: its system text, the same in every cycle, and what to ask next. Absent: tools only. */
  blocks?(cycle: Cycle, call: CallTool): { readonly system: string; readonly drive: Drive };
  /** Evaluates a batch of charged trials. A fault of the world is thrown as WorldFault. */
  evaluate(submissions: readonly Submission[], context: EvaluationContext): Promise<Evaluation[]>;
  /** The end of a cycle from its trials, and the trial that it rests on (null when there was none). */
  judge(trials: readonly TrialResult[], streak: Streak): Verdict & { readonly trial: string | null };
  /** An earlier trial that this submission would only repeat, or null. Repeats are refused before they are charged. */
  duplicateOf(submission: Submission, events: readonly RunEvent[]): string | null;
  /** A session that proposes without a model, through the same tools. Absent: the task has none. */
  baseline?(name: ProposerName, options: BaselineOptions): RunSession;
  /** Brings the task's own copy of the results up to date, for queries from outside. `run` is the run's own key (see doerOf). Absent: it has none. */
  publish?(rows: readonly ResultRow[], run: string): Promise<void>;
  /**
   * Looks at what the keeps, and that many of the newest discards, do on data that came after their windows; null where nothing is new.
   * Absent: there is no such data.
   */
  forward?(events: readonly RunEvent[], controls: number): Promise<readonly Seen[] | null>;
  close(): Promise<void>;
}

/** Baselines without a model: they draw points of the task's own templates. */
export const PROPOSERS = ['random', 'ga', 'sweep'] as const;
export type ProposerName = (typeof PROPOSERS)[number];

export interface BaselineOptions {
  readonly seed: number;
  readonly events: () => readonly RunEvent[];
  readonly trialsPerCycle: number;
}

/** How many fix and patch cycles in a row have worked on the same candidate. */
export interface Streak {
  readonly fixes: number;
  readonly patches: number;
}

export interface EvaluationContext {
  /** What the batch is judged against: the journal as it stood when the batch was charged. */
  readonly events: readonly RunEvent[];
  /** Name of each submission's trial, and what the ledger said when it was charged. */
  readonly charged: readonly (Pick<ChargedTrial, 'n'> &
    Partial<Pick<ChargedTrial, 'looks' | 'rivals' | 'trainOnly'>> & { readonly trial: string })[];
  /** Daily returns of an earlier trial; empty when it never got that far. */
  returnsOf(trial: string): Float64Array;
  /** Charges a look at held-back data BEFORE it happens and answers its number; `index` is the place in the batch. */
  look(index: number): number | Promise<number>;
  readonly signal: AbortSignal;
}
